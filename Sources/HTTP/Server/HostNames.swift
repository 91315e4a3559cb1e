internal import Glibc

/// The names under which a listener may be asked.
///
/// A page of a stranger can have its own name lead to this box, and so make a browser ask it (DNS rebinding). The field
/// `Host` then has the stranger's name. An IP address, `localhost` and a name without a dot can't be such a name.
struct HostNames: Sendable {
    /// In lower case.
    private let names: Set<String>
    /// Whether a name without a dot has to be one of them as well.
    private let isStrict: Bool

    init(_ names: some Sequence<String>, isStrict: Bool = false) {
        self.names = Set(names.map { $0.lowercased() })
        self.isStrict = isStrict
    }

    /// The names of the page: those that are configured, and the box's own.
    static func page(_ names: [String]) -> HostNames { HostNames(names + own + ["localhost"], isStrict: true) }

    /// What this machine is called, without its domain and in its network too (RFC 6762, 3).
    static var own: [String] {
        guard let name = ownName, let short = name.split(separator: ".").first else { return [] }
        return [name, String(short), short + ".local"]
    }

    /// What this machine is called.
    static var ownName: String? {
        // POSIX: at most 255 bytes.
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? nil : name
    }

    /// Whether a request for this host is meant for us (RFC 9110, 7.4); HTTP/1.0 names none.
    func include(_ authority: String?) -> Bool {
        guard let authority else { return true }
        guard let host = Self.host(of: authority) else { return false }
        return !isStrict && !host.contains(".") || host.hasSuffix(".localhost") || names.contains(host)
            || Self.isAddress(host)
    }

    /// The host without its port, in lower case; nil when it is none.
    private static func host(of authority: String) -> String? {
        var text = authority.lowercased()[...]
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<end])
            return isAddress(host) ? host : nil
        }
        if let colon = text.firstIndex(of: ":") {
            guard text[colon...].dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            text = text[..<colon]
        }
        if text.hasSuffix(".") { text.removeLast() }
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }
        return isName && !text.isEmpty ? String(text) : nil
    }

    private static func isAddress(_ host: String) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16)
        return inet_pton(AF_INET, host, &bytes) == 1 || inet_pton(AF_INET6, host, &bytes) == 1
    }
}
