import CallFlows
import CallLog
import CallModel
import DialPlan
import FoundationEssentials
import GatewayAPI
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import Synchronization
import TestSupport
import Testing
import TextCoding
import WebRequests

@testable import Calls
@testable import Gateway
@testable import PBX

@Suite("Callers whom the PBX holds", .timeLimit(.minutes(10)), .serialized)
struct ReverseTests {
    private static func reference(_ text: String = "held-1") throws -> CallReference {
        try #require(CallReference(text))
    }

    private static func held(_ call: CallReference) -> PBXEvent {
        PBXEvent(.held(HeldCaller(from: .local("anna"), validFor: .seconds(30))), call: call)
    }

    private static func ticket(_ number: String, token: String? = nil) throws -> CallTicket {
        CallTicket(dial: try DialString(typed: number), token: token.map { Secret($0) }, validFor: .seconds(20))
    }

    /// The calls that the modem dialled.
    private static func dialled(_ rig: ServiceRig) -> [SimulatedCall] {
        rig.calls().filter { $0.direction == .outgoing }
    }

    @Test(
        "by answering, the PBX's ring is answered by itself, in whatever form its number comes",
        arguments: ["+4922166966960", "022166966960"]
    )
    func answering(caller: String) async throws {
        let rig = try await ServiceRig(reverse: "mode: answer")
        let call = rig.ring(from: caller)
        #expect(await waits { rig.isAnswered(call) })
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        let status = await rig.service.calls().first
        #expect(status?.method == .reverse && status?.pbx == "office" && status?.direction == .incoming)
        rig.hangUp(call)
        #expect(await rig.waitsForEnds())
        #expect(rig.story() == ["requested", "ringing", "connected", "in_progress", "ended"])
        #expect(rig.ends.map(\.outcome) == [.completed])
        #expect(rig.pbx.asked.isEmpty)
        await rig.stop()
    }

    @Test("a call that is over is kept by nothing")
    func letGo() async throws {
        let rig = try await ServiceRig(reverse: "mode: answer")
        let call = rig.ring(from: ServiceRig.reverseNumber)
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        weak let kept = await rig.service.live.all.first
        #expect(kept != nil)
        rig.hangUp(call)
        #expect(await rig.waitsForEnds())
        #expect(await waits { kept == nil })
        await rig.stop()
    }

