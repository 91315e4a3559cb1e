import ATProtocol
import CallModel
import Modem
import Testing

/// Which of several calls is the one that was dialled: digits and PINs go to whatever is active.
@Suite struct CallAdoptionTests {
    private static let number = "+4922166966966"

    private static let rows: [(name: String, lists: [[String]], told: [String])] = [
        ("in the form that was dialled", [["1,0,0,0,0,\"+4922166966966\",145"]], ["answered"]),
        ("without the plus", [["1,0,0,0,0,\"4922166966966\",129"]], ["answered"]),
        ("with the prefix for abroad", [["1,0,0,0,0,\"004922166966966\",129"]], ["answered"]),
        ("in national form", [["1,0,0,0,0,\"022166966966\",129"]], ["answered"]),
        ("with the tones behind it", [["1,0,0,0,0,\"+49221669669660301\",145"]], ["answered"]),
        ("without any number", [["1,0,0,0,0"]], ["answered"]),
        ("with an empty number", [["1,0,0,0,0,\"\",128"]], ["answered"]),
        ("a stranger's call that is active is never taken on", [["1,0,0,0,0,\"+4930999999\",145"]], []),
        ("nor one on hold", [["1,0,1,0,0,\"+4930999999\",145"]], []),
        (
            "a number that a card has changed, seen from the start",
            [["1,0,2,0,0,\"+4989111111\",145"], ["1,0,0,0,0,\"+4989111111\",145"]], ["answered"]
        ),
        (
            "two calls that are set up, neither with the number: none is ours",
            [["1,0,3,0,0,\"+4930999999\",145", "2,0,3,0,0,\"+4930888888\",145"]], []
        ),
        (
            "beside a stranger's active call, whichever comes last",
            [["1,0,2,0,0,\"+4922166966966\",145", "2,0,0,0,0,\"+4930999999\",145"]], []
        ),
        (
            "beside a stranger's call that is set up",
            [["1,0,3,0,0,\"022166966966\",129", "2,0,2,0,0,\"+4930999999\",145"]], ["alerting"]
        ),
        (
            "a stranger's that was taken for ours makes way for the right one",
            [
                ["1,0,3,0,0,\"+4930999999\",145"],
                ["1,0,0,0,0,\"+4930999999\",145", "2,0,2,0,0,\"+4922166966966\",145"],
            ], ["alerting"]
        ),
        (
            "another number at our index: ours is gone, at once",
            [["1,0,0,0,0,\"+4922166966966\",145"], ["1,0,0,0,0,\"+4930999999\",145"]], ["answered", "ended"]
        ),
        (
            "a nameless call that turns out to be another's",
            [["1,0,0,0,0"], ["1,0,0,0,0,\"+4930999999\",145"]], ["answered", "ended"]
        ),
    ]

    private static func told(_ effects: [CallReducer.Effect]) -> [String] {
        effects.compactMap { effect in
            switch effect {
            case .askForCallList: nil
            case .alerting: "alerting"
            case .answered: "answered"
            case .answerFailed: "answer failed"
            case .ended: "ended"
            }
        }
    }

    private static func reducer(listIsUsable: Bool = true, at now: ContinuousClock.Instant) -> CallReducer {
        CallReducer(dialling: number, rules: CallRules(), listIsUsable: listIsUsable, at: now)
    }

    private static func entries(_ lines: [String]) -> [CallListEntry] {
        lines.compactMap { CallListEntry(clcc: ATLine("+CLCC: \($0)")) }
    }

    @Test("what the list shows after the dial command", arguments: rows.indices)
    func lists(_ row: Int) {
        let (name, lists, expected) = Self.rows[row]
        let now = ContinuousClock.now
        var reducer = Self.reducer(at: now)
        var effects = reducer.dialResult(.ok, at: now)
        for list in lists { effects += reducer.callList(Self.entries(list), at: now) }
        #expect(Self.told(effects) == expected, "\(name)")
    }

    @Test("the index of a stranger's report gives way to the number")
    func indexOfAReport() {
        let now = ContinuousClock.now
        var reducer = Self.reducer(at: now)
        _ = reducer.report(.report(CallReport(.dialing, index: 2)), at: now)
        _ = reducer.dialResult(.ok, at: now)
        let list = ["1,0,2,0,0,\"+4922166966966\",145", "2,0,0,0,0,\"+4930999999\",145"]
        #expect(Self.told(reducer.callList(Self.entries(list), at: now)) == [])
        #expect(reducer.index == 1)
    }

    @Test("a report of an answer is not believed while only a stranger's call is listed")
    func reportBesideAStranger() {
        let now = ContinuousClock.now
        var reducer = Self.reducer(at: now)
        _ = reducer.dialResult(.ok, at: now)
        _ = reducer.report(.report(CallReport(.connected)), at: now)
        let stranger = Self.entries(["1,0,0,0,0,\"+4930999999\",145"])
        #expect(Self.told(reducer.callList(stranger, at: now)) == [])
        #expect(Self.told(reducer.callList(stranger, at: now + .seconds(11))) == ["ended"])
    }

    @Test("a report that names another number is none of ours, with a list or without", arguments: [true, false])
    func reportOfAStranger(_ listIsUsable: Bool) {
        let now = ContinuousClock.now
        var reducer = Self.reducer(listIsUsable: listIsUsable, at: now)
        _ = reducer.dialResult(.ok, at: now)
        for event in [CallReport.Event.connected, .ended(CallRelease(kind: .unknown))] {
            let report = CallReport(event, index: 1, direction: .outgoing, number: "+4930999999")
            #expect(Self.told(reducer.report(.report(report), at: now)) == [])
        }
        let ours = CallReport(.alerting, index: 2, direction: .outgoing, number: "022166966966")
        #expect(Self.told(reducer.report(.report(ours), at: now)) == ["alerting"])
    }

    @Test("a call for help is followed under any number")
    func help() {
        let now = ContinuousClock.now
        var reducer = CallReducer(dialling: nil, rules: CallRules(), listIsUsable: true, at: now)
        _ = reducer.dialResult(.ok, at: now)
        let list = Self.entries(["1,0,0,0,0,\"911\",129"])
        #expect(Self.told(reducer.callList(list, at: now)) == ["answered"])
    }
}
