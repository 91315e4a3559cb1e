internal import Crypto
internal import TextCoding
internal import WebPage

/// A file of the page, as it is built into the program.
package struct WebFile: Sendable {
    package let bytes: [UInt8]
    package let type: String
    /// A strong validator (RFC 9110, 8.8.3): the same for the same bytes alone.
    package let tag: String
    /// The same, packed, where that pays: it has a tag of its own, as its bytes are others.
    package let packed: (bytes: [UInt8], tag: String)?

    package init(bytes: [UInt8], type: String) {
        self.bytes = bytes
        self.type = type
        let digits =
            SHA256.hash(data: bytes).prefix(16)
            .map { byte in
                let digits = String(byte, radix: 16)
                return byte < 16 ? "0" + digits : digits
            }
            .joined()
        tag = "\"\(digits)\""
        let packed = Gzip.pack(bytes)
        self.packed = packed.count * 10 < bytes.count * 9 ? (packed, "\"\(digits)-gzip\"") : nil
    }

    /// Whether a browser takes gzip (RFC 9110, 12.5.3).
    package static func isPackedTaken(_ header: String?) -> Bool {
        (header ?? "").prefix(400).split(separator: ",")
            .contains { part in
                let fields = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
                let weight = fields.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
                return fields.first == "gzip" && weight > 0
            }
    }

    /// All of them by name.
    package static let all: [String: WebFile] = {
        var files: [String: WebFile] = [:]
        var count = 0
        guard let first = web_page_files(&count) else { return files }
        for file in UnsafeBufferPointer(start: first, count: count) {
            guard let name = file.name, let bytes = file.bytes else { continue }
            let text = String(cString: name)
            files[text] = WebFile(
                bytes: Array(UnsafeBufferPointer(start: bytes, count: file.count)),
                type: type(of: text)
            )
        }
        return files
    }()

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "json": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "webmanifest": "application/manifest+json"
        case "html": "text/html; charset=utf-8"
        default: "application/octet-stream"
        }
    }
}
