import CallFlows
import CallModel
import Testing

private func tones(_ text: String, secret: Bool = false) -> [DTMFScript.Step] {
    text.map { .digit($0, secret: secret) }
}

@Suite("Scripts of tones")
struct DTMFScriptTests {
    static let long = DTMFScript.Step.pause(.seconds(2))
    static let brief = DTMFScript.Step.pause(.milliseconds(500))

    @Test(
        "a template becomes steps",
        arguments: [
            ("{target}#", tones("0221") + tones("#")),
            ("{pin}# ,, {target}#", tones("1234", secret: true) + tones("#") + [long, long] + tones("0221#")),
            ("{token}", tones("998877", secret: true)),
            ("w{target}w#", [brief] + tones("0221") + [brief] + tones("#")),
            ("0123456789*#ABCD", tones("0123456789*#ABCD")),
            (" 1 2 3 ", tones("123")),
            (",", [long]),
            ("", []),
            ("   ", []),
            ("{target}{target}", tones("02210221")),
            (
                "**{pin}*{target}#{token}",
                tones("**") + tones("1234", secret: true) + tones("*0221#") + tones("998877", secret: true)
            ),
        ] as [(String, [DTMFScript.Step])]
    )
    func parses(template: String, expected: [DTMFScript.Step]) throws {
        let steps = try DTMFScript(template).instantiate(target: "0221", pin: "1234", token: "998877")
        #expect(steps == expected)
    }

    @Test(
        "a template with something else in it is refused with its place",
        arguments: [
            ("12x", .unexpected("x", position: 3)),
            ("E", .unexpected("E", position: 1)),
            ("a", .unexpected("a", position: 1)),
            ("W", .unexpected("W", position: 1)),
            ("1;2", .unexpected(";", position: 2)),
            ("1\r\n2", .unexpected("\r\n", position: 2)),
            ("+49", .unexpected("+", position: 1)),
            ("\u{FF11}", .unexpected("\u{FF11}", position: 1)),
            ("{target", .unclosedPlaceholder(position: 1)),
            ("1{pin{target}", .unclosedPlaceholder(position: 2)),
            ("{", .unclosedPlaceholder(position: 1)),
            ("target}", .unexpected("t", position: 1)),
            ("1}", .strayBrace(position: 2)),
            ("{}", .unknownPlaceholder("", position: 1)),
            ("1{Target}", .unknownPlaceholder("Target", position: 2)),
            ("{ pin }", .unknownPlaceholder(" pin ", position: 1)),
            (String(repeating: "1", count: 129), .tooLong(limit: 128)),
        ] as [(String, DTMFScriptError)]
    )
    func refuses(template: String, expected: DTMFScriptError) {
        #expect(throws: expected) { try DTMFScript(template) }
    }

    @Test(
        "a placeholder without a value that can be sent is refused",
        arguments: [
            ("{pin}{target}", nil, "0221", .missingValue(.pin)),
            ("{pin}{target}", "", "0221", .missingValue(.pin)),
            ("{pin}{target}", "1234", nil, .missingValue(.target)),
            ("{token}", "1234", "0221", .missingValue(.token)),
            ("{target}", nil, "+49221", .notATone(.target, position: 1)),
            ("{pin}", "12x4", nil, .notATone(.pin, position: 3)),
            ("{pin}", "12\u{FF13}", nil, .notATone(.pin, position: 3)),
            ("{pin}", String(repeating: "1", count: 129), nil, .valueTooLong(.pin, limit: 128)),
        ] as [(String, String?, String?, DTMFScriptError)]
    )
    func instantiationErrors(template: String, pin: String?, target: String?, expected: DTMFScriptError) throws {
        let script = try DTMFScript(template)
        #expect(throws: expected) { try script.instantiate(target: target, pin: pin) }
    }

    @Test("a placeholder that the script does not use needs no value")
    func unused() throws {
        #expect(try DTMFScript("12#").instantiate() == tones("12#"))
        #expect(try DTMFScript("{pin}#,{target}").placeholders == [.pin, .target])
        #expect(try DTMFScript("12").placeholders.isEmpty)
    }

    @Test("the default script sends the target and a hash")
    func defaultScript() throws {
        #expect(try DTMFScript.targetOnly == DTMFScript("{target}#"))
        #expect(DTMFScript.targetOnly.description == "{target}#")
    }

    @Test(
        "a script describes itself so that it can be read again",
        arguments: ["{pin}#,,w{target}#", "1", "ABCD*#{token}"]
    )
    func description(template: String) throws {
        let script = try DTMFScript(template)
        #expect(script.description == template)
        #expect(try DTMFScript(script.description) == script)
    }

    @Test("secrets are not shown, however one looks at them")
    func secretsStayHidden() throws {
        let steps = try DTMFScript("{pin}#,{target}").instantiate(target: "0221", pin: "9876")
        let plan = OutgoingCallMachine.Plan(method: .callthrough, number: "030", steps: steps)
        var machine = OutgoingCallMachine(plan: plan)
        _ = machine.start(at: .now)
        var dumped = ""
        dump(steps, to: &dumped)
        let action = CallStep.sendDigit("9", secret: true)
        for text in ["\(steps)", String(reflecting: steps), "\(plan)", String(reflecting: plan), dumped] {
            #expect(!text.contains("9") && !text.contains("8") && !text.contains("7"), "\(text)")
        }
        #expect(action.description == "send •")
        #expect("\([action])".contains("•"))
        #expect(!"\([action])".contains("9"))
        #expect(steps.map(\.description).joined() == "••••#,0221")
        do throws(DTMFScriptError) {
            _ = try DTMFScript("{pin}").instantiate(pin: "98-76")
            Issue.record("a dash is not a tone")
        } catch {
            #expect(!error.description.contains("98") && error.description.contains("position 3"))
        }
    }

    @Test(
        "an error says where and what to do, in plain ASCII",
        arguments: ["12\u{1B}", "1}", "{pin", "{pn}", "{\u{202E}}"]
    )
    func errorText(template: String) {
        #expect {
            try DTMFScript(template)
        } throws: { error in
            let text = String(describing: error)
            return text.contains("position") && text.contains("{pin}")
                && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        }
    }
}

@Suite("Names of the contract")
struct CallOutcomeTests {
    @Test(
        "every outcome has its name and its exit status",
        arguments: [
            (.completed, "completed", 0), (.busy, "busy", 10), (.noAnswer, "no_answer", 11),
            (.rejected, "rejected", 12),
            (.lost, "lost", 13), (.noModem, "no_modem", 20), (.modemFailed, "modem_failed", 21),
            (.noService, "no_service", 22), (.sim, "sim", 23), (.policy, "policy", 30),
            (.pbxUnreachable, "pbx_unreachable", 40), (.pbxRefused, "pbx_refused", 41),
            (.interrupted, "interrupted", 130),
        ] as [(CallOutcome, String, Int32)]
    )
    func outcomes(outcome: CallOutcome, name: String, status: Int32) {
        #expect(outcome.rawValue == name)
        #expect(outcome.exitStatus == status)
    }

    @Test("no outcome is missing from the table, and no status is shared")
    func complete() {
        #expect(CallOutcome.allCases.count == 13)
        #expect(Set(CallOutcome.allCases.map(\.exitStatus)).count == CallOutcome.allCases.count)
        #expect(CallMethod.allCases.map(\.rawValue) == ["callthrough", "callback", "reverse", "direct", "internet"])
        #expect(EndedBy.allCases.map(\.rawValue) == ["local", "remote", "network"])
    }
}
