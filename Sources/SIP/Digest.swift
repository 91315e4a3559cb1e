internal import Crypto

/// What a far end sends to prove who it is (RFC 3261 §22, RFC 2617 §3.2.2).
struct DigestCredentials: Hashable {
    var user: String
    var realm: String
    var nonce: String
    var uri: String
    var response: String
    /// The count and the far end's own nonce, with quality of protection `auth`; nil without (RFC 2069).
    var protection: Protection?

    struct Protection: Hashable {
        var count: UInt32
        var countText: String
        var clientNonce: String
    }

    /// Reads the parameters of the header, each `name=value`; nil where one is missing or says what is not known here.
    init?(_ parameters: [String]) {
        var values: [String: String] = [:]
        for parameter in parameters.prefix(32) {
            guard let equals = parameter.firstIndex(of: "=") else { return nil }
            let name = parameter[..<equals].lowercased()
            guard values.updateValue(Self.unquoted(parameter[parameter.index(after: equals)...]), forKey: name) == nil
            else { return nil }
        }
        guard let user = values["username"], let realm = values["realm"], let nonce = values["nonce"],
            let uri = values["uri"], let response = values["response"]
        else { return nil }
        if let algorithm = values["algorithm"], algorithm.uppercased() != "MD5" { return nil }
        (self.user, self.realm, self.nonce, self.uri, self.response) = (user, realm, nonce, uri, response.lowercased())
        guard let quality = values["qop"] else { return }
        guard quality.lowercased() == "auth", let text = values["nc"], text.utf8.count == 8,
            let count = UInt32(text, radix: 16), let client = values["cnonce"]
        else { return nil }
        protection = Protection(count: count, countText: text, clientNonce: client)
    }

    /// A value without its quotes, and without the backslashes in them.
    private static func unquoted(_ text: Substring) -> String {
        guard text.utf8.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if !isEscaped, character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }

    /// Whether it was made for a request to this user at this host; ports and parameters are left aside.
    ///
    /// Some name the host alone (SIPp does), which is taken: each proof is good once.
    func isFor(user: String?, host: String?) -> Bool {
        // A name of a service has neither.
        if let host, uri.lowercased() == host.lowercased() { return true }
        // A number without a place (RFC 3966) has no host, and its parameters are none of the user.
        if host == nil, uri.lowercased().hasPrefix("tel:") {
            return Self.plain(uri.dropFirst(4).prefix { $0 != ";" }) == Self.plain(user ?? "")
        }
        var rest = uri[...]
        if let colon = rest.firstIndex(of: ":"), ["sip", "sips"].contains(rest[..<colon].lowercased()) {
            rest = rest[rest.index(after: colon)...]
        }
        // A user may have parameters of its own (RFC 3966): what stands before `@` is all of it.
        var named: Substring?
        if let at = rest.firstIndex(of: "@") {
            named = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        rest = rest.prefix { $0 != ";" && $0 != "?" }
        // A user may have a password behind it, and an IPv6 address is in brackets.
        if let place = rest.lastIndex(of: ":"), rest.last != "]" { rest = rest[..<place] }
        let isUser = named.map { Self.plain($0) == Self.plain(user ?? "") } ?? true
        return isUser && rest.lowercased() == (host ?? "").lowercased()
    }

    /// A user with its percent signs undone: one has many forms (RFC 3261 §19.1.4).
    private static func plain(_ user: some StringProtocol) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(user.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                rest = rest.dropFirst(2)
                bytes.append(value)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// Whether the password is the one that the response was made with; takes as long for a wrong one.
    func proves(_ password: String, method: String) -> Bool {
        let first = Self.hash("\(user):\(realm):\(password)")
        let second = Self.hash("\(method):\(uri)")
        let middle = protection.map { "\(nonce):\($0.countText):\($0.clientNonce):auth" } ?? nonce
        let wanted = Array(Self.hash("\(first):\(middle):\(second)").utf8)
        let given = Array(response.utf8)
        guard wanted.count == given.count else { return false }
        return zip(wanted, given).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    static func hash(_ text: String) -> String { Insecure.MD5.hash(data: Array(text.utf8)).hexadecimal }
}

extension Sequence<UInt8> {
    /// The bytes as hexadecimal digits.
    var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// Makes nonces that need no memory: the time of their making, and what proves that they are ours.
struct NonceMaker {
    /// How long a nonce is good for.
    static let lifetime = Duration.seconds(60)

    private let key = SymmetricKey(size: .bits256)
    private let start: ContinuousClock.Instant
    private var count: UInt16 = 0

    init(at start: ContinuousClock.Instant) { self.start = start }

    /// A nonce for requests from an address; no other is the same, as a PBX may send for many numbers at once.
    mutating func make(for source: String, at now: ContinuousClock.Instant) -> String {
        count &+= 1
        let head = String(Int((now - start) / .milliseconds(1)), radix: 16) + "-" + String(count, radix: 16)
        return head + "." + proof(head, source)
    }

    /// How a nonce stands.
    enum Verdict { case good, old, foreign }

    func judge(_ nonce: String, of source: String, at now: ContinuousClock.Instant) -> Verdict {
        let parts = nonce.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int(parts[0].prefix { $0 != "-" }, radix: 16),
            isSame(proof(String(parts[0]), source), String(parts[1]))
        else { return .foreign }
        let age = (now - start) - .milliseconds(milliseconds)
        return (.zero...Self.lifetime).contains(age) ? .good : .old
    }

    /// Takes as long for any difference.
    private func isSame(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && zip(one.utf8, other.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func proof(_ head: String, _ source: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Array("\(head) \(source)".utf8), using: key).prefix(12).hexadecimal
    }
}
