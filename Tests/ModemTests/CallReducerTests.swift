import ATProtocol
import CallModel
import Modem
import TestSupport
import Testing

/// The call reducer, event by event.
@Suite struct CallReducerTests {
    private enum Input {
        case dial(FinalResult)
        case unanswered
        case line(String)
        case list([String])
        case refused(isPermanent: Bool)
        case wait(Duration)
        case hangUp
    }

    private struct Track {
        var reducer: CallReducer
        var now = ContinuousClock.now
        var effects: [CallReducer.Effect] = []

        init(_ rules: CallRules = CallRules(), listIsUsable: Bool = true) {
            reducer = CallReducer(dialling: "030", rules: rules, listIsUsable: listIsUsable, at: now)
        }

        mutating func take(_ input: Input) {
            switch input {
            case .dial(let result): effects += reducer.dialResult(result, at: now)
            case .unanswered: effects += reducer.dialUnanswered(at: now)
            case .line(let text): effects += Indication(ATLine(text)).map { reducer.report($0, at: now) } ?? []
            case .list(let lines):
                effects += reducer.callList(lines.compactMap { CallListEntry(clcc: ATLine($0)) }, at: now)
            case .refused(let isPermanent): effects += reducer.callListRefused(isPermanent: isPermanent, at: now)
            case .wait(let duration): now += duration
            case .hangUp: reducer.hangUpBegun()
            }
        }

        /// What was told to the outside, without the questions.
        var told: [String] {
            effects.compactMap { effect in
                switch effect {
                case .askForCallList: nil
                case .alerting: "alerting"
                case .answerFailed: "answer failed"
                case .answered: "answered"
                case .ended(let release):
                    "ended \(release.kind)\(release.cause.map { " \($0)" } ?? "")"
                        + (release.isInferred ? ", perhaps" : release.mayComeUp ? ", for now" : "")
                }
            }
        }
    }

    private static func entry(_ index: Int, _ state: Int, _ number: String?) -> String {
        "+CLCC: \(index),0,\(state),0,0" + (number.map { ",\"\($0)\",\($0.hasPrefix("+") ? 145 : 129)" } ?? "")
    }

    private static let strangerLists: [(name: String, lists: [[String]], told: [String])] = [
        ("a stranger's call that is up is not ours", [[entry(1, 0, "+4930999999")]], []),
        (
            "the number decides, not the order",
            [[entry(2, 2, "022166966966"), entry(1, 0, "+4930999999")], [entry(2, 0, "022166966966")]], ["answered"]
        ),
        ("however it is written", [[entry(1, 0, "+4922166966966")]], ["answered"]),
        ("an entry without a number is ours", [[entry(1, 0, "+4930999999"), entry(2, 0, nil)]], ["answered"]),
        (
            "the only one that is being set up is ours", [[entry(1, 3, "66966")], [entry(1, 0, "66966")]],
            ["alerting", "answered"]
        ),
        ("of two that are being set up with other numbers none is", [[entry(1, 3, "0301"), entry(2, 3, "0302")]], []),
        (
            "an index that somebody else has now is ours no more",
            [[entry(1, 3, "022166966966")], [entry(1, 0, "+4930999999")], [entry(1, 0, "+4930999999")]],
            ["alerting", "ended unknown, perhaps"]
        ),
        (
            "a call that changes its index is still ours",
            [[entry(1, 3, "022166966966")], [entry(1, 0, "+4930999999"), entry(2, 0, "022166966966")]],
            ["alerting", "answered"]
        ),
    ]

    @Test("somebody else's call is not taken for ours", arguments: strangerLists.indices)
    func strangers(_ row: Int) {
        let (name, lists, told) = Self.strangerLists[row]
        var track = Track()
        track.reducer = CallReducer(
            dialling: "+4922166966966",
            rules: CallRules(),
            listIsUsable: true,
            at: track.now
        )
        track.take(.dial(.ok))
        for list in lists { track.take(.list(list)) }
        #expect(track.told == told, "\(name)")
    }

    private static func rules(_ completion: DialCompletion, asks: Bool = true) -> CallRules {
        var rules = CallRules()
        rules.dialCompletion = completion
        rules.asksWhileDialing = asks
        return rules
    }

