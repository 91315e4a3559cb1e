// A libFuzzer target, compiled by `.fuzz/run` together with the sources of ATProtocol.
//
// With any bytes: the lines do not depend on how the stream is cut into reads, they stay within the limit, no
// parser traps on any of them, and the parsers agree with each other about what a line is.

import CallModel

/// Checks one input; libFuzzer calls this for each that it makes up.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    // The first two bytes choose the limit and the length of a read, the rest is the stream.
    guard input.count >= 2 else { return 0 }
    let limit = 16 + Int(input[0])
    let readLength = 1 + Int(input[1]) % 31
    let stream = UnsafeBufferPointer(rebasing: input[2...])

    let whole = lines(stream, readLength: max(1, stream.count), limit: limit)
    demand(lines(stream, readLength: 1, limit: limit) == whole, "reading byte by byte changes the lines")
    demand(lines(stream, readLength: readLength, limit: limit) == whole, "reading in pieces changes the lines")
    for bytes in whole {
        demand(!bytes.isEmpty && bytes.count <= limit, "a line is empty or too long")
        parse(ATLine(bytes: bytes))
    }
    return 0
}

private func lines(_ stream: UnsafeBufferPointer<UInt8>, readLength: Int, limit: Int) -> [[UInt8]] {
    var framer = LineFramer(lineLimit: limit)
    var lines: [[UInt8]] = []
    var start = 0
    while start < stream.count {
        let end = min(stream.count, start + readLength)
        framer.receive(UnsafeBufferPointer(rebasing: stream[start..<end])) { lines.append(Array($0)) }
        start = end
    }
    return lines
}

private func parse(_ line: ATLine) {
    let result = FinalResult(line)
    let indication = Indication(line)
    if let result { demand((indication != nil) == result.isAboutACall, "a result is also a message") }
    if case .unknown(let name) = indication { demand(name.utf8.count <= 96, "a name is too long") }
    for form in [ReplyForm.none, .text, .callWaiting, .registration(.circuit), .registration(.evolved)] {
        let claims = form.claims(line)
        demand(!claims || result == nil, "an answer claims a result")
    }
    for domain in [Registration.Domain.circuit, .packet, .evolved] {
        if let answer = Registration(reply: line, domain: domain) {
            demand(Registration(unsolicited: line, domain: domain) == answer, "a late answer is misread")
        }
    }
    _ = NumericResult(line)
    _ = CallListEntry(clcc: line)
    _ = CallListEntry(slcc: line)
    _ = SIMState(reply: [line], result: result ?? .ok)
    _ = SignalStrength(line)
    _ = Operator(cops: line)
    _ = IMEI(reply: [line])
    _ = IMSI(reply: [line])
    _ = ICCID(reply: [line])
    _ = SubscriberNumber(cnum: line)
    _ = PINRetries(reply: [line])
    _ = ReleaseCause(ceer: line)
    _ = ToneDuration(vtd: line)
    _ = VoiceStream(cvoice: line)
    _ = IMSReading(line)
    _ = CallerRestriction(clir: line)
    _ = Redaction.redact(command: line.text, secretDigits: true)
    _ = Redaction.mask(line: line.text)
}

extension ATLine {
    fileprivate init(bytes: [UInt8]) {
        self = bytes.withUnsafeBufferPointer { ATLine(bytes: $0) }
    }
}

private func demand(_ isTrue: Bool, _ message: StaticString) {
    if !isTrue { fatalError("\(message)") }
}