    @Test("who decides may take the ring or refuse it", arguments: [true, false])
    func asking(isTaken: Bool) async throws {
        let rig = try await ServiceRig(reverse: "mode: answer, accept: ask")
        let call = rig.ring(from: ServiceRig.reverseNumber)
        #expect(await waits { await rig.service.calls().first?.state == .ringing })
        let id = try #require(await rig.service.calls().first?.call)
        #expect(!rig.isAnswered(call))
        if isTaken {
            try await rig.service.answer(id)
            #expect(await waits { await rig.service.calls().first?.state == .inProgress })
            #expect(rig.isAnswered(call))
        }
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [isTaken ? .completed : .rejected])
        #expect(rig.isIdle)
        await rig.stop()
    }

    @Test("by dialling back, the ring is refused, the caller is claimed, and the token is sent after the answer")
    func dialBack() async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        rig.pbx.capabilities.pushesEvents = true
        rig.pbx.onClaim { _ in
            do { return .success(try Self.ticket("+4922166966967", token: "4711")) } catch {
                return .failure(PBXError(.misconfigured, "\(error)", remedy: "none"))
            }
        }
        let ring = rig.ring(from: ServiceRig.reverseNumber)
        // The PBX's word is waited for 3 s from here on.
        #expect(await waits { rig.requests().contains { $0.method == .reverse } })
        rig.service.take(Self.held(try Self.reference()), from: "office")
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        #expect(rig.calls().first { $0.id == ring }?.answeredAt == nil)
        #expect(rig.pbx.asked == [.claim("held-1")])
        let dialled = try #require(Self.dialled(rig).first)
        #expect(dialled.number == "+4922166966967")
        #expect(String(dialled.tones.map(\.digit)) == "4711#")
        #expect(Set(try await rig.steps()) == [.claim, .dial])
        let dialing = rig.events.first { if case .progress(.dialing) = $0.kind { true } else { false } }
        #expect(dialing?.modem == "m0")
        rig.hangUp(dialled.id)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.completed])
        #expect(rig.story().last == "ended" && rig.story().contains("dialing"))
        #expect(
            rig.events.contains {
                if case .progress(.handover(let digits, 5, 5)) = $0.kind { digits == "••••#" } else { false }
            }
        )
        await rig.stop()
    }

    @Test(
        "a claim that is refused is the PBX's refusal; a caller whose time is over is not claimed",
        arguments: [true, false]
    )
    func noClaim(isRefused: Bool) async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        rig.pbx.onClaim { _ in .failure(PBXError(.refused(status: 401), "it does not know us", remedy: "none")) }
        let caller = HeldCaller(from: .withheld, validFor: isRefused ? .seconds(20) : .zero)
        rig.service.take(PBXEvent(.held(caller), call: try Self.reference()), from: "office")
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [isRefused ? .pbxRefused : .noAnswer])
        #expect(rig.pbx.asked.contains(.claim("held-1")) == isRefused)
        #expect(Self.dialled(rig).isEmpty)
        await rig.stop()
    }

    @Test("a PBX that can't be asked is called at its access number, and knows the call by its caller")
    func byCaller() async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        rig.pbx.capabilities.reverse = .ringOnly
        rig.ring(from: ServiceRig.reverseNumber)
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        #expect(Self.dialled(rig).map(\.number) == [ServiceRig.accessNumber])
        #expect(Self.dialled(rig).first?.tones.isEmpty == true)
        await rig.stop()
        #expect(rig.pbx.asked.isEmpty)
        #expect(rig.isIdle)
    }

    @Test(
        "where the dialplan alone knows the call by its caller, what was announced before is taken back before it is dialled"
    )
    func forgets() async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        rig.pbx.capabilities.reverse = .ringOnly
        rig.pbx.capabilities.announcesCallthrough = true
        let dialledBefore = Mutex<Int?>(nil)
        rig.pbx.onWithdrawal { [rig] in
            let count = Self.dialled(rig).count
            dialledBefore.withLock { $0 = count }
        }
        rig.ring(from: ServiceRig.reverseNumber)
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        #expect(dialledBefore.withLock { $0 } == 0)
        #expect(rig.pbx.asked == [.withdraw])
        #expect(Self.dialled(rig).map(\.number) == [ServiceRig.accessNumber])
        await rig.stop()
        #expect(rig.isIdle)
    }

    @Test("announced by data alone, the caller is fetched without a ring; the ring that follows is refused")
    func announced() async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        let reference = try Self.reference()
        rig.service.take(Self.held(reference), from: "office")
        rig.service.take(Self.held(reference), from: "office")
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        #expect(await rig.service.calls().count == 1)
        #expect(await rig.service.calls().first?.target == "anna")
        #expect(Self.dialled(rig).count == 1)
        #expect(rig.pbx.asked == [.claim("held-1")])
        await rig.stop()
        #expect(rig.ends.count == 1)
    }

    @Test(
        "a claim that fails makes no call",
        arguments: [
            (PBXError.Kind.lost, CallOutcome.pbxRefused, [] as [ReleaseRequest.Reason]),
            (.expired, .noAnswer, []),
            (.unreachable(.connection), .pbxUnreachable, [.failed]),
            (.refused(status: 403), .pbxRefused, [.failed]),
            (.ambiguous, .pbxUnreachable, [.failed]),
        ]
    )
    func claims(kind: PBXError.Kind, outcome: CallOutcome, releases: [ReleaseRequest.Reason]) async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        rig.pbx.onClaim { _ in .failure(PBXError(kind, "no", remedy: "none")) }
        rig.service.take(Self.held(try Self.reference()), from: "office")
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [outcome])
        #expect(Self.dialled(rig).isEmpty)
        #expect(await waits { rig.pbx.asked == [.claim("held-1")] + releases.map { .release("held-1", $0) } })
        await rig.stop()
    }

    @Test("a caller who has gone is not called for any more: our leg is hung up at once")
    func gone() async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        rig.host.withWorld { world, _ in
            world.network.accessNumbers = [:]
            world.network.subscribers[ServiceRig.accessNumber] = .noAnswer(
                alerting: .milliseconds(200),
                givesUpAfter: .seconds(30)
            )
        }
        let reference = try Self.reference()
        rig.service.take(Self.held(reference), from: "office")
        #expect(await waits { await rig.service.calls().first?.state == .alerting })
        rig.service.take(PBXEvent(.ended(.cancelled, seconds: nil), call: reference), from: "office")
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.noAnswer])
        #expect(rig.isIdle)
        #expect(!rig.pbx.asked.contains { if case .release = $0 { true } else { false } })
        await rig.stop()
    }

    @Test("a caller who leaves behind the answer, before the two are joined, ends our call")
    func goneUnjoined() async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        rig.pbx.capabilities.tellsJoins = true
        let reference = try Self.reference()
        rig.service.take(Self.held(reference), from: "office")
        #expect(await waits { rig.story().contains("connected") })
        rig.service.take(PBXEvent(.ended(.cancelled, seconds: nil), call: reference), from: "office")
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.noAnswer])
        #expect(!rig.story().contains("in_progress"))
        #expect(rig.isIdle)
        await rig.stop()
    }

    @Test("a caller who leaves the conversation takes our call along, though the PBX leaves it up")
    func goneJoined() async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        rig.pbx.capabilities.tellsJoins = true
        let reference = try Self.reference()
        rig.service.take(Self.held(reference), from: "office")
        #expect(await waits { rig.story().contains("connected") })
        rig.service.take(PBXEvent(.bridged, call: reference), from: "office")
        #expect(await waits { rig.story().contains("in_progress") })
        rig.service.take(PBXEvent(.ended(.normal, seconds: 9), call: reference), from: "office")
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.completed])
        #expect(rig.isIdle)
        await rig.stop()
    }

    @Test("a caller whom the PBX could not hold has not hung up")
    func notHeld() async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back, accept: ask")
        let reference = try Self.reference()
        rig.service.take(Self.held(reference), from: "office")
        #expect(await waits { await rig.service.calls().first?.state == .ringing })
        rig.service.take(PBXEvent(.ended(.failed, seconds: nil), call: reference), from: "office")
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.pbxRefused])
        #expect(rig.ends.first?.detail?.contains("could not hold") == true)
        await rig.stop()
    }

    @Test("one who is declined, and one for whom there is no modem, is given back")
    func givenBack() async throws {
        let rig = try await ServiceRig(
            gateway: ["queue_for: 0s", "unknown_callers: answer"],
            reverse: "mode: dial_back, accept: ask"
        )
        rig.service.take(Self.held(try Self.reference()), from: "office")
        #expect(await waits { await rig.service.calls().first?.state == .ringing })
        rig.service.take(Self.held(try Self.reference("held-2")), from: "office")
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.noModem])
        #expect(await waits { rig.pbx.asked == [.release("held-2", .busy)] })
        let id = try #require(await rig.service.calls().first?.call)
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds(2))
        #expect(rig.ends.last?.outcome == .rejected)
        #expect(await waits { rig.pbx.asked.last == .release("held-1", .declined) })
        #expect(Self.dialled(rig).isEmpty)
        await rig.stop()
    }

    @Test(
        "a number that the PBX names is dialled by the rules of this box only, and is never help",
        arguments: ["+49 900 1234567", "112", "+49112", "tel:112", "0049110", "911"]
    )
    func policy(number: String) async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back")
        rig.pbx.onClaim { _ in
            do { return .success(try Self.ticket(number)) } catch {
                return .failure(PBXError(.misconfigured, "\(error)", remedy: "none"))
            }
        }
        rig.service.take(Self.held(try Self.reference()), from: "office")
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.policy])
        #expect(Self.dialled(rig).isEmpty)
        #expect(await waits { rig.pbx.asked.last == .release("held-1", .failed) })
        await rig.stop()
    }

    @Test("the PBX that stops ringing before anybody decides is a missed caller")
    func missed() async throws {
        let rig = try await ServiceRig(reverse: "mode: dial_back, accept: ask")
        let ring = rig.ring(from: ServiceRig.reverseNumber)
        #expect(await waits { await rig.service.calls().first?.state == .ringing })
        rig.hangUp(ring)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.noAnswer])
        #expect(Self.dialled(rig).isEmpty)
        await rig.stop()
    }
}
