import ATProtocol
import Testing

@Suite struct SIMTests {
    static let states: [(lines: [ATLine], result: FinalResult, state: SIMState)] = [
        (["+CPIN: READY"], .ok, .ready),
        (["AT+CPIN?", "+CPIN: READY"], .ok, .ready),
        (["RING", "+CPIN: READY"], .ok, .ready),
        (["+CPIN: NOT READY", "+CPIN: READY"], .ok, .ready),
        (["+CPIN: SIM PIN"], .ok, .pin),
        (["+CPIN: \"SIM PIN\""], .ok, .pin),
        (["+CPIN:SIM PIN"], .ok, .pin),
        (["+CPIN: SIM PUK"], .ok, .puk),
        (["+CPIN: SIM PIN2"], .ok, .ready),
        (["+CPIN: SIM PUK2"], .ok, .ready),
        (["+CPIN: PH-NET PIN"], .ok, .deviceLock("PH-NET PIN")),
        (["+CPIN: PH-SIM PIN"], .ok, .deviceLock("PH-SIM PIN")),
        (["+CPIN: NOT INSERTED"], .ok, .absent),
        (["+CPIN: NOT READY"], .ok, .busy),
        (["+CPIN: SIM MELTED"], .ok, .other("SIM MELTED")),
        ([], .equipmentError(EquipmentError(code: 10, text: "10")), .absent),
        ([], .equipmentError(EquipmentError(code: 11, text: "11")), .pin),
        ([], .equipmentError(EquipmentError(code: 12, text: "12")), .puk),
        ([], .equipmentError(EquipmentError(code: 13, text: "13")), .failed),
        ([], .equipmentError(EquipmentError(code: 14, text: "14")), .busy),
        ([], .equipmentError(EquipmentError(code: 15, text: "15")), .failed),
        ([], .equipmentError(EquipmentError(code: 515, text: "515")), .busy),
        ([], .equipmentError(EquipmentError(code: 100, text: "100")), .other("100")),
        ([], .messageError(EquipmentError(code: 310, text: "310")), .absent),
        ([], .error, .other("ERROR")),
        ([], .ok, .other("")),
    ]

    @Test("the state of the card is read from the answer or from the error", arguments: states)
    func readsState(_ row: (lines: [ATLine], result: FinalResult, state: SIMState)) {
        #expect(SIMState(reply: row.lines, result: row.result) == row.state)
    }

    static let errorTexts: [(line: ATLine, state: SIMState)] = [
        ("+CME ERROR: SIM not inserted", .absent), ("+CME ERROR: SIM busy", .busy),
        ("+CME ERROR: SIM PIN required", .pin), ("+CME ERROR: SIM PUK required", .puk),
        ("+CME ERROR: SIM failure", .failed), ("+CME ERROR: SIM wrong", .failed),
    ]

    @Test("an error in words says as much as one in numbers", arguments: errorTexts)
    func readsErrorText(_ row: (line: ATLine, state: SIMState)) throws {
        let result = try #require(FinalResult(row.line))
        #expect(SIMState(reply: [], result: result) == row.state)
    }

    static let retries: [(lines: [ATLine], retries: PINRetries?)] = [
        (["+QPINC: \"SC\",3,10"], PINRetries(pin: 3, puk: 10)),
        (["+QPINC: \"SC\",2,10", "+QPINC: \"P2\",3,9"], PINRetries(pin: 2, puk: 10, pin2: 3, puk2: 9)),
        (["^CPIN: SIM PIN,3,10,3,10,3"], PINRetries(pin: 3, puk: 10, pin2: 3, puk2: 10, current: 3)),
        (["^CPIN: READY,,10,3,10,3"], PINRetries(pin: 3, puk: 10, pin2: 3, puk2: 10)),
        (["^CPIN: SIM PIN,1"], PINRetries(current: 1)),
        (["^SPIC: 3"], PINRetries(current: 3)),
        (["+SPIC: 3,10,0,10"], PINRetries(pin: 3, puk: 10, pin2: 0, puk2: 10)),
        (["+UPINCNT: 3,3,10,10"], PINRetries(pin: 3, puk: 10, pin2: 3, puk2: 10)),
        (["+UPINCNT: 0,3,5,5"], PINRetries(pin: 0, puk: 5, pin2: 3, puk2: 5)),
        (["#PCT: 3"], PINRetries(current: 3)),
        (["+CSIM: 4,\"63C3\""], PINRetries(pin: 3)),
        (["+CSIM: 8, \"000063C1\""], PINRetries(pin: 1)),
        (["+CSIM:8,\"000063CF\""], PINRetries(pin: 15)),
        (["+CSIM: 4, \"6983\""], PINRetries(pin: 0)),
        (["+CSIM: 4,\"9000\""], nil),
        (["+CSIM: 4,\"63\""], nil),
        (["+CSIM: 4,\"63CG\""], nil),
        (["+QPINC: \"XX\",3,10"], nil),
        (["+SPIC: -1,x"], nil),
        (["RING"], nil),
        ([], nil),
    ]

    @Test("the tries left are read from every vendor's answer", arguments: retries)
    func readsRetries(_ row: (lines: [ATLine], retries: PINRetries?)) {
        #expect(PINRetries(reply: row.lines) == row.retries)
    }

    @Test("an unknown count never stands for the count of another code")
    func keepsCountsApart() {
        let onlyPUK = PINRetries(puk: 10)
        #expect(onlyPUK.remaining(for: .pin) == nil)
        #expect(onlyPUK.remaining(for: .puk) == 10)
        let current = PINRetries(current: 2)
        #expect(current.remaining(for: .pin) == 2)
        #expect(current.remaining(for: .puk) == 2)
        #expect(current.remaining(for: .ready) == nil)
        #expect(PINRetries(pin: 1, current: 3).remaining(for: .pin) == 1)
    }
}
