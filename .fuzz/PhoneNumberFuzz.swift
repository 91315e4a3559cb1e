/// Reads arbitrary text as a number in every way there is: nothing may crash, and what comes out keeps its promises.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPhoneNumber(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 1 else { return 0 }
    let bytes = UnsafeBufferPointer(start: data, count: size)
    let region = Region.all[Int(bytes[0]) % Region.all.count]
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)

    let reported = ReportedCaller(text, typeOfAddress: Int(bytes[1]), region: region)
    if case .number(let number) = reported.identity { check(number) }
    if let number = try? PhoneNumber(typed: text, region: region) { check(number) }
    return 0
}

/// Stops at a number that breaks a promise.
private func check(_ number: PhoneNumber) {
    let isEmergency = number.isEmergency
    if isEmergency {
        guard
            EmergencyNumbers.everywhere.contains(number.description)
                || number.region.emergencyNumbers.contains(number.description)
        else { fatalError("\(number) is taken for an emergency number") }
        return
    }
    for format in NumberFormat.allCases {
        let wire = number.formatted(format)
        guard (3...20).contains(wire.digits.utf8.count), wire.digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { fatalError("\(wire) goes on the wire") }
        let verdict = DialPolicy().verdict(on: number, as: format)
        guard verdict.isAllowed, format == .national || format == .plusE164 else { continue }
        // What passes is read by the far side as what was judged.
        guard let again = try? PhoneNumber(typed: wire.text, region: number.region), again.isSameNumber(as: number),
            DialPolicy().verdict(on: again).isAllowed
        else { fatalError("\(number) is written as \(wire), which is another number") }
    }
}

extension PhoneNumber {
    /// Whether both reach the same line, however they were written; false where that can't be told.
    fileprivate func isSameNumber(as other: PhoneNumber) -> Bool {
        switch (form, other.form) {
        case (.full(let e164, _), .full(let another, _)): e164 == another
        case (.nationalOnly(let digits), .nationalOnly(let others)): digits == others && region == other.region
        case (.full, .nationalOnly), (.nationalOnly, .full): false
        }
    }
}
