internal import Crypto
package import TextCoding

/// A challenge of HTTP Digest (RFC 7616), with MD5 or SHA-256 and `qop=auth`.
package struct DigestChallenge: Sendable, Equatable {
    /// The hash functions that are understood; the raw values are those of the header.
    package enum Algorithm: String, Sendable, CaseIterable {
        case md5 = "MD5"
        case sha256 = "SHA-256"

        package func hash(_ text: String) -> String {
            switch self {
            case .md5: HexText.encode(Insecure.MD5.hash(data: Array(text.utf8)))
            case .sha256: HexText.encode(SHA256.hash(data: Array(text.utf8)))
            }
        }
    }

    package let realm: String
    package let nonce: String
    package let opaque: String?
    package let algorithm: Algorithm
    /// Whether `qop=auth` is offered; old servers offer none (RFC 2069).
    package let hasQuality: Bool

    /// Reads the values of `WWW-Authenticate`, SHA-256 before MD5; nil when none of them can be answered.
    package init?(_ headers: [String]) {
        let challenges = headers.compactMap { Self.read($0) }
        guard let best = challenges.first(where: { $0.algorithm == .sha256 }) ?? challenges.first else { return nil }
        self = best
    }

    private init(realm: String, nonce: String, opaque: String?, algorithm: Algorithm, hasQuality: Bool) {
        self.realm = realm
        self.nonce = nonce
        self.opaque = opaque
        self.algorithm = algorithm
        self.hasQuality = hasQuality
    }

    private static func read(_ header: String) -> DigestChallenge? {
        guard header.utf8.count <= 4096, header.lowercased().hasPrefix("digest ") else { return nil }
        let fields = parameters(Array(header.utf8.dropFirst(7)))
        guard let realm = fields["realm"], let nonce = fields["nonce"], isQuotable(realm), isQuotable(nonce) else {
            return nil
        }
        guard let algorithm = Algorithm(rawValue: (fields["algorithm"] ?? "MD5").uppercased()) else { return nil }
        let qualities = fields["qop"]?.split(separator: ",").map { $0.filter { $0 != " " }.lowercased() }
        if let qualities, !qualities.contains("auth") { return nil }
        let opaque = fields["opaque"].flatMap { isQuotable($0) ? $0 : nil }
        return DigestChallenge(
            realm: realm,
            nonce: nonce,
            opaque: opaque,
            algorithm: algorithm,
            hasQuality: qualities != nil
        )
    }

    /// Values go into our own header between quotes.
    private static func isQuotable(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    /// `name=value` and `name="value"`, separated by commas.
    private static func parameters(_ bytes: [UInt8]) -> [String: String] {
        var result: [String: String] = [:]
        var index = 0
        while index < bytes.count {
            while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x2C || bytes[index] == 0x09 {
                index += 1
            }
            let start = index
            while index < bytes.count, bytes[index] != UInt8(ascii: "="), bytes[index] != 0x2C { index += 1 }
            let name = String(decoding: bytes[start..<index], as: UTF8.self).lowercased().filter { $0 != " " }
            guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { continue }
            index += 1
            var value: [UInt8] = []
            if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                    if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
                    value.append(bytes[index])
                    index += 1
                }
                index += 1
            } else {
                while index < bytes.count, bytes[index] != 0x2C, bytes[index] != 0x20 {
                    value.append(bytes[index])
                    index += 1
                }
            }
            if result[name] == nil { result[name] = String(decoding: value, as: UTF8.self) }
        }
        return result
    }

    /// The value of `Authorization` for a request.
    ///
    /// - Parameters:
    ///   - method: its method.
    ///   - target: its path and query.
    ///   - user: who we are.
    ///   - password: the password.
    ///   - clientNonce: chance of our own.
    package func authorization(
        method: String,
        target: String,
        user: String,
        password: Secret,
        clientNonce: String
    ) -> String {
        let secret = algorithm.hash("\(user):\(realm):\(password.reveal())")
        let request = algorithm.hash("\(method):\(target)")
        let count = "00000001"
        let middle = hasQuality ? "\(nonce):\(count):\(clientNonce):auth" : nonce
        let response = algorithm.hash("\(secret):\(middle):\(request)")
        var parts = [
            "username=\"\(Self.escape(user))\"", "realm=\"\(realm)\"", "nonce=\"\(nonce)\"", "uri=\"\(target)\"",
            "response=\"\(response)\"", "algorithm=\(algorithm.rawValue)",
        ]
        if hasQuality { parts += ["qop=auth", "nc=\(count)", "cnonce=\"\(clientNonce)\""] }
        if let opaque { parts.append("opaque=\"\(opaque)\"") }
        return "Digest " + parts.joined(separator: ", ")
    }

    private static func escape(_ text: String) -> String {
        text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    }
}