    private static let active = "+CLCC: 1,0,0,0,0,\"030\",129"
    private static let dialing = "+CLCC: 1,0,2,0,0,\"030\",129"
    private static let ringing = "+CLCC: 1,0,3,0,0,\"030\",129"

    private static let standard: [(name: String, inputs: [Input], told: [String])] = [
        ("OK is never an answer", [.dial(.ok), .wait(.seconds(5))], []),
        (
            "the list shows each state", [.dial(.ok), .list([dialing]), .list([ringing]), .list([active])],
            ["alerting", "answered"]
        ),
        ("first sight is already active", [.dial(.ok), .list([active])], ["answered"]),
        ("answered is said once", [.dial(.ok), .list([active]), .line("^CONN:1,0"), .list([active])], ["answered"]),
        (
            "a connect report is believed when the list agrees",
            [.dial(.ok), .list([dialing]), .line("^CONN:1,0"), .list([active])], ["answered"]
        ),
        (
            "a connect report is not believed while the list says ringing",
            [.dial(.ok), .line("VOICE CALL: BEGIN"), .list([ringing])], ["alerting"]
        ),
        (
            "a connect report is believed when the list is refused",
            [.dial(.ok), .line("VOICE CALL: BEGIN"), .refused(isPermanent: false)], ["answered"]
        ),
        (
            "a connect report is believed when the list never shows the call",
            [.dial(.ok), .line("+UCALLSTAT: 1,7"), .list([])], ["answered"]
        ),
        ("^CONF alone is not ringing", [.dial(.ok), .line("^ORIG:1,0"), .line("^CONF:1")], []),
        ("a report with its cause ends the call", [.dial(.ok), .line("^CEND:1,0,25,17")], ["ended unknown 17"]),
        (
            "a cause of the modem's own is not taken for the network's", [.dial(.ok), .line("^CEND:1,0,25,160")],
            ["ended unknown, for now"]
        ),
        (
            "the end of the call before is not ours",
            [.line("^CEND:1,9,29,16"), .dial(.ok), .list([dialing]), .list([active])], ["answered"]
        ),
        (
            "another call's end is checked, not believed",
            [.dial(.ok), .list([active]), .line("^CEND:2,5,29,16"), .list([active])], ["answered"]
        ),
        (
            "NO CARRIER is checked against the list",
            [.dial(.ok), .list([active]), .line("NO CARRIER"), .list([active])], ["answered"]
        ),
        (
            "NO CARRIER with an empty list is the end, at once",
            [.dial(.ok), .list([active]), .line("NO CARRIER"), .list([])], ["answered", "ended unknown"]
        ),
        (
            "BUSY keeps its meaning through the list", [.dial(.ok), .list([ringing]), .line("BUSY"), .list([])],
            ["alerting", "ended busy"]
        ),
        ("BUSY as the result of ATD", [.dial(.busy)], ["ended busy"]),
        ("NO ANSWER as the result of ATD", [.dial(.noAnswer)], ["ended noAnswer"]),
        ("NO DIALTONE is no service", [.dial(.noDialtone)], ["ended noService"]),
        ("CME 10 is no card", [.dial(.equipmentError(EquipmentError(code: 10, text: "10")))], ["ended noCard"]),
        ("CME 30 is no service", [.dial(.equipmentError(EquipmentError(code: 30, text: "30")))], ["ended noService"]),
        ("ERROR to ATD is the modem's refusal", [.dial(.error)], ["ended refusedByModem"]),
        ("one empty list is no end", [.dial(.ok), .list([active]), .list([])], ["answered"]),
        (
            "two empty lists in a row are none yet either", [.dial(.ok), .list([active]), .list([]), .list([])],
            ["answered"]
        ),
        (
            "empty lists for a second are, as far as can be told",
            [.dial(.ok), .list([active]), .list([]), .wait(.seconds(1)), .list([])],
            ["answered", "ended unknown, perhaps"]
        ),
        (
            "NO CARRIER before anything rang may come true later",
            [.dial(.ok), .list([dialing]), .line("NO CARRIER"), .list([])], ["ended unknown, for now"]
        ),
        (
            "a call that is listed as data is ours all the same",
            [.dial(.ok), .list(["+CLCC: 1,0,0,1,0,\"030\",129"])], ["answered"]
        ),
        ("so is one of unknown kind", [.dial(.ok), .list(["+CLCC: 1,0,0,9,0,\"030\",129"])], ["answered"]),
        ("a data session is none", [.dial(.ok), .list(["+CLCC: 1,0,0,1,0,\"*99***1#\",129"])], []),
        (
            "a list in between starts the count anew",
            [.dial(.ok), .list([active]), .list([]), .list([active]), .list([])], ["answered"]
        ),
        (
            "a call that is slow to appear is waited for",
            [.dial(.ok), .list([]), .list([]), .list([]), .list([dialing])], []
        ),
        (
            "a call that never appears ends after its time", [.dial(.ok), .list([]), .wait(.seconds(11)), .list([])],
            ["ended unknown, perhaps"]
        ),
        (
            "state 6 is gone", [.dial(.ok), .list([active]), .line("+CLCC: 1,0,6,0,0,\"030\",129")],
            ["answered", "ended unknown"]
        ),
        ("a data call in the list is not ours", [.dial(.ok), .list(["+CLCC: 1,0,0,1,0,\"\",129", dialing])], []),
        ("an incoming call in the list is not ours", [.dial(.ok), .list(["+CLCC: 2,1,0,0,0,\"040\",129"])], []),
        ("an incoming call's report is not ours", [.dial(.ok), .line("+QIND: \"ccinfo\",2,1,0,0,0,\"040\",129")], []),
        (
            "ccinfo tells the end", [.dial(.ok), .list([active]), .line("+QIND: \"ccinfo\",1,0,-1,0,0,\"030\",129")],
            ["answered", "ended unknown"]
        ),
        (
            "a list under ^SLCC ends with an empty line, which is no end of the call",
            [.dial(.ok), .line("^SLCC: 1,0,2,0,0,0,\"030\",129"), .line("^SLCC: ")], []
        ),
        (
            "an empty ^SLCC alone is checked", [.dial(.ok), .list([active]), .line("^SLCC: "), .list([])],
            ["answered", "ended unknown"]
        ),
        (
            "a silent ATD with a call in the list goes on", [.unanswered, .list([ringing]), .list([active])],
            ["alerting", "answered"]
        ),
        ("a silent ATD without a call is waited for", [.unanswered, .list([]), .list([]), .list([])], []),
        (
            "and ends at last", [.unanswered, .list([]), .wait(.seconds(31)), .list([])],
            ["ended modemSilent, perhaps"]
        ),
        (
            "after the end nothing is said any more",
            [.dial(.busy), .list([active]), .line("^CONN:1,0"), .dial(.ok), .line("NO CARRIER")], ["ended busy"]
        ),
        (
            "once we hang up, one empty list is the end", [.dial(.ok), .list([active]), .hangUp, .list([])],
            ["answered", "ended unknown"]
        ),
    ]

