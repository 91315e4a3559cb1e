internal import Crypto
package import FoundationEssentials
internal import Glibc

/// An authority of this box alone, and certificates that it signs for the box's names (RFC 5280).
///
/// Browsers give a page the microphone, and cookies that no network can read, over TLS only. Who puts the authority's
/// certificate into their devices trusts anyone who has its key, for the box's names and for private addresses alone
/// (name constraints: RFC 5280, 4.2.1.10).
package struct BoxAuthority: Sendable {
    /// The days that an authority is good for.
    package static let life = 3650
    /// The days that a certificate is good for; Apple's systems take at most 825 (support.apple.com/103769).
    package static let certificateLife = 820

    private let key: P256.Signing.PrivateKey
    private let name: [UInt8]
    /// The certificate in PEM.
    package let certificate: String

    /// The key in PEM (PKCS #8).
    package var privateKey: String { key.pemRepresentation + "\n" }

    /// Makes a new authority.
    ///
    /// - Parameters:
    ///   - box: what the box is called.
    ///   - names: the names and addresses that it may sign for, beside private addresses.
    ///   - now: the time.
    package init(box: String, names: [String], now: Date) throws {
        key = P256.Signing.PrivateKey()
        name = DER.name("gsmbridge \(box) authority")
        certificate = try DER.certificate(
            issuer: name,
            subject: name,
            key: key.publicKey,
            from: now.addingTimeInterval(-86_400),
            until: now.addingTimeInterval(Double(Self.life) * 86_400),
            extensions: [
                // CA, with nothing below its certificates.
                DER.extension([0x55, 0x1D, 0x13], isCritical: true, DER.sequence(DER.yes, DER.tagged(0x02, [0]))),
                // keyCertSign and cRLSign.
                DER.extension([0x55, 0x1D, 0x0F], isCritical: true, [0x03, 0x02, 0x01, 0x06]),
                DER.extension([0x55, 0x1D, 0x0E], DER.tagged(0x04, DER.identifier(of: key.publicKey))),
                DER.extension(
                    Self.constraints,
                    isCritical: true,
                    DER.sequence(DER.tagged(0xA0, Self.privateRanges.flatMap(\.self) + names.flatMap(Self.subtree)))
                ),
            ],
            signer: key
        )
    }

    /// Takes one up that was made before.
    ///
    /// - Throws: where its key can't be read.
    package init(box: String, certificate: String, privateKey: String) throws {
        key = try P256.Signing.PrivateKey(pemRepresentation: privateKey)
        name = DER.name("gsmbridge \(box) authority")
        self.certificate = certificate
    }

    /// Signs a certificate for some names and addresses; returns it and its key in PEM.
    package func certificate(for names: [String], now: Date) throws -> (certificate: String, privateKey: String) {
        let own = P256.Signing.PrivateKey()
        let alternatives = names.flatMap { name in
            // dNSName and iPAddress of GeneralName.
            Self.address(name).map { DER.tagged(0x87, $0) } ?? DER.tagged(0x82, Array(name.utf8))
        }
        let text = try DER.certificate(
            issuer: name,
            subject: DER.name(names.first ?? "gsmbridge"),
            key: own.publicKey,
            from: now.addingTimeInterval(-86_400),
            until: now.addingTimeInterval(Double(Self.certificateLife) * 86_400),
            extensions: [
                DER.extension([0x55, 0x1D, 0x13], isCritical: true, DER.sequence()),
                // digitalSignature.
                DER.extension([0x55, 0x1D, 0x0F], isCritical: true, [0x03, 0x02, 0x07, 0x80]),
                // serverAuth.
                DER.extension(
                    [0x55, 0x1D, 0x25],
                    DER.sequence(DER.tagged(0x06, [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]))
                ),
                DER.extension([0x55, 0x1D, 0x11], DER.tagged(0x30, alternatives)),
                DER.extension([0x55, 0x1D, 0x0E], DER.tagged(0x04, DER.identifier(of: own.publicKey))),
                DER.extension([0x55, 0x1D, 0x23], DER.sequence(DER.tagged(0x80, DER.identifier(of: key.publicKey)))),
            ],
            signer: key
        )
        return (text, own.pemRepresentation + "\n")
    }

    // MARK: What it may sign for

    /// id-ce-nameConstraints.
    private static let constraints: [UInt8] = [0x55, 0x1D, 0x1E]

    /// Addresses that belong to no host of the internet (RFC 1918, 3927, 4193, 4291, 6598).
    private static let privateRanges: [[UInt8]] = [
        range([10], 8, 4), range([172, 16], 12, 4), range([192, 168], 16, 4), range([127], 8, 4),
        range([169, 254], 16, 4), range([100, 64], 10, 4), range([0xFC], 7, 16), range([0xFE, 0x80], 10, 16),
    ]

    /// A range of addresses: the first bytes, how many bits count, how many bytes there are.
    private static func range(_ start: [UInt8], _ bits: Int, _ count: Int) -> [UInt8] {
        let mask = (0..<count)
            .map { index in
                let own = min(8, max(0, bits - index * 8))
                return UInt8(truncatingIfNeeded: 0xFF00 >> own)
            }
        return DER.sequence(DER.tagged(0x87, start + [UInt8](repeating: 0, count: count - start.count) + mask))
    }

    /// A name with all below it, or one address, as a GeneralSubtree.
    private static func subtree(_ name: String) -> [UInt8] {
        address(name).map { range($0, $0.count * 8, $0.count) } ?? DER.sequence(DER.tagged(0x82, Array(name.utf8)))
    }

    /// Whether certificates of this authority hold for a name or an address; those of one without constraints always do.
    package func permits(_ name: String) -> Bool {
        let lines = certificate.split(separator: "\n").filter { !$0.hasPrefix("-----") }
        guard let bytes = Data(base64Encoded: lines.joined()) else { return false }
        guard bytes.firstRange(of: DER.tagged(0x06, Self.constraints)) != nil else { return true }
        if let address = Self.address(name) {
            if bytes.firstRange(of: Self.subtree(name)) != nil { return true }
            return Self.privateRanges.contains { range in
                // Sequence and octets have a byte of tag and of length each.
                let (start, mask) = (range.dropFirst(4).prefix(address.count), range.suffix(address.count))
                return range.count == 4 + 2 * address.count
                    && zip(address, zip(start, mask)).allSatisfy { $0 & $1.1 == $1.0 }
            }
        }
        let labels = name.split(separator: ".")
        return labels.indices.contains {
            bytes.firstRange(of: Self.subtree(labels[$0...].joined(separator: "."))) != nil
        }
    }

    /// The bytes of an IP address; nil for a name.
    private static func address(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }
}

