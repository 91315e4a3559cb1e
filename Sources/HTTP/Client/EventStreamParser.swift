/// Takes a stream of Server-Sent Events apart (WHATWG HTML, 9.2.6), however its bytes are cut into pieces.
struct EventStreamParser: Sendable {
    /// One event as it was sent.
    struct Message: Sendable, Hashable {
        var id: String?
        var name: String
        var data: [UInt8]
    }

    /// Longer than any event that the service sends.
    static let longest = 1 << 20

    /// Whether something came that is longer than ``longest``; then nothing more comes out.
    private(set) var isOverlong = false

    private var line: [UInt8] = []
    private var isBehindReturn = false
    private var id: String?
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false

    /// Takes the next bytes; returns the events that they complete.
    mutating func consume(_ bytes: some Sequence<UInt8>) -> [Message] {
        var messages: [Message] = []
        for byte in bytes where !isOverlong {
            let wasBehindReturn = isBehindReturn
            isBehindReturn = byte == 0x0D
            switch byte {
            case 0x0A where wasBehindReturn: break
            case 0x0A, 0x0D:
                if let message = endLine() { messages.append(message) }
            default:
                line.append(byte)
                isOverlong = line.count + data.count > Self.longest
            }
        }
        return messages
    }

    private mutating func endLine() -> Message? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == 0x20 { value.removeFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "id": id = String(decoding: value, as: UTF8.self)
        case "event": name = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(0x0A) }
            data += value
            hasData = true
        // Everything else, comments included, means nothing here.
        default: break
        }
        return nil
    }

    private mutating func endEvent() -> Message? {
        defer {
            id = nil
            name = ""
            data = []
            hasData = false
        }
        return hasData ? Message(id: id, name: name, data: data) : nil
    }
}
