import CallFlows
import CallLog
import CallModel
import CallPlanning
import DialPlan
import FoundationEssentials
import GatewayAPI
import ModemSimulator
import NetworkSimulator
import PBX
import Synchronization
import TestSupport
import Testing
import WebRequests

@testable import Calls
@testable import Gateway
@testable import Settings

@Suite("Callbacks", .timeLimit(.minutes(10)), .serialized)
struct CallbackTests {
    private static let target = "+4930123456"

    @Test("the PBX is asked once, its call is answered by itself, and the call goes on until somebody hangs up")
    func plain() async throws {
        let rig = try await ServiceRig()
        rig.pbx.onCallback { [weak rig] _ in
            rig?.ring(from: ServiceRig.callbackNumber)
            return .success(CallReference("pbx-1"))
        }
        let id = try await rig.callback()
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        let own = "+491713920000"
        #expect(rig.pbx.asked == [.callback(target: Self.target, caller: own)])
        #expect(try await rig.steps() == [.askPBX])
        #expect(rig.calls().count == 1)
        rig.hangUp(rig.calls().first?.id)
        #expect(await rig.waitsForEnds())
        #expect(rig.story(of: id) == ["requested", "ringing", "connected", "in_progress", "ended"])
        #expect(rig.ends.first?.outcome == .completed && rig.ends.first?.by == .remote)
        let request = rig.requests().first
        #expect(request?.method == .callback && request?.direction == .outgoing && request?.pbx == "office")
        await rig.stop()
        #expect(rig.pbx.asked.count == 1)
    }

