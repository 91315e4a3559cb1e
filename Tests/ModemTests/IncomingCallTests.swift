import ATProtocol
import CallFlows
import CallModel
import Modem
import ModemSimulator
import ModemTestSupport
import NetworkSimulator
import Testing

/// Calls that come in, on every simulated family, on simulated time.
@Suite struct IncomingCallTests {
    private static let caller = "+4922166966960"

    @Test(
        "a ring is answered by its caller's number, followed, and ended by the caller",
        arguments: SimulatedFamily.allCases
    )
    func answered(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)))
        let id = try #require(rig.ring())
        rig.pass(.seconds(3))
        #expect(rig.calls.last?.state == .answered)
        #expect(rig.steps.filter { $0 != "identified" } == ["ringing", "answered"], "\(rig.steps)")
        #expect(rig.caller == .number(Self.caller))
        rig.pass(.seconds(60))
        #expect(rig.calls.last?.state == .answered)
        rig.hangUpFarSide(id)
        rig.pass(.seconds(6))
        #expect(rig.steps.last == "released: remote")
        #expect(rig.commands.filter { $0 == "ATA" }.count == 1)
        #expect(rig.violations == [])
        #expect(rig.perform { await $0.incomingCall == nil } == true)
    }

    @Test("we end an answered call, and the modem is seen idle", arguments: SimulatedFamily.allCases)
    func hungUp(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)))
        rig.ring()
        rig.pass(.seconds(10))
        #expect(rig.calls.last?.state == .answered)
        #expect(rig.perform { await $0.hangUp() } == true)
        #expect(rig.live == 0)
        rig.pass(.seconds(3))
        #expect(rig.steps.last == "released: local")
        #expect(rig.calls.last?.endedBy == .modem)
        #expect(rig.violations == [])
    }

    @Test("a digit is sent in a call that came in", arguments: SimulatedFamily.allCases)
    func digit(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)))
        rig.ring()
        rig.pass(.seconds(5))
        let result = rig.perform { await $0.sendDigit("5", tone: .milliseconds(120)) }
        guard case .acknowledged = result else {
            Issue.record("\(String(describing: result))")
            return
        }
        rig.pass(.seconds(1))
        #expect(rig.calls.last?.tones.map(\.digit) == ["5"])
    }

    @Test("a refused caller is gone, and hears busy", arguments: SimulatedFamily.allCases)
    func refused(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)) { $0.caller == .notYet ? .later : .refuse })
        rig.ring()
        rig.pass(.seconds(8))
        #expect(rig.steps.last == "released: refused")
        #expect(rig.live == 0)
        #expect(rig.calls.last?.endedBy == .modem)
        #expect(rig.calls.last?.cause == 17)
        #expect(!rig.commands.contains("ATA"))
        #expect(rig.violations == [])
    }

    @Test("a caller who gives up unanswered is missed", arguments: SimulatedFamily.allCases, [2, 7, 13])
    func missed(_ family: SimulatedFamily, _ seconds: Int) throws {
        let rig = try #require(RingRig(ModemProfile(family)) { _ in .ignore })
        rig.ring(givesUpAfter: .seconds(seconds))
        rig.pass(.seconds(seconds))
        #expect(rig.steps.first == "ringing")
        #expect(rig.steps.last != "released: missed")
        // The list is looked at every two seconds.
        rig.pass(.milliseconds(2500))
        #expect(rig.steps.last == "released: missed")
        #expect(rig.steps.filter { $0.hasPrefix("released") }.count == 1)
        #expect(rig.violations == [])
    }

    @Test("a caller who gives up while we answer is not taken for answered", arguments: SimulatedFamily.allCases)
    func goneWhileAnswering(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)) { _ in .ignore })
        let id = try #require(rig.ring())
        rig.pass(.seconds(4))
        rig.hangUpFarSide(id)
        #expect(rig.perform { await $0.answer() } != nil)
        rig.pass(.seconds(8))
        #expect(!rig.steps.contains("answered"))
        #expect(["released: goneWhileAnswering", "released: missed"].contains(rig.steps.last))
        #expect(rig.violations == [])
    }

    @Test("a withheld caller is known to be withheld, or at least not to be known", arguments: SimulatedFamily.allCases)
    func withheld(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)) { $0.caller == .notYet ? .later : .refuse })
        rig.ring(from: "")
        rig.pass(.seconds(12))
        #expect(rig.caller == .withheld || rig.caller == .unavailable)
        #expect(rig.steps.last == "released: refused")
        #expect(rig.live == 0)
    }

    @Test("a ring goes on while a person thinks, and is answered by command", arguments: SimulatedFamily.allCases)
    func later(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)) { _ in .later })
        rig.ring(givesUpAfter: .seconds(60))
        rig.pass(.seconds(23))
        #expect(rig.steps.first == "ringing")
        #expect(!rig.steps.contains { $0.hasPrefix("released") })
        #expect(rig.perform { await $0.answer() } == true)
        rig.pass(.seconds(2))
        #expect(rig.steps.last == "answered")
        #expect(rig.perform { await $0.answer() } == false)
        #expect(rig.perform { await $0.hangUp() } == true)
        #expect(rig.live == 0)
    }

    @Test("two rings one after the other are two calls", arguments: SimulatedFamily.allCases)
    func twoRings(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)))
        let first = try #require(rig.ring())
        rig.pass(.seconds(5))
        rig.hangUpFarSide(first)
        rig.pass(.seconds(6))
        rig.ring(from: "+4930123456")
        rig.pass(.seconds(5))
        #expect(rig.steps.filter { $0 == "answered" }.count == 2)
        #expect(Set(rig.updates.map(\.call.id)).count == 2)
        #expect(rig.caller == .number("+4930123456"))
        #expect(rig.violations == [])
    }

    @Test("the answer goes before everything that waits for the line")
    func urgent() throws {
        let rig = try #require(RingRig(ModemProfile(.generic)))
        rig.ring()
        rig.rig.loop.start { [session = rig.session] in _ = try? await session.execute(.query("AT+CSQ")) }
        // Each command takes some milliseconds; the number is there after 110.
        for number in 0..<24 {
            rig.rig.loop.start { [session = rig.session] in
                _ = try? await session.execute(ATCommand("ATS\(number + 20)?", reply: .text))
            }
        }
        rig.pass(.milliseconds(105))
        let before = rig.commands.count
        rig.pass(.seconds(2))
        let position = try #require(rig.commands.dropFirst(before).firstIndex(of: "ATA"))
        #expect(position - before <= 3, "\(rig.commands.dropFirst(before))")
        #expect(rig.steps.last == "answered")
    }

    @Test("while nobody watches, a ring changes nothing")
    func unwatched() throws {
        let rig = CallRig(ModemProfile(.generic))
        let outcome = rig.call { progress, rig, _ in
            guard case .inProgress = progress else { return }
            rig.withWorld { world, now in _ = world.ring(modem: 0, from: Self.caller, at: now) }
        }
        #expect(outcome.end?.outcome == .completed)
    }
}
