import CallModel
import TestSupport
import Testing

@testable import SIP

@Suite("A registration") struct AccountMachineTests {
    private let start = ContinuousClock.now

    private func answer(_ status: Int, realm: String? = nil, expires: Int? = nil, after: Int? = nil) -> RegisterAnswer {
        RegisterAnswer(status: status, phrase: "Words", realm: realm, expires: expires, retryAfter: after)
    }

    private func asking(_ random: inout SeededGenerator) -> AccountMachine {
        var machine = AccountMachine()
        #expect(machine.begin() == [.register, .tell])
        return machine
    }

    @Test("a challenge is answered once, and what is accepted is told once")
    func registers() {
        var random = SeededGenerator(seed: 1)
        var machine = asking(&random)
        #expect(machine.take(answer(401, realm: "\"pbx\""), at: start, &random) == [.authenticate(realm: "\"pbx\"")])
        let until = start + .seconds(120)
        let alarm = AccountMachine.Step.alarm(until + AccountMachine.patience)
        #expect(machine.take(answer(200, expires: 120), at: start, &random) == [alarm, .tell])
        #expect(machine.phase == .registered(until: until))
        // The refresh, challenged anew, is no news.
        #expect(machine.take(answer(401, realm: "\"pbx\""), at: start, &random) == [.authenticate(realm: "\"pbx\"")])
        #expect(machine.take(answer(200, expires: 120), at: start + .seconds(60), &random).contains(.tell) == false)
    }

    @Test("a password that was refused is not sent a second time, and nothing is sent any more")
    func wrongPassword() {
        var random = SeededGenerator(seed: 1)
        var machine = asking(&random)
        _ = machine.take(answer(401, realm: "\"pbx\""), at: start, &random)
        #expect(machine.take(answer(401, realm: "\"pbx\""), at: start, &random) == [.tell])
        #expect(machine.phase == .refused)
        #expect(machine.reason == "the user or the password is wrong (401)")
        #expect(machine.alarm(at: start + .seconds(100_000)) == [])
        #expect(machine.take(answer(200, expires: 60), at: start, &random) == [])
    }

    @Test("a refusal of the account ends the attempts", arguments: [403, 404, 405, 410, 501, 604])
    func forbidden(status: Int) {
        var random = SeededGenerator(seed: 1)
        var machine = asking(&random)
        #expect(machine.take(answer(status), at: start, &random) == [.tell])
        #expect(machine.phase == .refused)
        #expect(machine.reason == "the registrar refuses: \(status) Words")
    }

    @Test("pauses double up to ten minutes, a fifth more or less, and as long as the registrar wants")
    func backsOff() {
        var random = SeededGenerator(seed: 7)
        var machine = asking(&random)
        var now = start
        for round in 0..<12 {
            _ = machine.take(answer(503), at: now, &random)
            guard case .waiting(let until) = machine.phase else { return #expect(Bool(false), "it does not wait") }
            let pause = (until - now) / .seconds(1)
            let middle = min(5.0 * Double(1 << min(round, 10)), 600)
            #expect((0.8 * middle...1.2 * middle).contains(pause), "round \(round): \(pause)")
            #expect(machine.alarm(at: until - .milliseconds(1)) == [.alarm(until)])
            #expect(machine.alarm(at: until) == [.register, .tell])
            now = until
        }
        _ = machine.take(answer(503, after: 1800), at: now, &random)
        guard case .waiting(let until) = machine.phase else { return #expect(Bool(false), "it does not wait") }
        #expect(until - now == .seconds(1800))
    }

    @Test("a registration that was never refreshed is made anew, the password with it")
    func lapses() {
        var random = SeededGenerator(seed: 1)
        var machine = asking(&random)
        _ = machine.take(answer(401, realm: "\"pbx\""), at: start, &random)
        _ = machine.take(answer(200, expires: 60), at: start, &random)
        let end = start + .seconds(60) + AccountMachine.patience
        #expect(machine.alarm(at: end - .seconds(1)) == [.alarm(end)])
        #expect(machine.alarm(at: end) == [.register, .tell])
        #expect(machine.take(answer(401, realm: "\"pbx\""), at: end, &random) == [.authenticate(realm: "\"pbx\"")])
    }

    @Test("whatever comes in whatever order, the password is sent at most once between two acceptances")
    func randomOrder() {
        for seed in RandomRounds(500) {
            var random = SeededGenerator(seed: seed)
            var machine = AccountMachine()
            var now = start
            var tried = 0
            var hasEnded = false
            for _ in 0..<60 {
                now = now + .seconds(Int64.random(in: 0...200, using: &random))
                let steps: [AccountMachine.Step] =
                    switch Int.random(in: 0..<12, using: &random) {
                    case 0: machine.begin()
                    case 1, 2:
                        machine.take(answer(401, realm: Bool.random(using: &random) ? "\"r\"" : nil), at: now, &random)
                    case 3, 4:
                        machine.take(answer(200, expires: Int.random(in: -5...5000, using: &random)), at: now, &random)
                    case 5:
                        machine.take(
                            answer([100, 408, 500, 503].randomElement(using: &random) ?? 100),
                            at: now,
                            &random
                        )
                    case 6: seed % 5 == 0 ? machine.end() : []
                    case 7: seed % 7 == 0 ? machine.give(up: "no") : []
                    default: machine.alarm(at: now)
                    }
                if hasEnded { #expect(steps == [], "seed \(seed)") }
                if machine.phase == .ended { hasEnded = true }
                // A fresh attempt has a password to try of its own.
                if steps.contains(.register) { tried = 0 }
                if case .registered = machine.phase, !steps.contains(where: \.isAuthenticate) { tried = 0 }
                tried += steps.count(where: \.isAuthenticate)
                #expect(tried <= 1, "seed \(seed)")
            }
        }
    }
}

extension AccountMachine.Step {
    fileprivate var isAuthenticate: Bool { if case .authenticate = self { true } else { false } }
}

@Suite("How the server of an account is found") struct AccountRouteTests {
    @Test(
        "an address that only this machine knows leads there, and over TLS the name stays what is checked",
        arguments: [
            ("sip:pbx.local;transport=tls", "192.0.2.1", "<sip:pbx.local:5061;transport=tls;maddr=192.0.2.1;lr>"),
            ("sip:pbx.local:5071;transport=tls", "::1", "<sip:pbx.local:5071;transport=tls;maddr=::1;lr>"),
            ("sip:pbx.local;transport=tcp", "192.0.2.1", "<sip:192.0.2.1:5060;transport=tcp;lr>"),
        ]
    )
    func route(registrar: String, address: String, route: String) throws {
        let settings = SIPSettings.Account(
            name: "office",
            registrar: try #require(SIPAddress(registrar)),
            user: "10"
        ) { "secret" }
        let account = SIPAccount(settings, number: 1)
        #expect(account.order.route == nil)
        account.address = address
        #expect(account.order.route == route)
        #expect(account.order.registrar == registrar)
    }
}
