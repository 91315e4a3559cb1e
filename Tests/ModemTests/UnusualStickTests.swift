import CallFlows
import CallModel
import Modem
import ModemSimulator
import ModemTestSupport
import NetworkSimulator
import Synchronization
import Testing

/// Sticks that call themselves something else, or that are for data only.
@Suite struct UnusualStickTests {
    private static let m6280 = "identity:QUALCOMM INCORPORATED/M6280"

    private static func profile(_ family: SimulatedFamily, _ faults: String...) throws -> ModemProfile {
        var profile = ModemProfile(family)
        profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
        return profile
    }

    private static func driver(of rig: CallRig) -> String? {
        let family = Mutex<String?>(nil)
        rig.start { session in
            let value = await session.family
            family.withLock { $0 = value }
        }
        rig.drive(until: rig.loop.now + .seconds(1)) { family.withLock { $0 != nil } }
        return family.withLock { $0 }
    }

    @Test(
        "a ZTE stick that names the maker of its chip is driven as one",
        arguments: ["+4922166966966", "+4922166966975"],
        [true, false]
    )
    func unbranded(_ number: String, _ listsDialling: Bool) throws {
        var profile = try Self.profile(.zte, Self.m6280)
        if listsDialling { profile.faults.append(.listDialling) }
        let rig = CallRig(profile)
        let outcome = rig.call(number)
        #expect(Self.driver(of: rig) == "zte")
        #expect(outcome.end?.outcome == .completed, "\(String(describing: outcome.end))")
        #expect(rig.withWorld { world, _ in world.calls.first?.digits } == "03012345678#")
        FamilyCallTests.expectClean(rig, outcome)
    }

    @Test(
        "one that nothing tells is waited for until CONNECT, which its list may contradict",
        arguments: ["+4922166966966", "+4922166966975"],
        [true, false]
    )
    func unknownMaker(_ number: String, _ listsDialling: Bool) throws {
        var profile = try Self.profile(.zte, Self.m6280, "refused:AT+ZPAS")
        if listsDialling { profile.faults.append(.listDialling) }
        let rig = CallRig(profile)
        let outcome = rig.call(number)
        #expect(Self.driver(of: rig) == "generic")
        #expect(outcome.end?.outcome == .completed, "\(String(describing: outcome.end))")
        #expect(rig.withWorld { world, _ in world.calls.first?.digits } == "03012345678#")
        FamilyCallTests.expectClean(rig, outcome)
    }

    @Test("a modem that has no dial command has no service", arguments: [SimulatedFamily.generic, .quectel, .simcom])
    func withoutVoice(_ family: SimulatedFamily) throws {
        let rig = CallRig(try Self.profile(family, "no-voice"))
        let outcome = rig.call()
        #expect(outcome.end?.outcome == .noService, "\(String(describing: outcome.end))")
        // 27.007 §9.2, number 4.
        #expect(outcome.end?.detail?.contains("operation not supported") == true, "\(String(describing: outcome.end))")
        FamilyCallTests.expectClean(rig, outcome)
    }

    @Test("hardware for data only is not dialled on")
    func dataOnly() throws {
        let rig = CallRig(try Self.profile(.quectel, "identity:Quectel/BG96"))
        let outcome = rig.call()
        #expect(outcome.bringUpError?.category == .noService)
        #expect(rig.withWorld { world, _ in world.calls.isEmpty })
    }

    @Test("a stick that does not tell of voice calls makes them, and may")
    func unprovenVoice() throws {
        let rig = CallRig(try Self.profile(.huawei, "refused:AT^CVOICE"))
        let outcome = rig.call()
        #expect(outcome.end?.outcome == .completed)
        let voice = Mutex<ModemSurvey.Voice?>(nil)
        rig.start { session in
            let ability = await session.voiceAbility()
            voice.withLock { $0 = ability }
        }
        rig.drive(until: rig.loop.now + .seconds(5)) { voice.withLock { $0 != nil } }
        #expect(voice.withLock { $0 } != .no)
    }
}