/// What of DER (ITU-T X.690) a certificate is made of.
private enum DER {
    static let yes: [UInt8] = [0x01, 0x01, 0xFF]
    /// ecdsa-with-SHA256 (RFC 5758, 3.2).
    private static let algorithm = sequence(tagged(0x06, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]))

    static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        if content.count < 0x80 { return [tag, UInt8(content.count)] + content }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, parts.flatMap(\.self)) }

    /// A name with a common name alone.
    static func name(_ text: String) -> [UInt8] {
        // ub-common-name (RFC 5280, A.1), and no character in two.
        var short = text
        while short.utf8.count > 64 { short.removeLast() }
        return sequence(tagged(0x31, sequence(tagged(0x06, [0x55, 0x04, 0x03]), tagged(0x0C, Array(short.utf8)))))
    }

    static func `extension`(_ id: [UInt8], isCritical: Bool = false, _ value: [UInt8]) -> [UInt8] {
        sequence(tagged(0x06, id), isCritical ? yes : [], tagged(0x04, value))
    }

    /// What a key is called in others' certificates (RFC 7093, 2, method 1).
    static func identifier(of key: P256.Signing.PublicKey) -> [UInt8] {
        Array(SHA256.hash(data: key.x963Representation).prefix(20))
    }

    static func certificate(
        issuer: [UInt8],
        subject: [UInt8],
        key: P256.Signing.PublicKey,
        from start: Date,
        until end: Date,
        extensions: [[UInt8]],
        signer: P256.Signing.PrivateKey
    ) throws -> String {
        // Positive, as the first bit is not set, and 126 bits of chance (RFC 5280, 4.1.2.2).
        let serial = [UInt8.random(in: 0x40...0x7F)] + (0..<15).map { _ in UInt8.random(in: 0...255) }
        let content = sequence(
            tagged(0xA0, tagged(0x02, [2])),
            tagged(0x02, serial),
            algorithm,
            issuer,
            sequence(time(start), time(end)),
            subject,
            Array(key.derRepresentation),
            tagged(0xA3, tagged(0x30, extensions.flatMap(\.self)))
        )
        let signature = try signer.signature(for: content)
        let bytes = sequence(content, algorithm, tagged(0x03, [0] + Array(signature.derRepresentation)))
        let lines = Data(bytes).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN CERTIFICATE-----\n\(lines)\n-----END CERTIFICATE-----\n"
    }

    /// UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5).
    private static func time(_ date: Date) -> [UInt8] {
        let digits = date.formatted(Date.ISO8601FormatStyle()).filter { $0.isNumber }
        return digits < "2050"
            ? tagged(0x17, Array((digits.dropFirst(2) + "Z").utf8)) : tagged(0x18, Array((digits + "Z").utf8))
    }
}
