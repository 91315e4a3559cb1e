import CallEndpoints
import CallModel
import FoundationEssentials
import GatewayAPI
import Modem
import ModemSimulator
import NetworkSimulator
import TestSupport
import Testing

@testable import Calls
@testable import Gateway

/// A service, and those who call at its account.
final class HoldHouse {
    let rig: ServiceRig
    private let count: Int
    /// Those whose sound is served, ended with the test.
    private var voices: [VoiceTTY] = []

    init(
        _ more: String = "",
        access: String = ServiceRig.accessNumber,
        rules: [String] = [],
        modems: Int = 1
    ) async throws {
        count = modems
        // Nobody listens there: what comes in is told by the test.
        let account =
            "    office: { registrar: \"sip:127.0.0.1:9\", user: \"10\", password: { credential: sip }, pbx: office }"
        rig = try await ServiceRig(
            modems: modems,
            reverse: "mode: dial_back, hold: agent\(more)",
            access: access,
            more: ["sip:", "  accounts:", account] + rules
        )
    }

    deinit { for voice in voices { voice.stop() } }

    /// A call that comes in at the account, and what is heard there.
    func call(
        from number: String?,
        to called: String? = nil,
        saying sample: Int16 = 0
    ) async throws -> (Call, AccountEnd) {
        let voice = try VoiceTTY()
        voice.say(sample)
        voice.serve()
        voices.append(voice)
        let leg = AccountEnd(voice)
        // The service has begun once it has them.
        #expect(await waits { await rig.service.desk.tools != nil })
        // It follows telephones before it follows its modems.
        #expect(
            await waits {
                let modems = await rig.service.modems()
                return modems.count >= count && modems.allSatisfy { $0.state != .starting }
            }
        )
        let tools = try #require(await rig.service.desk.tools)
        return (try #require(AccountCallScript.begin("office", from: number, to: called, on: leg, tools)), leg)
    }

    /// The call of the modem for a caller, once it is answered there and has keyed so many digits.
    func fetches(keying count: Int) async throws -> SimulatedCall {
        func made() -> SimulatedCall? {
            rig.calls().first { $0.direction == .outgoing && $0.state == .answered && $0.tones.count >= count }
        }
        #expect(await waits { made() != nil })
        return try #require(made())
    }

    var own: String { ModemProfile(.quectel, number: 0).ownNumber }

    func end(of call: Call) async -> CallEnd? {
        func end() -> CallEnd? {
            rig.events
                .compactMap { event in
                    if event.call == call.id, case .progress(.ended(let end)) = event.kind { end } else { nil }
                }
                .first
        }
        #expect(await waits { end() != nil })
        return end()
    }

    /// The call that fetches a caller.
    var reverse: CallStatus? {
        get async { await rig.service.calls().first { $0.method == .reverse } }
    }

    func reverseEnd() async -> CallEnd? {
        let id = rig.events.first { event in
            if case .requested(let request) = event.kind { request.method == .reverse } else { false }
        }?
        .call
        guard let id else { return nil }
        func end() -> CallEnd? {
            rig.events
                .compactMap { event in
                    if event.call == id, case .progress(.ended(let end)) = event.kind { end } else { nil }
                }
                .first
        }
        #expect(await waits { end() != nil })
        return end()
    }
}
