internal import Crypto
internal import Glibc

/// A certificate and its key as the stack wants them: in one file of a directory.
enum PEMFiles {
    /// The most bytes of each of the two.
    private static let longest = 256 * 1024

    /// Writes both into `agent.pem` of a directory of our own, and gives that directory, and what tells one pair from another.
    ///
    /// - Throws: what can't be read or written, in one line.
    static func join(
        certificate: String,
        key: String,
        in directory: String
    ) throws(PEMError) -> (directory: String, revision: [UInt8]) {
        let place = "\(directory)/tls"
        for path in [directory, place] { mkdir(path, 0o700) }
        let text = try read(key) + [0x0A] + read(certificate) + [0x0A]
        let path = "\(place)/agent.pem"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw PEMError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        guard write(file, text, text.count) == text.count else {
            throw PEMError("\(path): \(String(cString: strerror(errno)))")
        }
        return (place, Array(SHA256.hash(data: text)))
    }

    private static func read(_ path: String) throws(PEMError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw PEMError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: longest)
        var count = 0
        while count < longest {
            let got = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress?.advanced(by: count), longest - count)
            }
            guard got >= 0 else { throw PEMError("\(path): \(String(cString: strerror(errno)))") }
            if got == 0 { break }
            count += got
        }
        guard String(decoding: bytes[..<count], as: UTF8.self).contains("-----BEGIN") else {
            throw PEMError("\(path) is no PEM file")
        }
        return Array(bytes[..<count])
    }
}

/// Why a certificate can't be used, in one line.
struct PEMError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
