import ATProtocol
import CallModel
import Modem
import Testing

/// The call reducer for calls that come in, event by event.
@Suite struct IncomingReducerTests {
    enum Input: Sendable {
        case answer
        case result(FinalResult)
        case unanswered
        case line(String)
        case list([String])
        case refused
        case wait(Int)
        case silent
        case hangUp
    }

    private static let ringing = "+CLCC: 1,1,4,0,0,\"030\",129"
    private static let active = "+CLCC: 1,1,0,0,0,\"030\",129"
    private static let waiting = "+CLCC: 2,1,5,0,0,\"050\",129"
    private static let ours = "+CLCC: 2,0,0,0,0,\"040\",129"

    /// What is told to the outside, without the questions.
    private static func told(_ inputs: [Input], index: Int? = nil, listIsUsable: Bool = true) -> [String] {
        var now = ContinuousClock.now
        let rules = CallRules()
        var reducer = CallReducer(incoming: index, rules: rules, listIsUsable: listIsUsable, at: now)
        var effects: [CallReducer.Effect] = []
        for input in inputs {
            switch input {
            case .answer: reducer.answerBegun()
            case .result(let result): effects += reducer.answerResult(result, at: now)
            case .unanswered: effects += reducer.answerUnanswered(at: now)
            case .line(let text): effects += Indication(ATLine(text)).map { reducer.report($0, at: now) } ?? []
            case .list(let lines):
                effects += reducer.callList(lines.compactMap { CallListEntry(clcc: ATLine($0)) }, at: now)
            case .refused: effects += reducer.callListRefused(isPermanent: true, at: now)
            case .wait(let seconds): now += .seconds(seconds)
            case .silent: effects += reducer.ringIsSilent(at: now)
            case .hangUp: reducer.hangUpBegun()
            }
        }
        return effects.compactMap { effect in
            switch effect {
            case .askForCallList: nil
            case .alerting: "alerting"
            case .answered: "answered"
            case .answerFailed: "answer failed"
            case .ended(let release): release.isInferred ? "ended, perhaps" : "ended"
            }
        }
    }

    @Test(
        "what is believed of a call that comes in",
        arguments: [
            // OK is no answer; the list is.
            ([Input.answer, .result(.ok)], []),
            ([.answer, .result(.ok), .list([ringing])], []),
            ([.answer, .result(.ok), .list([active])], ["answered"]),
            ([.answer, .line("^CONN:1,0"), .result(.ok), .list([active]), .list([active])], ["answered"]),
            ([.answer, .unanswered, .list([active])], ["answered"]),
            // The modem never answers although it said so.
            ([.answer, .result(.ok), .wait(11), .list([ringing])], ["answer failed"]),
            ([.answer, .result(.error)], ["answer failed"]),
            ([.answer, .result(.error), .answer, .result(.ok), .list([active])], ["answer failed", "answered"]),
            ([.answer, .unanswered, .list([ringing])], ["answer failed"]),
            // Gone while we answer.
            ([.list([ringing]), .answer, .result(.noCarrier), .list([])], ["ended"]),
            ([.answer, .result(.noCarrier), .list([])], ["ended"]),
            ([.answer, .result(.noCarrier), .list([ringing])], ["answer failed"]),
            ([.answer, .result(.ok), .list([]), .wait(2), .list([])], []),
            ([.answer, .result(.ok), .list([]), .wait(3), .list([])], ["ended, perhaps"]),
            ([.list([ringing]), .answer, .result(.ok), .list([]), .wait(2), .list([])], []),
            ([.list([ringing]), .answer, .result(.ok), .list([]), .wait(2), .list([active])], ["answered"]),
            ([.list([ringing]), .answer, .result(.ok), .list([]), .wait(3), .list([])], ["ended, perhaps"]),
            ([.answer, .result(.ok), .list(["+CLCC: 1,1,0,1,0,\"030\",129"])], ["answered"]),
            // A list that never shows what the modem reports is of no use.
            ([.answer, .line("^CONN:1,0"), .result(.ok), .list([]), .list([])], ["answered"]),
            // Gone while it rings.
            ([.list([ringing]), .list([]), .list([])], ["ended"]),
            ([.list([ringing]), .list([]), .list([ringing]), .list([])], []),
            ([.list([]), .list([]), .list([])], []),
            ([.silent], ["ended"]),
            ([.list([ringing]), .silent], []),
            ([.line("MISSED_CALL: 11:01AM 030")], ["ended"]),
            ([.line("^CEND:1,0,25,16")], ["ended"]),
            ([.line("NO CARRIER"), .list([])], ["ended"]),
            ([.line("NO CARRIER"), .list([ringing])], []),
            ([.line("+QIND: \"ccinfo\",1,1,-1,0,0,\"030\",129")], ["ended"]),
            // Another call's news.
            ([.line("+QIND: \"ccinfo\",2,0,-1,0,0,\"040\",129")], []),
            ([.line("^ORIG:2,0")], []),
            ([.list([ringing, ours])], []),
            // Refused: one empty list is enough.
            ([.list([ringing]), .hangUp, .list([])], ["ended"]),
            // Somebody else has answered, at the modem's own handset.
            ([.list([ringing]), .list([active])], ["answered"]),
            // Talked on, then over.
            ([.answer, .result(.ok), .list([active]), .list([]), .list([])], ["answered"]),
            (
                [.answer, .result(.ok), .list([active]), .list([]), .wait(1), .list([])],
                ["answered", "ended, perhaps"]
            ),
            // A list with another call is no mere OK.
            (
                [.answer, .result(.ok), .list([active]), .list([waiting]), .wait(1), .list([waiting])],
                ["answered", "ended"]
            ),
            ([.answer, .result(.ok), .list([active]), .silent], ["answered"]),
        ]
    )
    func believed(_ inputs: [Input], _ expected: [String]) {
        #expect(Self.told(inputs) == expected)
    }

    @Test("without a list, reports are believed, and OK where there are none")
    func withoutList() {
        #expect(Self.told([.answer, .result(.ok), .refused], listIsUsable: false) == ["answered"])
        #expect(Self.told([.answer, .line("^CONN:1,0")], listIsUsable: false) == ["answered"])
        #expect(Self.told([.answer, .result(.error)], listIsUsable: false) == ["answer failed"])
        #expect(Self.told([.answer, .result(.noCarrier), .refused], listIsUsable: false) == ["ended"])
        #expect(Self.told([.answer, .unanswered, .refused], listIsUsable: false) == ["answer failed"])
        #expect(Self.told([.line("^CEND:1,0,25,16")], listIsUsable: false) == ["ended"])
    }

    @Test("a report with another index is another call's")
    func index() {
        #expect(Self.told([.line("^CEND:2,0,25,16"), .list([Self.ringing])], index: 1) == [])
        #expect(Self.told([.line("^CEND:1,0,25,16")], index: 1) == ["ended"])
    }
}