    @Test("the standard rules", arguments: standard.indices)
    func standardRules(_ row: Int) {
        let (name, inputs, told) = Self.standard[row]
        var track = Track()
        for input in inputs { track.take(input) }
        #expect(track.told == told, "\(name)")
    }

    private static let noList: [(name: String, inputs: [Input], told: [String])] = [
        (
            "reports are believed", [.dial(.ok), .line("^CONF:1"), .line("^CONN:1,0"), .line("^CEND:1,5,29,16")],
            ["alerting", "answered", "ended unknown 16"]
        ),
        (
            "NO CARRIER is believed", [.dial(.ok), .line("VOICE CALL: BEGIN"), .line("NO CARRIER")],
            ["answered", "ended unknown"]
        ),
        ("a silent ATD is over", [.unanswered], ["ended modemSilent, perhaps"]),
    ]

    @Test("a modem without a list", arguments: noList.indices)
    func withoutList(_ row: Int) {
        let (name, inputs, told) = Self.noList[row]
        var track = Track(listIsUsable: false)
        for input in inputs { track.take(input) }
        #expect(track.told == told, "\(name)")
    }

    private static let zte: [(name: String, inputs: [Input], told: [String])] = [
        ("CONNECT is the answer", [.dial(.connect(""))], ["answered"]),
        ("OK is a rejection when no call is listed", [.dial(.ok), .list([])], ["ended rejected"]),
        (
            "OK from a stick that answers at once is an acceptance", [.dial(.ok), .list([dialing]), .list([active])],
            ["answered"]
        ),
        ("HANGUP is the end", [.dial(.connect("")), .line("HANGUP: 1")], ["answered", "ended unknown"]),
        ("reports don't make it ask before the answer", [.line("^ORIG:1,0"), .line("NO CARRIER")], ["ended unknown"]),
    ]

