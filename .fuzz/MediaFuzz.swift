/// Reads arbitrary bytes as everything that a telephone may send beside SIP itself: RTP, digits, a description of sound.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMedia(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 0 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data, count: size)
    if let (header, payload) = RTPHeader.read(bytes) {
        demand(payload.lowerBound >= RTPHeader.size && payload.upperBound <= size, "a payload lies beside its packet")
        var reception = RTPReception()
        demand(reception.take(header) && !reception.take(header), "a packet is played twice")
        var digits = TelephoneEvent.Receiver()
        _ = digits.take(header, UnsafeRawBufferPointer(rebasing: bytes[payload]))
    }
    if let offer = SDPDescription(String(decoding: bytes, as: UTF8.self)) {
        let answer = offer.answer(address: "127.0.0.1", port: 9, key: [UInt8](repeating: 7, count: 30))
        let again = SDPDescription(answer.text(session: 1, version: 1))
        demand(again?.codecs == answer.codecs && again?.port == 9, "an answer is read differently")
    }
    return 0
}

private func demand(_ isTrue: Bool, _ message: StaticString) {
    if !isTrue { fatalError("\(message)") }
}
