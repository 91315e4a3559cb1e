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
        package var codec: G711

        /// Creates a codec by its static payload type.
        package init(_ codec: G711) { self.init(payloadType: codec.payloadType, codec: codec) }

        init(payloadType: UInt8, codec: G711) {
            self.payloadType = payloadType
            self.codec = codec
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
        guard head.count >= 3, head[1] == "RTP/AVP", let port = Int(head[0].prefix { $0 != "/" }),
            (0...65_535).contains(port)
        else { return nil }
        let types = head[2...].prefix(32).compactMap { UInt8($0) }.filter { $0 < 128 }
        address = session ?? ""
        self.port = port
        codecs = []
        direction = general
        var maps: [UInt8: String] = [0: "pcmu/8000", 8: "pcma/8000"]
        for line in sections[place].dropFirst() {
            if line.hasPrefix("c="), let own = Self.address(line) { address = own }
            guard line.hasPrefix("a=") else { continue }
            let attribute = line.dropFirst(2)
            if let found = Direction(rawValue: String(attribute)) { direction = found }
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
            case "telephone-event/8000": eventType = eventType ?? type
            default: break
            }
        }
        index = place
        count = sections.count
        others = sections.enumerated().filter { $0.offset != place }.map { String($0.element[0]) }
        guard !codecs.isEmpty else { return nil }
    }

    /// A description of our own.
    package init(address: String, port: Int, codecs: [Codec], eventType: UInt8?, direction: Direction = .both) {
        self.address = address
        self.port = port
        self.codecs = codecs
        self.eventType = eventType
        self.direction = direction
    }

    /// The answer to this offer: its first codec that is known, digits as it wants them (RFC 3264 §6).
    package func answer(address: String, port: Int) -> SDPDescription {
        var answer = SDPDescription(
            address: address,
            port: port,
            codecs: Array(codecs.prefix(1)),
            eventType: eventType,
            direction: direction.mirrored
        )
        (answer.index, answer.count, answer.others) = (index, count, others)
        return answer
    }

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
            lines.append("m=audio \(port) RTP/AVP \(types.map { "\($0)" }.joined(separator: " "))")
            lines += codecs.map { "a=rtpmap:\($0.payloadType) \($0.codec.name)/8000" }
            if let eventType { lines += ["a=rtpmap:\(eventType) telephone-event/8000", "a=fmtp:\(eventType) 0-15"] }
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
