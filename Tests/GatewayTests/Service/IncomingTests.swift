import CallFlows
import CallLog
import CallModel
import GatewayAPI
import ModemSimulator
import NetworkSimulator
import TestSupport
import Testing

@testable import Gateway

@Suite("Calls that come in", .timeLimit(.minutes(10)), .serialized)
struct IncomingTests {
    private static let stranger = "+493012345678"

    @Test(
        "a call that nobody expects rings, is refused, or is answered, as is set",
        arguments: [
            ("ignore", CallOutcome.noAnswer, ["requested", "ringing", "ended"]),
            ("reject", .rejected, ["requested", "ringing", "ended"]),
            ("answer", .completed, ["requested", "ringing", "connected", "in_progress", "ended"]),
        ]
    )
    func strangers(wish: String, outcome: CallOutcome, story: [String]) async throws {
        let rig = try await ServiceRig(gateway: ["unknown_callers: \(wish)"])
        let call = rig.ring(from: Self.stranger, givesUpAfter: .seconds(60))
        #expect(await waits { rig.events.contains { $0.name == "call.ringing" } })
        if wish == "answer" {
            #expect(await waits { await rig.service.calls().first?.state == .inProgress })
            rig.hangUp(call)
        }
        if wish == "ignore" {
            #expect(!rig.isAnswered(call))
            let status = await rig.service.calls().first
            #expect(status?.state == .ringing && status?.target == "+493012345678" && status?.modem == "m0")
            #expect(await waits { await rig.service.modems().first?.state == .inCall })
            rig.hangUp(call)
        }
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [outcome])
        #expect(rig.story() == story)
        #expect(rig.requests().first?.direction == .incoming)
        #expect(rig.requests().first?.method == .direct)
        #expect(rig.isIdle)
        #expect(await waits { await rig.service.modems().first?.state == .ready })
        await rig.stop()
    }

    @Test("one that comes in while a person's command runs is answered, and the command is broken off")
    func duringCommand() async throws {
        let search = SimulatedFault.lateReply(command: "AT+COPS=?", delay: .seconds(120), .always)
        let rig = try await ServiceRig(faults: [search], gateway: ["unknown_callers: answer"])
        let command = Task {
            while true {
                do { return try await rig.service.command("AT+COPS=?", modem: "m0") } catch ControlError.conflict {
                    // The modem is still asked for its messages.
                }
            }
        }
        #expect(await waits { rig.hasGiven("AT+COPS=?") })
        // While it runs the modem is nobody else's.
        await #expect(throws: ControlError.self) { try await rig.service.command("AT+CSQ", modem: "m0") }
        let call = rig.ring(from: Self.stranger)
        #expect(await waits { rig.isAnswered(call) })
        await #expect(throws: ControlError.failed("broken off: the modem was needed for a call")) {
            try await command.value
        }
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        rig.hangUp(call)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.completed])
        #expect(await waits { await rig.service.modems().first?.state == .ready })
        // It may be asked for its messages first.
        #expect(await waits { (try? await rig.service.command("AT+CSQ", modem: "m0")) != nil })
        await rig.stop()
    }

    @Test("an answered call that the modem never lists is hung up before it counts as over")
    func unlisted() async throws {
        let rig = try await ServiceRig(
            family: .generic,
            faults: [.unlistedIncoming],
            gateway: ["unknown_callers: answer"]
        )
        let call = rig.ring(from: Self.stranger)
        #expect(await waits { rig.calls().first { $0.id == call }?.answeredAt != nil })
        #expect(await rig.waitsForEnds())
        #expect(rig.isIdle)
        #expect(rig.ends.first?.hangUpVerified == true)
        #expect(await waits { await rig.service.modems().first?.state == .ready })
        await rig.stop()
    }

    @Test("one that waits for a decision is answered, or refused, by command", arguments: [true, false])
    func decision(isTaken: Bool) async throws {
        let rig = try await ServiceRig(gateway: ["unknown_callers: ask"])
        let call = rig.ring(from: "")
        #expect(await waits { await rig.service.calls().first?.state == .ringing })
        let id = try #require(await rig.service.calls().first?.call)
        #expect(await waits { rig.requests().first?.target == "" })
        if isTaken {
            try await rig.service.answer(id)
            #expect(await waits { rig.isAnswered(call) })
            #expect(await waits { await rig.service.calls().first?.state == .inProgress })
            #expect(try await rig.steps() == [.answer])
            await #expect(throws: ControlError.self) { try await rig.service.answer(id) }
            try await rig.service.sendTones("12", in: id)
            try await rig.service.hangUp(id)
        } else {
            try await rig.service.hangUp(id)
        }
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [isTaken ? .completed : .rejected])
        #expect(rig.ends.first?.by == .local && rig.ends.first?.hangUpVerified == true)
        #expect(rig.isIdle)
        await rig.stop()
    }

    @Test("one that is up when the service stops is hung up")
    func stopping() async throws {
        let rig = try await ServiceRig(gateway: ["unknown_callers: answer"])
        let call = rig.ring(from: Self.stranger)
        #expect(await waits { rig.isAnswered(call) })
        await rig.stop()
        #expect(rig.ends.count == 1)
        #expect(rig.isIdle)
    }
}
