/// Reads arbitrary bytes as a stream of server-sent events: how they are cut makes no difference, and nothing is kept
/// beyond the limit.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEvents(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 1 else { return 0 }
    let bytes = UnsafeBufferPointer(start: data, count: size)
    let length = 1 + Int(bytes[0]) % 31
    let stream = Array(bytes.dropFirst())
    var parser = EventStreamParser()
    let whole = parser.consume(stream)
    demand(messages(stream, length: 1) == whole, "reading byte by byte changes the events")
    demand(messages(stream, length: length) == whole, "reading in pieces changes the events")
    for message in whole {
        demand(message.data.count <= EventStreamParser.longest, "an event is too long")
        // Line ends of the data are line feeds alone; a field's value has none.
        demand(!message.data.contains(0x0D), "a return in the data")
        demand(!message.name.utf8.contains { $0 == 0x0A || $0 == 0x0D }, "a line end in a name")
        demand(!(message.id ?? "").utf8.contains { $0 == 0x0A || $0 == 0x0D }, "a line end in an id")
    }
    return 0
}

private func messages(_ stream: [UInt8], length: Int) -> [EventStreamParser.Message] {
    var parser = EventStreamParser()
    var messages: [EventStreamParser.Message] = []
    var rest = stream[...]
    while !rest.isEmpty {
        messages += parser.consume(rest.prefix(length))
        rest = rest.dropFirst(length)
    }
    return messages
}

private func demand(_ isTrue: Bool, _ message: StaticString) {
    if !isTrue { fatalError("\(message)") }
}
