package import CallModel

/// What a side says of its sound: where it wants it, in which codecs (RFC 8866), as far as telephony needs it.
package struct SDPDescription: Sendable, Hashable {
    /// Which way sound may go, as the side that wrote it sees it.
    package enum Direction: String, Sendable, CaseIterable {
        case both = "sendrecv"
        case send = "sendonly"
        case receive = "recvonly"
        case none = "inactive"

        /// The same, as the other side sees it.
        package var mirrored: Self {
            switch self {
            case .both, .none: self
            case .send: .receive
            case .receive: .send
            }
        }
    }

    /// One codec by its payload type.
    package struct Codec: Sendable, Hashable {
        package var payloadType: UInt8
        package var codec: RTPCodec

        /// Creates a codec by the payload type that we offer it with.
        package init(_ codec: RTPCodec) { self.init(payloadType: codec.offeredType, codec: codec) }

        init(payloadType: UInt8, codec: RTPCodec) {
            self.payloadType = payloadType
            self.codec = codec
        }
    }

    /// A key for what a side sends, and how it is used (RFC 4568).
    package struct Crypto: Sendable, Hashable {
        /// By what the answer names it.
        package var tag: Int
        /// Whether packets bear 32 bits of proof; else 80 (RFC 4568 §6.2).
        package var isShort = false
        /// Key and salt, 30 bytes.
        package var key: [UInt8]

        /// Creates one.
        package init(tag: Int, key: [UInt8], isShort: Bool = false) {
            (self.tag, self.key, self.isShort) = (tag, key, isShort)
        }
    }

    /// The numeric address that sound is to go to.
    package var address: String
    /// Its port; 0 where sound is refused.
    package var port: Int
    /// The codecs that both know, those that are liked best first.
    package var codecs: [Codec]
    /// The payload type of digits; nil where they come as sound.
    package var eventType: UInt8?
    package var direction = Direction.both
    /// Whether the sound has to be encrypted (`RTP/SAVP`).
    package var isSecure = false
    /// The port of its reports, where that is not the next one (RFC 3605).
    package var reportPort: Int?
    /// The keys that the side offers, or the one that it has taken.
    package var crypto: [Crypto] = []
    /// The place of the sound among all media that the other side wrote, and how many there are.
    var index = 0
    var count = 1
    /// The lines `m=` of the other media, which are refused one by one.
    var others: [String] = []

    /// The most bytes of a description.
    package static let longest = 8192

    /// Reads a description; nil where there is no sound in it that can be heard here.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        var session: String?
        var sections: [[Substring]] = []
        var general = Direction.both
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("m=") {
                guard sections.count < 16 else { return nil }
                sections.append([line])
            } else if !sections.isEmpty {
                sections[sections.count - 1].append(line)
            } else if line.hasPrefix("c=") {
                session = Self.address(line)
            } else if line.hasPrefix("a="), let found = Direction(rawValue: String(line.dropFirst(2))) {
                general = found
            }
        }
        guard let place = sections.firstIndex(where: { $0[0].hasPrefix("m=audio ") }) else { return nil }
        let head = sections[place][0].dropFirst(8).split(separator: " ")
        // `m=audio PORT[/N] RTP/AVP 8 0 101`
        guard head.count >= 3, head[1] == "RTP/AVP" || head[1] == "RTP/SAVP",
            let port = Int(head[0].prefix { $0 != "/" }),
            (0...65_535).contains(port)
        else { return nil }
        let types = head[2...].prefix(32).compactMap { UInt8($0) }.filter { $0 < 128 }
        address = session ?? ""
        self.port = port
        codecs = []
        direction = general
        isSecure = head[1] == "RTP/SAVP"
        // The clock of G.722 is said to be 8000, by an old mistake that stands (RFC 3551 §4.5.2).
        var maps: [UInt8: String] = [0: "pcmu/8000", 8: "pcma/8000", 9: "g722/8000"]
        for line in sections[place].dropFirst() {
            if line.hasPrefix("c="), let own = Self.address(line) { address = own }
            guard line.hasPrefix("a=") else { continue }
            let attribute = line.dropFirst(2)
            if let found = Direction(rawValue: String(attribute)) { direction = found }
            if attribute.hasPrefix("crypto:"), crypto.count < 8, let read = Crypto(attribute.dropFirst(7)) {
                crypto.append(read)
            }
            if attribute.hasPrefix("rtcp:") {
                reportPort = attribute.dropFirst(5).split(separator: " ").first.flatMap { Int($0) }
                    .flatMap { (1...65_535).contains($0) ? $0 : nil }
            }
            if attribute.hasPrefix("rtpmap:") {
                let pair = attribute.dropFirst(7).split(separator: " ", maxSplits: 1)
                if pair.count == 2, let type = UInt8(pair[0]) { maps[type] = pair[1].lowercased() }
            }
        }
        guard !address.isEmpty else { return nil }
        for type in types {
            switch maps[type] {
            case "pcma/8000", "pcma/8000/1": codecs.append(Codec(payloadType: type, codec: .aLaw))
            case "pcmu/8000", "pcmu/8000/1": codecs.append(Codec(payloadType: type, codec: .muLaw))
            case "g722/8000", "g722/8000/1": codecs.append(Codec(payloadType: type, codec: .g722))
            // Two channels are written whatever is sent (RFC 7587 §4.1).
            case "opus/48000/2": codecs.append(Codec(payloadType: type, codec: .opus))
            case "telephone-event/8000": eventType = eventType ?? type
            default: break
            }
        }
        index = place
        count = sections.count
        others = sections.enumerated().filter { $0.offset != place }.map { String($0.element[0]) }
        guard !codecs.isEmpty, !isSecure || !crypto.isEmpty || port == 0 else { return nil }
    }

    /// A description of our own.
    package init(address: String, port: Int, codecs: [Codec], eventType: UInt8?, direction: Direction = .both) {
        self.address = address
        self.port = port
        self.codecs = codecs
        self.eventType = eventType
        self.direction = direction
    }

    /// The same with no codecs but these; nil where none is left of a sound that is wanted.
    ///
    /// - Parameter known: those that may be used, in the order in which they are liked; empty for the ordinary ones, as the other side likes them.
    package func limited(to known: [RTPCodec]) -> SDPDescription? {
        var limited = self
        limited.codecs =
            known.isEmpty
            ? codecs.filter { RTPCodec.ordinary.contains($0.codec) }
            : known.flatMap { codec in codecs.filter { $0.codec == codec } }
        guard limited.codecs.isEmpty else { return limited }
        return port == 0 ? self : nil
    }

    /// The answer to this offer: its first codec that is known, digits as it wants them (RFC 3264 §6).
    ///
    /// - Parameter key: our own key, where the offer has one to answer.
    package func answer(address: String, port: Int, key: [UInt8]? = nil) -> SDPDescription {
        var answer = SDPDescription(
            address: address,
            port: port,
            codecs: Array(codecs.prefix(1)),
            eventType: eventType,
            direction: direction.mirrored
        )
        (answer.index, answer.count, answer.others) = (index, count, others)
        answer.isSecure = isSecure
        if let key, let taken = crypto.first {
            answer.crypto = [Crypto(tag: taken.tag, key: key, isShort: taken.isShort)]
        }
        return answer
    }

    /// Whether sound goes another way than by a description before: to another place, in another codec, by other keys.
    ///
    /// Held, it may name no address (RFC 2543 style) or no port: the sound stays where it is.
    package func hasMoved(since before: SDPDescription) -> Bool {
        guard port > 0, address != "0.0.0.0" else { return false }
        return before.address != address || before.port != port || before.crypto != crypto
            || before.codecs.first != codecs.first
    }

    /// The same with where sound went before, where this one names no place for it.
    package func placed(like before: SDPDescription?) -> SDPDescription {
        guard let before, address == "0.0.0.0" else { return self }
        var placed = self
        placed.address = before.address
        // The address that says so is gone: it hears nothing all the same.
        switch placed.direction {
        case .both: placed.direction = .send
        case .receive: placed.direction = .none
        case .send, .none: break
        }
        return placed
    }

    /// Whether the side that wrote it hears nothing: it holds the call (RFC 3264 §8.4, RFC 2543 §B.5).
    package var isHold: Bool { address == "0.0.0.0" || direction == .send || direction == .none }

    /// The numeric address of a line `c=IN IP4 192.0.2.1` (a multicast one has a time behind it, and is none for telephony).
    private static func address(_ line: Substring) -> String? {
        let parts = line.dropFirst(2).split(separator: " ")
        guard parts.count == 3, parts[0] == "IN", parts[1] == "IP4" || parts[1] == "IP6" else { return nil }
        let isAddress =
            parts[2].utf8.count <= 45
            && parts[2].utf8
                .allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
                        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
                }
        return isAddress ? String(parts[2]) : nil
    }

    /// The text, as it goes out.
    ///
    /// - Parameters:
    ///   - session: the number of the session, the same in all that belong to it.
    ///   - version: how often it was changed.
    package func text(session: UInt64, version: UInt64) -> String {
        let family = address.contains(":") ? "IP6" : "IP4"
        var lines = [
            "v=0", "o=gsmbridge \(session) \(version) IN \(family) \(address)", "s=-", "c=IN \(family) \(address)",
            "t=0 0",
        ]
        var rest = others[...]
        for place in 0..<max(1, count) {
            if place != index, let other = rest.popFirst() {
                lines.append(Self.refused(other))
                continue
            }
            let types = codecs.map(\.payloadType) + [eventType].compactMap(\.self)
            lines.append(
                "m=audio \(port) \(isSecure ? "RTP/SAVP" : "RTP/AVP") \(types.map { "\($0)" }.joined(separator: " "))"
            )
            for codec in codecs {
                lines.append("a=rtpmap:\(codec.payloadType) \(codec.codec.name)")
                // The network of modems carries no more than 4 kHz of sound (RFC 7587 §6.1).
                guard codec.codec == .opus else { continue }
                let ours = "maxplaybackrate=8000;sprop-maxcapturerate=8000;stereo=0;useinbandfec=1"
                lines.append("a=fmtp:\(codec.payloadType) \(ours)")
            }
            if let eventType { lines += ["a=rtpmap:\(eventType) telephone-event/8000", "a=fmtp:\(eventType) 0-15"] }
            lines += crypto.map { "a=crypto:\($0)" }
            lines += ["a=ptime:20", "a=\(direction.rawValue)"]
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    /// A line `m=` with port 0.
    private static func refused(_ line: String) -> String {
        var parts = line.split(separator: " ")
        if parts.count > 1 { parts[1] = "0" }
        return parts.joined(separator: " ")
    }
}

extension SDPDescription.Crypto: CustomStringConvertible {
    private static let length = 30

    /// Reads `1 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^31`; nil for what is not known here, such as keys with an index.
    init?(_ text: Substring) {
        let parts = text.split(separator: " ")
        guard parts.count >= 3, let tag = Int(parts[0]), (0...999_999_999).contains(tag), parts[2].hasPrefix("inline:")
        else { return nil }
        let isShort: Bool
        switch parts[1] {
        case "AES_CM_128_HMAC_SHA1_80": isShort = false
        case "AES_CM_128_HMAC_SHA1_32": isShort = true
        default: return nil
        }
        // Parameters of the session change how packets look (RFC 4568 §6.3); none of them is known here.
        let rest = parts[2].dropFirst(7).split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 3, rest.count <= 2, rest.count < 2 || !rest[1].contains(":"),
            let key = Base64.read(rest[0]), key.count == Self.length
        else { return nil }
        self.init(tag: tag, key: key, isShort: isShort)
    }

    /// As the attribute has it.
    package var description: String {
        "\(tag) AES_CM_128_HMAC_SHA1_\(isShort ? "32" : "80") inline:\(Base64.text(key))"
    }
}

extension RTPCodec {
    /// The payload type that we offer it with: the static one (RFC 3551 §6), or one of the dynamic ones (96 to 127).
    package var offeredType: UInt8 {
        switch self {
        case .aLaw: 8
        case .muLaw: 0
        case .g722: 9
        case .opus: 107
        }
    }

    /// What SDP calls it, with its clock; that of G.722 is told wrongly, as all do (RFC 3551 §4.5.2).
    var name: String {
        switch self {
        case .aLaw: "PCMA/8000"
        case .muLaw: "PCMU/8000"
        case .g722: "G722/8000"
        case .opus: "opus/48000/2"
        }
    }
}

/// Base64 (RFC 4648 §4).
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let word = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
            for place in 0..<4 {
                result.append(place <= part.count ? letters[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func read(_ text: Substring) -> [UInt8]? {
        var (result, word, bits): ([UInt8], Int, Int) = ([], 0, 0)
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            guard let value = letters.firstIndex(of: byte) else { return nil }
            word = word << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(word >> bits & 0xFF))
            }
        }
        return result
    }
}
