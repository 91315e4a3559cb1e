/// A message in the store of a card or a modem (27.005 §3.4.2, §3.4.3).
package struct StoredMessage: Sendable, Hashable {
    /// Its place in the store; nil where the answer does not tell.
    package var place: Int?
    /// Whether it came from the network, read or unread, as against one that was written here (states 2 and 3).
    package var isReceived: Bool
    /// Its octets in hexadecimal digits.
    package var octets: String
    /// Whether there are as many as the line before says; a line that lost bytes on its way has fewer.
    package var isWhole = true

    /// Reads the answer to `AT+CMGL`; an entry without octets is left out.
    package static func list(_ lines: [ATLine]) -> [StoredMessage] { read(lines, name: "+CMGL", hasPlace: true) }

    /// Reads the answer to `AT+CMGR`; nil for an empty place.
    package static func entry(_ lines: [ATLine]) -> StoredMessage? {
        read(lines, name: "+CMGR", hasPlace: false).first
    }

    /// Whether octets are as many as `<length>` says, which counts them without the service centre's number (27.005 §3.1).
    private static func isWhole(_ octets: String, length: Int?) -> Bool {
        guard let length, let centre = Int(octets.prefix(2), radix: 16) else { return true }
        return octets.utf8.count >= 2 * (1 + centre + length)
    }

    private static func read(_ lines: [ATLine], name: StaticString, hasPlace: Bool) -> [StoredMessage] {
        var messages: [StoredMessage] = []
        var header: (place: Int?, state: Int, length: Int?)?
        for line in lines {
            let fields: (place: Int?, state: Int, length: Int?)? = line.withBytes { bytes in
                guard let body = bytes.body(of: name) else { return nil }
                let fields = Fields(body)
                return hasPlace
                    ? (fields[0].int, fields[1].int ?? 1, fields[3].int) : (nil, fields[0].int ?? 1, fields[2].int)
            }
            if let fields {
                header = fields
            } else if line.isOctets, let head = header {
                var message = StoredMessage(place: head.place, isReceived: head.state < 2, octets: line.text)
                message.isWhole = Self.isWhole(line.text, length: head.length)
                messages.append(message)
                header = nil
            }
        }
        return messages
    }
}

/// How full a store is: the first pair of the answer to `AT+CPMS=…` (27.005 §3.2.2).
package struct StoreUsage: Sendable, Hashable {
    /// How many messages are in it.
    package var used: Int
    /// How many it has places for.
    package var places: Int

    /// Reads `+CPMS: <used>,<total>,…`; nil for anything else.
    package init?(_ line: ATLine) {
        let read: (Int, Int)? = line.withBytes { bytes in
            guard let body = bytes.body(of: "+CPMS") else { return nil }
            let fields = Fields(body)
            guard let used = fields[0].int, let places = fields[1].int, used >= 0, places >= 0 else { return nil }
            return (used, places)
        }
        guard let read else { return nil }
        (used, places) = read
    }

    /// The names in the first bracket of the answer to `AT+CPMS=?`.
    package static func names(_ line: ATLine) -> [String] {
        guard line.hasPrefix("+CPMS:"), let open = line.text.firstIndex(of: "("),
            let close = line.text[open...].firstIndex(of: ")")
        else { return [] }
        return line.text[open..<close].split(separator: "\"").map(String.init)
            .filter { $0.utf8.count == 2 && $0.utf8.allSatisfy(\.isLetter) }
    }
}

/// What the network says in a session of USSD (27.007 §7.15).
package struct ServiceReport: Sendable, Hashable {
    /// How the session stands then.
    package enum State: Int, Sendable, Hashable {
        /// Nothing is waited for; the session is over.
        case done = 0
        /// The network waits for an answer.
        case asks = 1
        /// The network has ended it.
        case ended = 2
        /// Another client has answered.
        case otherClient = 3
        /// It is not supported.
        case notSupported = 4
        /// The network did not answer in time.
        case timedOut = 5
    }

    /// How the session stands then; nil for a number that the standard does not know.
    package var state: State?
    /// The text as it was written.
    package var text: String?
    /// How the text is coded (23.038 §5).
    package var coding: UInt8?

    /// Reads `+CUSD: <state>[,<text>,<coding>]`; nil for anything else.
    package init?(_ line: ATLine) {
        let report: ServiceReport? = line.withBytes { bytes in
            guard let body = bytes.body(of: "+CUSD") else { return nil }
            return ServiceReport(body)
        }
        guard let report else { return nil }
        self = report
    }

    private init?(_ body: Bytes) {
        let first = Fields(body)[0]
        guard let number = first.int else { return nil }
        state = State(rawValue: number)
        // A text may have quotes and commas in it: it goes to the last quote.
        if let open = body.firstIndex(of: .quote) {
            let close = body.lastIndex(of: .quote) ?? open
            text = close > open ? Bytes(rebasing: body[(open + 1)..<close]).string : body.from(open + 1).string
            coding = close > open ? Fields(body.from(close + 1))[1].int.flatMap { UInt8(exactly: $0) } : nil
        } else {
            // Some leave the quotes out (gammu's dump of an E160).
            let fields = Fields(body)
            text = fields[1].text
            coding = fields[2].int.flatMap { UInt8(exactly: $0) }
        }
    }
}