    @Test("a PBX whose call is over before it rang is not waited for")
    func overEarly() async throws {
        let rig = try await ServiceRig(expectWithin: "5m")
        rig.pbx.capabilities.tellsState = true
        rig.pbx.onStatus { .ended }
        rig.pbx.onCallback { _ in .success(CallReference("pbx-1")) }
        _ = try await rig.callback()
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.noAnswer] && rig.ends.first?.by == .remote)
        await rig.stop()
        // There was nothing to take back.
        #expect(rig.pbx.asked.count == 1)
    }

    @Test(
        "a call whose target the PBX did not reach is no completed one",
        arguments: [PBXCallState.answered, .pending]
    )
    func target(state: PBXCallState) async throws {
        let rig = try await ServiceRig()
        rig.pbx.capabilities.tellsState = true
        let asked = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        rig.pbx.onStatus { [weak rig] in
            if rig?.calls().contains(where: { $0.state == .answered }) == true { asked.continuation.yield() }
            return state
        }
        rig.pbx.onCallback { [weak rig] _ in
            rig?.ring(from: ServiceRig.callbackNumber)
            return .success(CallReference("pbx-1"))
        }
        _ = try await rig.callback()
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        for await _ in asked.stream.prefix(1) {}
        rig.hangUp(rig.calls().first?.id)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.lost])
        await rig.stop()
    }

    @Test("a question about the PBX's call that fails does not make its target reached, for a while")
    func failedQuestion() async throws {
        let rig = try await ServiceRig()
        rig.pbx.capabilities.tellsState = true
        let questions = Mutex(0)
        let asked = AsyncStream<Int>.makeStream(bufferingPolicy: .unbounded)
        rig.pbx.onStatus { [weak rig] () throws(PBXError) in
            guard rig?.calls().contains(where: { $0.state == .answered }) == true else { return .pending }
            let number = questions.withLock {
                $0 += 1
                return $0
            }
            asked.continuation.yield(number)
            // Two in a row fail, three times; the target is never there.
            guard number % 3 == 0 else { throw PBXError(.unreachable(.connection), "no", remedy: "none") }
            return .pending
        }
        rig.pbx.onCallback { [weak rig] _ in
            rig?.ring(from: ServiceRig.callbackNumber)
            return .success(CallReference("pbx-1"))
        }
        _ = try await rig.callback()
        for await number in asked.stream where number == 9 { break }
        rig.hangUp(rig.calls().first?.id)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.lost])
        await rig.stop()
    }

    @Test(
        "a call that talked is completed where the PBX could not be asked how it stood",
        arguments: [true, false]
    )
    func unfollowed(isAmbiguous: Bool) async throws {
        let rig = try await ServiceRig()
        rig.pbx.capabilities.tellsState = true
        rig.pbx.onCallback { [weak rig] _ in
            rig?.ring(from: ServiceRig.callbackNumber)
            let lost = PBXError(.ambiguous, "closed the connection", remedy: "wait")
            return isAmbiguous ? .failure(lost) : .success(nil)
        }
        _ = try await rig.callback()
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        rig.hangUp(rig.calls().first?.id)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.completed])
        await rig.stop()
    }

    @Test(
        "a request that the PBX refuses, or that never reached it, ends the call at once",
        arguments: [
            (PBXError.Kind.refused(status: 403), CallOutcome.pbxRefused), (.unsupported, .pbxRefused),
            (.unreachable(.connection), .pbxUnreachable), (.misconfigured, .pbxRefused),
        ]
    )
    func refusal(kind: PBXError.Kind, outcome: CallOutcome) async throws {
        let rig = try await ServiceRig()
        rig.pbx.onCallback { _ in .failure(PBXError(kind, "no", remedy: "none")) }
        _ = try await rig.callback()
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [outcome])
        #expect(rig.pbx.asked.count == 1)
        #expect(rig.calls().isEmpty)
        await rig.stop()
    }

    @Test(
        "a request whose fate is unknown is not repeated: the ring proves it, and no ring means unreachable",
        arguments: [true, false]
    )
    func ambiguous(rings: Bool) async throws {
        let rig = try await ServiceRig(expectWithin: rings ? "30s" : "1s")
        rig.pbx.onCallback { [weak rig] _ in
            if rings { rig?.ring(from: ServiceRig.callbackNumber) }
            return .failure(PBXError(.ambiguous, "closed the connection", remedy: "wait"))
        }
        _ = try await rig.callback()
        if rings {
            #expect(await waits { await rig.service.calls().first?.state == .inProgress })
            rig.hangUp(rig.calls().first?.id)
        }
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [rings ? .completed : .pbxUnreachable])
        #expect(rig.pbx.asked.count == 1)
        await rig.stop()
    }

    @Test("a ring that never comes ends it without an answer; one that comes later is refused")
    func noRing() async throws {
        let rig = try await ServiceRig(expectWithin: "1s")
        rig.pbx.onCallback { _ in .success(CallReference("pbx-1")) }
        _ = try await rig.callback()
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.noAnswer])
        #expect(await waits { rig.pbx.asked.last == .hangUp("pbx-1") })
        let late = rig.ring(from: ServiceRig.callbackNumber)
        #expect(await waits { rig.calls().first { $0.id == late }?.isLive == false })
        #expect(!rig.isAnswered(late))
        #expect(rig.calls().first { $0.id == late }?.answeredAt == nil)
        await rig.stop()
    }

    @Test("a ring from elsewhere is refused while the PBX's is waited for, and that one is answered")
    func elsewhere() async throws {
        let rig = try await ServiceRig(expectWithin: "60s")
        let id = try await rig.callback()
        #expect(await waits { !rig.pbx.asked.isEmpty })
        let stranger = rig.ring(from: "+493012345678")
        #expect(await waits { rig.calls().first { $0.id == stranger }?.isLive == false })
        #expect(rig.calls().first { $0.id == stranger }?.answeredAt == nil)
        let withheld = rig.ring(from: "")
        #expect(await waits { rig.calls().first { $0.id == withheld }?.isLive == false })
        #expect(rig.calls().first { $0.id == withheld }?.answeredAt == nil)
        let expected = rig.ring(from: ServiceRig.callbackNumber)
        #expect(await waits { rig.isAnswered(expected) })
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds(3))
        #expect(rig.events.last { $0.call == id }?.name == "call.ended")
        #expect(rig.isIdle)
        await rig.stop()
    }

    @Test("who gives up is told so at once, and the PBX's call that comes then is refused")
    func givenUp() async throws {
        let rig = try await ServiceRig(expectWithin: "10s")
        rig.pbx.onCallback { _ in .success(CallReference("pbx-1")) }
        let id = try await rig.callback()
        #expect(await waits { !rig.pbx.asked.isEmpty })
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.interrupted])
        #expect(await waits { rig.pbx.asked.last == .hangUp("pbx-1") })
        let late = rig.ring(from: ServiceRig.callbackNumber)
        #expect(await waits { rig.calls().first { $0.id == late }?.isLive == false })
        #expect(rig.calls().first { $0.id == late }?.answeredAt == nil)
        await rig.stop()
    }

    @Test("two at once on two modems each get the ring of their own")
    func two() async throws {
        let rig = try await ServiceRig(modems: 2, expectWithin: "10s")
        rig.pbx.onCallback { [weak rig] request in
            let modem = request.caller?.description == "+491713920000" ? 0 : 1
            rig?.ring(modem, from: ServiceRig.callbackNumber)
            return .success(nil)
        }
        let first = try await rig.callback(modem: "m0", number: "030 123456")
        let second = try await rig.callback(modem: "m1", number: "030 654321")
        #expect(await waits { await rig.service.calls().allSatisfy { $0.state == .inProgress } })
        let calls = await rig.service.calls()
        #expect(calls.first { $0.call == first }?.modem == "m0")
        #expect(calls.first { $0.call == second }?.modem == "m1")
        rig.hangUp(rig.calls(of: 0).first?.id)
        #expect(await rig.waitsForEnds())
        #expect(rig.events.last { $0.name == "call.ended" }?.call == first)
        #expect(await rig.service.calls().map(\.call) == [second])
        await rig.stop()
        #expect(rig.isIdle)
    }

    @Test("without a PBX that calls back it is refused as a wrong request")
    func none() async throws {
        let configuration = try ConfigurationRig.read("gateway: { name: a }\n")
        let planner = RoutePlanner(configuration: configuration, environment: ConfigurationRig.environment())
        var request = DialRequest(number: "030 123456")
        request.via = .callback
        #expect(throws: ControlError.self) { try planner.route(for: request) }
    }
}