    @Test("a stick that is silent until CONNECT", arguments: zte.indices)
    func connectWord(_ row: Int) {
        let (name, inputs, told) = Self.zte[row]
        var track = Track(Self.rules(.onConnectWord, asks: false))
        for input in inputs { track.take(input) }
        #expect(track.told == told, "\(name)")
    }

    @Test("a stick that must not be asked while it dials is not asked")
    func neverAsks() {
        var track = Track(Self.rules(.onConnectWord, asks: false))
        #expect(!track.reducer.mayAskForCallList)
        track.take(.line("+WIND: 5,1"))
        #expect(!track.effects.contains(.askForCallList))
        track.take(.dial(.connect("")))
        #expect(track.reducer.mayAskForCallList)
    }

    @Test("a driver whose OK is the answer has its OK checked")
    func answeringOK() {
        var track = Track(Self.rules(.onAnswer))
        track.take(.line("+WIND: 5,1"))
        track.take(.dial(.ok))
        track.take(.list([Self.active]))
        #expect(track.told == ["answered"])
    }

    @Test("any sequence of inputs: one answer, one end, nothing after it, and no answer out of nothing")
    func randomSequences() {
        let lines = [
            "^ORIG:1,0", "^CONF:1", "^CONN:1,0", "^CEND:1,5,29,16", "^CEND:3,5,29,16", "NO CARRIER", "BUSY", "CONNECT",
            "VOICE CALL: BEGIN", "VOICE CALL: END: 000017", "+CLCC: 1,0,6,0,0", "^SLCC: ", "HANGUP: 1",
            "#ECAM: 0,3,1,,,",
            "+UCALLSTAT: 1,6", "+QIND: \"ccinfo\",1,0,3,0,0,\"0\",129", "RING", "garbage",
        ]
        let lists: [[String]] = [[], [Self.dialing], [Self.ringing], [Self.active], ["+CLCC: 2,1,4,0,0,\"9\",129"]]
        let results: [FinalResult] = [.ok, .busy, .noCarrier, .error, .connect("")]
        for seed in 0..<5_000 {
            var random = SeededGenerator(seed: seed)
            let completion: DialCompletion =
                [.immediate, .onAnswer, .onConnectWord].randomElement(using: &random) ?? .immediate
            var track = Track(
                Self.rules(completion, asks: Bool.random(using: &random)),
                listIsUsable: Bool.random(using: &random)
            )
            var hadEvidence = false
            for _ in 0..<25 {
                switch Int.random(in: 0..<8, using: &random) {
                case 0:
                    let result = results.randomElement(using: &random) ?? .ok
                    if result != .ok || completion != .immediate { hadEvidence = true }
                    track.take(.dial(result))
                case 1...3:
                    let line = lines.randomElement(using: &random) ?? "RING"
                    if let report = Indication(ATLine(line)), Self.claimsAnswer(report) { hadEvidence = true }
                    track.take(.line(line))
                case 4...5:
                    let list = lists.randomElement(using: &random) ?? []
                    if list == [Self.active] { hadEvidence = true }
                    track.take(.list(list))
                case 6: track.take(.refused(isPermanent: Bool.random(using: &random)))
                default: track.take(.wait(.milliseconds(Int.random(in: 0...4000, using: &random))))
                }
            }
            let told = track.told
            #expect(told.count { $0 == "answered" } <= 1, "seed \(seed)")
            #expect(told.count { $0.hasPrefix("ended") } <= 1, "seed \(seed)")
            if let end = told.firstIndex(where: { $0.hasPrefix("ended") }) {
                #expect(end == told.count - 1, "seed \(seed)")
            }
            if told.contains("answered") { #expect(hadEvidence, "seed \(seed): \(told)") }
        }
    }

    private static func claimsAnswer(_ indication: Indication) -> Bool {
        CallReport(indication)?.event == .connected
    }
}
