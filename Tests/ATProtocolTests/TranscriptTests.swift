import CallModel
import Testing

@testable import ATProtocol

/// Dialogues of several lines, read the way the exchange of commands reads them: as results, answers and messages.
@Suite struct TranscriptTests {
    /// What one line is, given the answer that the command in flight expects.
    enum Reading: Equatable {
        case result(FinalResult)
        case answer(String)
        case message(Indication)
        case text(String)
    }

    private static func read(_ bytes: String, expecting form: ReplyForm) -> [Reading] {
        var framer = LineFramer()
        return framer.receive(Array(bytes.utf8))
            .map { line in
                if let result = FinalResult(line), !result.isAboutACall { return .result(result) }
                if form.claims(line) { return .answer(line.text) }
                if let indication = Indication(line) { return .message(indication) }
                return .text(line.text)
            }
    }

    private static let caller = CallerLine(number: "+481239823991", type: 145, validity: .valid)
    private static let hiddenCaller = CallerLine(number: "XXXXXXXXXXXXX", type: 145, validity: .valid)
    private static let clip = "+CLIP: \"+481239823991\",145,\"\",128,\"\",0"
    private static let hiddenClip = "+CLIP: \"XXXXXXXXXXXXX\",145,\"\",128,\"\",0"

    static let transcripts: [(bytes: String, form: ReplyForm, readings: [Reading])] = [
        (
            "\r\nRING\r\n\r\n\(clip)\r\n\r\n+CPIN: READY\r\n\r\nOK\r\n\r\nRING\r\n",
            .prefixes(["+CPIN:"]),
            [
                .message(.ring(kind: nil)), .message(.callerLine(caller)), .answer("+CPIN: READY"), .result(.ok),
                .message(.ring(kind: nil)),
            ]
        ),
        (
            "\r\nRING\r\n\r\n\(hiddenClip)\r\n\r\nNO CARRIER\r\n\r\nRING\r\n\r\n\(clip)\r\n\r\n+CPIN: READY\r\n\r\nOK\r\n",
            .prefixes(["+CPIN:"]),
            [
                .message(.ring(kind: nil)), .message(.callerLine(hiddenCaller)), .message(.result(.noCarrier)),
                .message(.ring(kind: nil)), .message(.callerLine(caller)), .answer("+CPIN: READY"), .result(.ok),
            ]
        ),
        ("\r\nRING\r\n\r\nOK\r\n", .none, [.message(.ring(kind: nil)), .result(.ok)]),
        (
            "\r\nOK\r\n\r\n^ORIG:1,0\r\n\r\n^CONF:1\r\n\r\n^CONN:1,0\r\n\r\n^CEND:1,5,29,16\r\n",
            .none,
            [
                .result(.ok), .message(.report(CallReport(.dialing, index: 1))),
                .message(.report(CallReport(.alertingClaimed, index: 1))),
                .message(.report(CallReport(.connected, index: 1))),
                .message(.report(CallReport(.ended(CallRelease(cause: 16)), index: 1))),
            ]
        ),
        (
            "\r\nCONNECT\r\n\r\nHANGUP: 1\r\n", .none,
            [.message(.result(.connect(""))), .message(.report(CallReport(.ended(CallRelease(kind: .unknown)))))]
        ),
        (
            "+WIND: 5,1\r\n+WIND: 2\r\nOK\r\n\r\nNO CARRIER\r\n+WIND: 6,1\r\n",
            .none,
            [
                .message(.report(CallReport(.dialing, mayAnswer: true))),
                .message(.report(CallReport(.alertingClaimed, mayAnswer: true))), .result(.ok),
                .message(.result(.noCarrier)),
                .message(.report(CallReport(.perhapsEnded(CallRelease(kind: .unknown)), mayAnswer: true))),
            ]
        ),
        (
            "\r\n+CLCC: 1,0,0,0,0\r\n\r\nOK\r\n\r\nNO CARRIER\r\n",
            .prefixes(["+CLCC:"]),
            [.answer("+CLCC: 1,0,0,0,0"), .result(.ok), .message(.result(.noCarrier))]
        ),
        (
            "\r\n+CLCC: 1,1,4,0,0,\"13900000000\",129\r\n\r\nOK\r\n",
            .prefixes(["+CLCC:"]),
            [.answer("+CLCC: 1,1,4,0,0,\"13900000000\",129"), .result(.ok)]
        ),
        (
            "+CLCC: 1,0,0,0,0,\"10000\",129\r\nOK\r\n",
            .prefixes(["+CLCC:"]),
            [.answer("+CLCC: 1,0,0,0,0,\"10000\",129"), .result(.ok)]
        ),
        (
            "\r\n+CSIM: 4,\"9000\"\r\n\r\nOK\r\n\r\n999990000000000\r\n\r\nOK\r\n",
            .text,
            [.answer("+CSIM: 4,\"9000\""), .result(.ok), .answer("999990000000000"), .result(.ok)]
        ),
        ("\r\n+CPIN: READY\r\n", .prefixes(["+CPIN:"]), [.answer("+CPIN: READY")]),
        ("\r\n+CVHU: (0-1)\r\n\r\nOK\r\n", .prefixes(["+CVHU:"]), [.answer("+CVHU: (0-1)"), .result(.ok)]),
        ("AT+CPIN?\r\n+CPIN: READY\r\n", .prefixes(["+CPIN:"]), [.text("AT+CPIN?"), .answer("+CPIN: READY")]),
        ("\r\nNO CARRIER\r\n", .none, [.message(.result(.noCarrier))]),
        (
            "\r\n^RSSI:26\r\n\r\n^HCSQ:\"LTE\",60,52,106,24\r\n\r\n+CSQ: 28,99\r\n\r\nOK",
            .prefixes(["+CSQ:"]),
            [.message(.signal(dBm: -61)), .message(.signal(dBm: -61)), .answer("+CSQ: 28,99")]
        ),
        (
            "AT+CGMI\r\r\nhuawei\r\n\r\nOK\r\n",
            .text,
            [.answer("AT+CGMI"), .answer("huawei"), .result(.ok)]
        ),
        (
            "\r\n+CREG: 5\r\n\r\n+CGREG: 0\r\n\r\n+CREG: 2,1\r\n\r\nOK\r\n",
            .registration(.circuit),
            [
                .message(.registration(Registration(domain: .circuit, state: .roaming))),
                .message(.registration(Registration(domain: .packet, state: .notRegistered))),
                .answer("+CREG: 2,1"), .result(.ok),
            ]
        ),
        ("+CREG: 0,1\r\nOK\r\n", .registration(.circuit), [.answer("+CREG: 0,1"), .result(.ok)]),
        ("+CSQ: 21,99\r\nOK\r\n", .prefixes(["+CSQ:"]), [.answer("+CSQ: 21,99"), .result(.ok)]),
        (
            "\r\n+QPCMV: 0,2\r\n\r\nOK\r\n",
            .prefixes(["+QPCMV:"]),
            [.answer("+QPCMV: 0,2"), .result(.ok)]
        ),
        (
            "\r\n+QSIMSTAT: 1,1\r\n+QSIMSTAT: 1,2\r\n",
            .none,
            [.message(.sim(.inserted)), .message(.unknown(name: "+QSIMSTAT"))]
        ),
        (
            "\r\n+CLIP: \"13600000000\",129\r\n\r\nRING\r\n",
            .none,
            [
                .message(.callerLine(CallerLine(number: "13600000000", type: 129, validity: .valid))),
                .message(.ring(kind: nil)),
            ]
        ),
        (
            "+CMT: ,24\r\n00040B911234567890F000000250100173832305C8329BFD06\r\n",
            .none,
            [.message(.message), .text("00040B911234567890F000000250100173832305C8329BFD06")]
        ),
        (
            "\r\n^SLCC: 1,0,0,0,0,0,\"030123456\",129\r\n\r\n^SLCC: \r\n",
            .none,
            [
                .message(
                    .listed(
                        CallListEntry(index: 1, direction: .outgoing, state: .active, number: "030123456")
                    )
                ),
                .message(.listed(nil)),
            ]
        ),
    ]

    @Test("answers, results and messages are told apart in what was recorded", arguments: transcripts)
    func reads(_ row: (bytes: String, form: ReplyForm, readings: [Reading])) {
        #expect(Self.read(row.bytes, expecting: row.form) == row.readings)
    }
}
