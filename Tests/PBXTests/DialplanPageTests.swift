import DialPlan
import FoundationEssentials
import Testing
import WebRequests

@testable import PBX

/// The dialplan of docs/pbx/asterisk.md, run line by line.
@Suite("the dialplan of the operator's page") struct DialplanPageTests {
    private static let sim = "+4915112345678"

    private static func page() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appending(path: "docs/pbx/asterisk.md")), as: UTF8.self)
    }

    /// The headings below which there is a dialplan: what every way needs, and the ways.
    private static let headings = ["Every way", "Over `app`", "By the dialplan alone", "`mode: answer`"]

    /// The lines of the page that are a dialplan below one of these headings, by their numbers.
    private static func lines(_ headings: Set<String>) throws -> [Int: Substring] {
        var lines: [Int: Substring] = [:]
        var heading = ""
        var isListing = false
        for (number, line) in try page().split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") {
                isListing = line == "```ini"
            } else if line.hasPrefix("#"), !isListing {
                heading = String(line.drop { $0 == "#" }.dropFirst())
            } else if isListing, headings.contains(heading) {
                lines[number] = line
            }
        }
        return lines
    }

    /// The dialplan of a way, with what every way needs; its lines have the numbers that they have on the page.
    private static func dialplan(_ heading: String) throws -> SimulatedDialplan {
        let lines = try lines(["Every way", heading])
        let text = (0...(lines.keys.max() ?? 0)).map { String(lines[$0] ?? "") }.joined(separator: "\n")
        return try SimulatedDialplan(text)
    }

    /// The modules that applications and functions are in, by the names of the files in apps/ and funcs/ of Asterisk's sources;
    /// empty for what is built in (main/pbx_builtins.c, main/pbx_variables.c and main/features.c).
    private static let modules = [
        "Answer": "", "Bridge": "", "Goto": "", "GotoIf": "", "Hangup": "", "Set": "",
        "Dial": "app_dial", "ExecIf": "app_exec", "MusicOnHold": "res_musiconhold", "Originate": "app_originate",
        "Stasis": "app_stasis", "VoiceMail": "app_voicemail",
        "CALLERID": "func_callerid", "CUT": "func_cut", "FILTER": "func_strings", "GLOBAL": "func_global",
        "TIMEOUT": "func_timeout",
    ]

    @Test("each application and function of the dialplan is in a module that the page names")
    func namesModules() throws {
        let page = try Self.page()
        for line in try Self.lines(Set(Self.headings)).values where line.contains("=>") {
            for match in line.matches(of: /([A-Z][A-Za-z]+)\(/) {
                let name = String(match.1)
                guard let module = Self.modules[name] else {
                    Issue.record("\(name) is in no module that is known here: \(line)")
                    continue
                }
                #expect(module.isEmpty || page.contains("`\(module)`"), "\(name) needs \(module)")
            }
        }
    }

    @Test("there is no dialplan on the page but below headings that are run here")
    func whole() throws {
        let known = Set(try Self.headings.flatMap { try Self.dialplan($0).lines.keys })
        for (number, line) in try Self.page().split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard line.contains("exten =>") || line.contains("same =>") else { continue }
            #expect(known.contains(number), "line \(number + 1) is run by no test: \(line)")
        }
        #expect(known.count > 40)
    }

    private static func call(
        _ plan: inout SimulatedDialplan,
        to number: String,
        from caller: String,
        name: String = "PJSIP/trunk-0000001",
        _ happens: (String, inout SimulatedDialplan) -> SimulatedDialplan.Happening
    ) throws -> SimulatedDialplan.Channel {
        var channel = SimulatedDialplan.Channel(name: name, caller: caller)
        try plan.run(&channel, "from-trunk", number, happens)
        return channel
    }

    /// Holds that every line was run, or every one below a heading.
    private static func expectAllRun(_ plan: SimulatedDialplan, below heading: String? = nil) throws {
        let asked = try heading.map { Set(try lines([$0]).keys) }
        for (number, line) in plan.lines where asked?.contains(number) != false && !plan.executed.contains(number) {
            Issue.record("line \(number + 1) is never run: \(line)")
        }
    }

    @Test("over app: callers are handed over, and land in voicemail without a limit when nobody comes")
    func application() throws {
        var plan = try Self.dialplan("Over `app`")
        let unfetched = try Self.call(&plan, to: "+4922166966950", from: "030555123") { app, _ in
            app == "VoiceMail" ? .hangsUp : .goesOn
        }
        #expect(unfetched.log == ["Answer()", "Stasis(cabin,held)", "VoiceMail(100)"])
        #expect(unfetched.timeout == 0)
        let forgotten = try Self.call(&plan, to: "+4922166966950", from: "030555123") { app, _ in
            app == "Stasis" ? .timeIsUp : app == "VoiceMail" ? .hangsUp : .goesOn
        }
        #expect(forgotten.log.last == "VoiceMail(100)" && forgotten.timeout == 0)
        let refused = try Self.call(&plan, to: "+4922166966966", from: Self.sim) { _, _ in .goesOn }
        #expect(refused.log == ["Stasis(cabin,dialin)"] && refused.cause == "21")
        let forgottenLeg = try Self.call(&plan, to: "+4922166966966", from: Self.sim) { _, _ in .timeIsUp }
        #expect(forgottenLeg.cause?.isEmpty == true)
        // Led on by the application, as the command of the machine says.
        for isTooLong in [false, true] {
            let led = try Self.call(&plan, to: "+4922166966966", from: Self.sim) { app, _ in
                app == "Stasis"
                    ? .led(context: "from-gsmbridge", exten: "+4930123456") : isTooLong ? .timeIsUp : .goesOn
            }
            #expect(led.log.last == "Dial(PJSIP/+4930123456@trunk,60)")
            #expect(led.caller == "+4922166966966")
            #expect(led.cause == (isTooLong ? "" : "16"))
        }
        try Self.expectAllRun(plan)
    }

    @Test("by the dialplan alone, announced: in whatever form the trunk shows the SIM, once, and not too late")
    func announced() throws {
        let account = try Rig.account(.asteriskARI, "https://pbx.example.net:8089/ari") {
            $0.options.context = "from-gsmbridge"
        }
        for shown in StasisMachineTests.forms {
            var plan = try Self.dialplan("By the dialplan alone")
            plan.epoch = Int(UnixTime.now.seconds)
            let (requests, _) = try account.play(.prepareCallthrough(try Rig.callthrough()), HTTPReply(status: 204))
            try Self.apply(requests, &plan)
            let call = try Self.call(&plan, to: "+4922166966966", from: shown) { _, _ in .goesOn }
            #expect(call.log == ["Dial(PJSIP/+4930123456@trunk,60)"], "\(shown)")
            #expect(call.caller == "+4922166966966")
            let again = try Self.call(&plan, to: "+4922166966966", from: shown) { _, _ in .goesOn }
            #expect(again.log.isEmpty && again.cause == "21")
            try Self.apply(requests, &plan)
            plan.epoch += 61
            #expect(try Self.call(&plan, to: "+4922166966966", from: shown) { _, _ in .goesOn }.log.isEmpty)
            plan.epoch -= 61
            try Self.apply(requests, &plan)
            let withdrawal = PBXAction.withdrawCallthrough(WithdrawRequest(call: Rig.call, caller: nil))
            try Self.apply(try account.play(withdrawal, HTTPReply(status: 204)).requests, &plan)
            #expect(try Self.call(&plan, to: "+4922166966966", from: shown) { _, _ in .goesOn }.log.isEmpty)
        }
    }

    /// What Asterisk does with `POST /asterisk/variable`.
    private static func apply(_ requests: [WebRequest], _ plan: inout SimulatedDialplan) throws {
        for request in requests {
            let query = try #require(request.url.target.split(separator: "?").last)
            let fields = try #require(FormFields(body: Array(query.utf8)))
            plan.globals[try #require(fields["variable"])] = fields["value"] ?? ""
        }
    }

    @Test("by the dialplan alone, held: the SIM is rung, its call is joined once, and nothing stays behind")
    func joined() throws {
        var plan = try Self.dialplan("By the dialplan alone")
        let key = "GSMBRIDGE_HELD_112345678"
        var joins: [String] = []
        let held = try Self.call(&plan, to: "+4922166966950", from: "030555123", name: "PJSIP/trunk-7") { app, plan in
            guard app == "MusicOnHold" else { return .goesOn }
            #expect(plan.globals[key] == "PJSIP/trunk-7")
            // A second caller meanwhile.
            var second = SimulatedDialplan.Channel(name: "PJSIP/trunk-8", caller: "040666")
            do {
                try plan.run(&second, "held") { app, _ in app == "VoiceMail" ? .hangsUp : .goesOn }
                #expect(second.log == ["Answer()", "VoiceMail(100)"])
                #expect(plan.globals[key] == "PJSIP/trunk-7")
                for shown in ["015112345678", "015112345678"] {
                    var ours = SimulatedDialplan.Channel(name: "PJSIP/trunk-9", caller: shown)
                    try plan.run(&ours, "access-number") { _, _ in .goesOn }
                    joins += ours.log.filter { $0.hasPrefix("Bridge") }
                }
            } catch {
                Issue.record(error)
            }
            // x: hung up behind the conversation.
            return .hangsUp
        }
        #expect(joins == ["Bridge(PJSIP/trunk-7,x)"])
        let ring = "Originate(PJSIP/+4915112345678@trunk,exten,ring-only,s,1,20,ac(+4922166966960))"
        #expect(held.log == ["Answer()", ring, "MusicOnHold(default,45)"])
        var answered = SimulatedDialplan.Channel()
        try plan.run(&answered, "ring-only") { _, _ in .goesOn }
        #expect(answered.cause?.isEmpty == true)
        // Nobody comes; and one who gives up.
        let late = try Self.call(&plan, to: "+4922166966950", from: "030555123") { app, _ in
            app == "VoiceMail" ? .hangsUp : .goesOn
        }
        #expect(late.log.last == "VoiceMail(100)" && plan.globals[key] == "")
        _ = try Self.call(&plan, to: "+4922166966950", from: "030555123") { app, _ in
            app == "MusicOnHold" ? .hangsUp : .goesOn
        }
        #expect(plan.globals[key] == "")
        // A stranger and a withheld one find no way.
        for caller in ["", "040666777", Self.sim] {
            let call = try Self.call(&plan, to: "+4922166966966", from: caller) { _, _ in .goesOn }
            #expect(call.log.isEmpty && call.cause == "21")
        }
        plan.globals["GSMBRIDGE_DIAL_112345678"] = "+4930123456|\(plan.epoch + 60)"
        let led = try Self.call(&plan, to: "+4922166966966", from: Self.sim) { _, _ in .goesOn }
        #expect(led.log == ["Dial(PJSIP/+4930123456@trunk,60)"])
        // The last resort: a call that nothing ends, led on or joined.
        plan.globals["GSMBRIDGE_DIAL_112345678"] = "+4930123456|\(plan.epoch + 60)"
        let forgotten = try Self.call(&plan, to: "+4922166966966", from: Self.sim) { _, _ in .timeIsUp }
        #expect(forgotten.log.count == 1 && forgotten.cause?.isEmpty == true)
        plan.globals[key] = "PJSIP/trunk-7"
        let endless = try Self.call(&plan, to: "+4922166966966", from: Self.sim) { app, _ in
            app == "Bridge" ? .timeIsUp : .goesOn
        }
        #expect(endless.log == ["Answer()", "Bridge(PJSIP/trunk-7,x)"] && endless.cause?.isEmpty == true)
        try Self.expectAllRun(plan)
    }

    @Test("mode answer: the SIM sees a number of ring_from, not the outside caller's")
    func answered() throws {
        var plan = try Self.dialplan("`mode: answer`")
        let call = try Self.call(&plan, to: "+4922166966950", from: "030555123") { app, _ in
            app == "VoiceMail" ? .hangsUp : .goesOn
        }
        #expect(call.caller == "+4922166966960")
        #expect(call.log == ["Dial(PJSIP/+4915112345678@trunk,45)", "VoiceMail(100)"])
        try Self.expectAllRun(plan, below: "`mode: answer`")
    }
}
