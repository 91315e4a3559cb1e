import ATProtocol
import CallFlows
import CallModel
import Modem
import ModemSimulator
import ModemTestSupport
import Synchronization
import Testing

/// What must go out at once goes out, whatever else is under way.
@Suite struct UrgencyTests {
    private static func profile(_ family: SimulatedFamily, _ faults: String...) throws -> ModemProfile {
        var profile = ModemProfile(family)
        profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
        return profile
    }

    /// A session that is ready while a person's search for networks is under way, which takes a minute.
    private final class Search: Sendable {
        let rig: RingRig
        private let outcome = Mutex<String?>(nil)
        var result: String? { outcome.withLock { $0 } }

        init(_ family: SimulatedFamily) throws {
            rig = try #require(RingRig(try profile(family, "late-reply:AT+COPS=?:60s")))
            let command = ATCommand("AT+COPS=?", reply: .everything, within: .seconds(180), kind: .typed)
            rig.rig.loop.start { [self] in
                do throws(CommandExchange.Failure) {
                    _ = try await rig.session.execute(command)
                    outcome.withLock { $0 = "answered" }
                } catch {
                    outcome.withLock { $0 = "\(error)" }
                }
            }
            rig.pass(.seconds(5))
        }
    }

    @Test("a ring during a command of a minute is answered within a second", arguments: SimulatedFamily.allCases)
    func ring(_ family: SimulatedFamily) throws {
        let search = try Search(family)
        let rig = search.rig
        rig.ring()
        // The caller is known some 0.1 s after the call has arrived.
        rig.pass(.milliseconds(1100))
        #expect(rig.commands.last == "ATA" || rig.commands.contains("ATA"), "\(rig.commands.suffix(3))")
        #expect(rig.live == 1)
        rig.pass(.seconds(4))
        #expect(rig.steps.contains("answered"), "\(rig.steps)")
        #expect(search.result == "abandoned")
        #expect(rig.violations == [])
    }

    @Test("what a person types just behind the answer to a ring is not sent", arguments: SimulatedFamily.allCases)
    func typedBehindAnswer(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)))
        rig.ring()
        rig.pass(.milliseconds(1100))
        #expect(rig.commands.contains("ATA"), "\(rig.commands.suffix(3))")
        let failure = rig.perform { session -> String in
            let command = ATCommand("AT+COPS=?", reply: .everything, within: .seconds(180), kind: .typed)
            do throws(CommandExchange.Failure) {
                return "\(try await session.execute(command).result)"
            } catch {
                return "\(error)"
            }
        }
        #expect(failure == "abandoned")
        rig.pass(.seconds(4))
        #expect(rig.steps.contains("answered"), "\(rig.steps)")
        #expect(!rig.commands.contains("AT+COPS=?"))
    }

    @Test("the answer is on the wire before anybody is told who calls", arguments: SimulatedFamily.allCases)
    func answerBeforeNews(_ family: SimulatedFamily) throws {
        let rig = CallRig(ModemProfile(family))
        let wasWritten = Mutex<[Bool]>([])
        let isReady = Mutex(false)
        rig.start { [rig] session in
            await session.watchIncoming {
                $0.number == nil ? .later : .answer
            } updates: { update in
                guard update.call.number != nil, wasWritten.withLock({ $0.isEmpty }) else { return }
                let commands = rig.withWorld { world, _ in world.commands(of: 0) }
                wasWritten.withLock { $0.append(commands.contains("ATA")) }
            }
            do throws(ModemError) { try await session.bringUp() } catch { Issue.record("\(error)") }
            isReady.withLock { $0 = true }
        }
        rig.drive(until: rig.loop.now + .seconds(60)) { isReady.withLock { $0 } }
        rig.withWorld { world, now in _ = world.ring(modem: 0, from: "+4922166966960", at: now) }
        rig.drive(until: rig.loop.now + .seconds(8))
        #expect(wasWritten.withLock { $0 } == [true])
    }

    @Test("a call for help during such a command is dialled within a second", arguments: SimulatedFamily.allCases)
    func help(_ family: SimulatedFamily) throws {
        let search = try Search(family)
        let rig = search.rig
        rig.rig.loop.start { [rig] in
            do throws(ModemError) {
                try await rig.session.prepareToDial(isForEmergency: true)
                try await rig.session.dial("112", blocksFor: .seconds(60)) { _ in }
            } catch {
                Issue.record("\(error)")
            }
        }
        rig.pass(.seconds(1))
        #expect(rig.commands.contains("ATD112;"), "\(rig.commands.suffix(3))")
        #expect(search.result == "abandoned")
        _ = rig.perform { await $0.hangUp() }
        #expect(rig.live == 0)
    }

    @Test(
        "a hang-up goes out within 3 s on a line that is never quiet, with an answer missing",
        arguments: SimulatedFamily.allCases,
        ["lost-reply:AT+CLCC:1", "lost-reply:AT+CLCC:2", "late-reply:AT+CLCC:4s:*"]
    )
    func chatter(_ family: SimulatedFamily, _ fault: String) throws {
        let rig = CallRig(try Self.profile(family, "chatter:60ms", fault))
        let began = rig.loop.now
        let outcome = rig.call(script: "", interruptAfter: .seconds(12))
        #expect(outcome.end?.outcome == .interrupted)
        #expect(rig.lateHangUps == 0)
        #expect(rig.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
        #expect(rig.loop.now - began < .seconds(120))
    }
}
