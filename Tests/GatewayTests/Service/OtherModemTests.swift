import CallModel
import FoundationEssentials
import GatewayAPI
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

@testable import Gateway

@Suite("A call whose modem fails before anything is dialled", .timeLimit(.minutes(10)), .serialized)
struct OtherModemTests {
    /// How often a test begins anew because the fleet has found out before the call that the first modem is deaf, and takes
    /// the other one at once.
    private static let tries = [false, false, true]

    /// Two modems, of which the first is deaf, and the next to be taken: the other one has had a call.
    private static func oneDeaf() async throws -> ServiceRig {
        let rig = try await ServiceRig(modems: 2)
        try await dial(rig, modem: "m1")
        #expect(await waits { await rig.service.calls().first?.state == .inProgress })
        try await rig.service.hangUp(try #require(await rig.service.calls().first?.call))
        #expect(await rig.waitsForEnds())
        #expect(await waits { await rig.service.modems().first { $0.name == "m1" }?.state == .ready })
        rig.host.withWorld { world, _ in world.deafen(0) }
        return rig
    }

    private static func dial(_ rig: ServiceRig, modem: String? = nil) async throws {
        var request = DialRequest(number: "030 12345678")
        (request.via, request.modem) = (.callthrough, modem)
        _ = try await rig.service.dial(request, id: UUID(), origin: .local)
    }

    @Test("is made on another one, once")
    func another() async throws {
        for _ in Self.tries {
            let rig = try await Self.oneDeaf()
            try await Self.dial(rig)
            #expect(await waits { await rig.service.calls().first?.modem != nil })
            let takesFirst = await rig.service.calls().first?.modem == "m0"
            #expect(await waits { await rig.service.calls().first?.state == .inProgress })
            #expect(rig.calls(of: 0).isEmpty)
            #expect(rig.calls(of: 1).map(\.number) == [ServiceRig.accessNumber, ServiceRig.accessNumber])
            #expect(await rig.service.calls().first?.modem == "m1")
            await rig.stop()
            #expect(rig.isIdle)
            if takesFirst { return }
        }
        Issue.record("the deaf modem was never taken")
    }

    @Test("that is hung up while it waits for the deaf one ends interrupted, and is made on no other")
    func interrupted() async throws {
        for isLast in Self.tries {
            let rig = try await Self.oneDeaf()
            var request = DialRequest(number: "030 12345678")
            request.via = .callthrough
            let id = UUID()
            _ = try await rig.service.dial(request, id: id, origin: .local)
            #expect(await waits { await rig.service.calls().first?.modem != nil })
            let takesFirst = await rig.service.calls().first?.modem == "m0"
            try await rig.service.interrupt(id)
            #expect(await rig.waitsForEnds(2))
            if takesFirst || isLast {
                #expect(rig.ends.map(\.outcome) == [.completed, .interrupted])
                #expect(rig.calls(of: 1).count == 1)
            }
            await rig.stop()
            if takesFirst { return }
        }
    }

    @Test("is not alone: a message of which the deaf one got nothing goes out by the other, once")
    func message() async throws {
        let rig = try await Self.oneDeaf()
        let id = UUID()
        _ = try await rig.service.sendMessage(
            MessageRequest(number: "01711234567", text: "hello"),
            id: id,
            origin: .local
        )
        func state() async throws -> MessageRecord? {
            try await rig.service.messages(MessageQuery()).messages.first { $0.message == id }
        }
        #expect(try await waits { try await state()?.state == .sent })
        #expect(try await state()?.modem == "m1")
        let taken = rig.host.withWorld { world, _ in world.takenMessages }
        #expect(taken.map(\.text) == ["hello"])
        await rig.stop()
    }

    @Test("ends as it failed where the modem was named, or no other is free", arguments: ["m0", nil])
    func none(modem: String?) async throws {
        let rig = try await ServiceRig(modems: modem == nil ? 1 : 2)
        rig.host.withWorld { world, _ in world.deafen(0) }
        try await Self.dial(rig, modem: modem)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.modemFailed])
        #expect(rig.calls(of: 1).isEmpty)
        await rig.stop()
    }

    @Test("for help is made on another one where the first leaves a question unanswered")
    func help() async throws {
        for _ in Self.tries {
            let rig = try await Self.oneDeaf()
            _ = try await rig.service.dial(DialRequest(number: "112"), id: UUID(), origin: .local)
            #expect(await waits { await rig.service.calls().first?.modem != nil })
            let takesFirst = await rig.service.calls().first?.modem == "m0"
            #expect(await waits { rig.calls(of: 1).map(\.number) == [ServiceRig.accessNumber, "112"] })
            #expect(await rig.service.calls().first?.modem == "m1")
            await rig.stop()
            #expect(rig.isIdle)
            if takesFirst { return }
        }
        Issue.record("the deaf modem was never taken")
    }

    @Test("for help is dialled on a modem that does not answer, where there is no other")
    func lastResort() async throws {
        let rig = try await ServiceRig(faults: [try SimulatedFault(parsing: "lost-reply:AT+CLCC:*")])
        _ = try await rig.service.dial(DialRequest(number: "112"), id: UUID(), origin: .local)
        #expect(await waits { rig.calls(of: 0).map(\.number) == ["112"] })
        await rig.stop()
        #expect(rig.isIdle)
    }

    @Test("for help is dialled where none of three modems answers its question")
    func allSilent() async throws {
        let rig = try await ServiceRig(modems: 3, faults: [try SimulatedFault(parsing: "lost-reply:AT+CLCC:*")])
        _ = try await rig.service.dial(DialRequest(number: "112"), id: UUID(), origin: .local)
        #expect(await waits { (0..<3).flatMap { rig.calls(of: $0).map(\.number) } == ["112"] })
        await rig.stop()
        #expect(rig.isIdle)
    }
}
