/// Reads arbitrary octets as what a modem hands over of the network: nothing traps, and a text that is sent again is read
/// again as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMessages(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 0 else { return 0 }
    let octets = Array(UnsafeBufferPointer(start: data, count: size))
    let line = octets.hex
    demand([UInt8](hex: line) == octets, "hexadecimal digits change the octets")
    _ = USSDText.decode(line, coding: octets.first, isPacked: octets.count & 1 == 0)
    _ = USSDText.decode(String(decoding: octets, as: UTF8.self), coding: octets.last, isPacked: false)
    guard case .deliver(let message)? = try? ReceivedTPDU(line: line), let text = message.userData.text else {
        return 0
    }
    demand(text.utf16.count <= 160, "a part has more than a part can have")
    guard let sent = try? OutgoingMessage(text, to: "1", reference: 1, wantsReport: false) else { return 0 }
    demand(sent.parts.count <= 3, "a part takes too many parts")
    for part in sent.parts {
        demand(part.length <= 160 && part.line.utf8.count == 2 * part.length + 2, "a part is too long")
    }
    return 0
}

private func demand(_ isTrue: Bool, _ message: StaticString) {
    if !isTrue { fatalError("\(message)") }
}
