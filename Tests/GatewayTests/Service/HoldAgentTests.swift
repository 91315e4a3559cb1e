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

/// Callers whom this box holds at its account, on a simulated modem that fetches them, with legs at the account that do what a test says.
@Suite("Callers whom this box holds", .timeLimit(.minutes(10)), .serialized)
struct HoldAgentTests {
    private static let landline = "+493012345"

    @Test("a caller hears music, our own call keys its token, and both hear each other", arguments: [true, false])
    func joined(keysToken: Bool) async throws {
        let house = try await HoldHouse(keysToken ? "" : ", token: false")
        let (caller, there) = try await house.call(from: Self.landline, saying: 1111)
        #expect(await waits { there.voice.heard.contains { abs(Int($0)) > 1000 } }, "no music")
        #expect(!there.voice.heard.contains(2222) && !caller.isTalking)
        let fetching = try await house.fetches(keying: keysToken ? 9 : 0)
        #expect(fetching.number == ServiceRig.accessNumber)
        let (arrival, here) = try await house.call(from: house.own, saying: 2222)
        if keysToken {
            #expect(await waits { here.isAnswered })
            let token = String(fetching.tones.map(\.digit))
            #expect(token.count == 9 && token.hasSuffix("#"))
            for digit in token { arrival.heard(digit, from: .rtp) }
        }
        #expect(await waits { there.voice.heard.contains(2222) && here.voice.heard.contains(1111) })
        #expect(await waits { await house.reverse?.state == .inProgress })
        #expect(caller.isTalking && arrival.isTalking)
        // The caller hangs up: everything ends, and the modem's call with it.
        there.tell(.released(CallRelease(cause: 16)))
        #expect(await house.end(of: caller)?.outcome == .completed)
        #expect(await house.end(of: arrival)?.outcome == .completed)
        #expect(await house.reverseEnd()?.outcome == .completed)
        #expect(await waits { house.rig.isIdle })
        await house.rig.stop()
    }

    @Test(
        "what the PBX has joined is over here, in whatever order it says so, and the modem's call goes on",
        arguments: [nil, true, false]
    )
    func joinedAtPBX(arrivalEndsFirst: Bool?) async throws {
        let house = try await HoldHouse(", token: false")
        let (caller, there) = try await house.call(from: Self.landline)
        let fetching = try await house.fetches(keying: 0)
        let (asked, answers) = (AsyncStream<Bool>.makeStream(), AsyncStream<Bool>.makeStream())
        there.answersJoin { _ in
            asked.continuation.yield(true)
            return await answers.stream.first { _ in true } ?? false
        }
        let (arrival, here) = try await house.call(from: house.own)
        _ = await asked.stream.first { _ in true }
        // Until it has answered, nothing is said of joined calls.
        #expect(!caller.isTalking && !arrival.isTalking)
        if arrivalEndsFirst == true { here.tell(.released(CallRelease(cause: 16))) }
        if arrivalEndsFirst == false { there.tell(.released(CallRelease(cause: 16))) }
        answers.continuation.yield(true)
        for call in [caller, arrival] {
            let end = await house.end(of: call)
            #expect(end?.outcome == .completed, "\(String(describing: end))")
        }
        #expect(await waits { await house.reverse?.state == .inProgress })
        #expect(house.rig.calls().first { $0.id == fetching.id }?.isLive == true)
        // Another caller may be held from now on.
        let (next, leg) = try await house.call(from: "+493099999")
        #expect(await waits { leg.isAnswered })
        leg.tell(.released(CallRelease(cause: 16)))
        #expect(await house.end(of: next)?.outcome == .noAnswer)
        #expect(house.rig.calls().first { $0.id == fetching.id }?.isLive == true)
        house.rig.hangUp(fetching.id)
        #expect(await house.reverseEnd()?.outcome == .completed)
        #expect(await waits { house.rig.isIdle })
        await house.rig.stop()
    }

    @Test("a caller who hangs up while the PBX is asked to join ends our call, and is joined with nobody")
    func leavesWhileAsked() async throws {
        let house = try await HoldHouse(", token: false")
        let (caller, there) = try await house.call(from: Self.landline)
        _ = try await house.fetches(keying: 0)
        let (asked, answers) = (AsyncStream<Bool>.makeStream(), AsyncStream<Bool>.makeStream())
        there.answersJoin { _ in
            asked.continuation.yield(true)
            return await answers.stream.first { _ in true } ?? false
        }
        let (arrival, _) = try await house.call(from: house.own)
        _ = await asked.stream.first { _ in true }
        there.tell(.released(CallRelease(cause: 16)))
        answers.continuation.yield(false)
        #expect(await house.end(of: caller)?.outcome == .noAnswer)
        #expect(await house.end(of: arrival)?.outcome == .noAnswer)
        #expect(await house.reverseEnd()?.outcome == .noAnswer)
        #expect(await waits { house.rig.isIdle })
        await house.rig.stop()
    }

    @Test("a second call of ours that comes while the PBX is asked is refused, and does not wait in silence")
    func comesWhileAsked() async throws {
        let house = try await HoldHouse(", token: false")
        let (caller, there) = try await house.call(from: Self.landline)
        _ = try await house.fetches(keying: 0)
        let (asked, answers) = (AsyncStream<Bool>.makeStream(), AsyncStream<Bool>.makeStream())
        there.answersJoin { _ in
            asked.continuation.yield(true)
            return await answers.stream.first { _ in true } ?? false
        }
        let (first, here) = try await house.call(from: house.own)
        _ = await asked.stream.first { _ in true }
        here.tell(.released(CallRelease(cause: 16)))
        // The first stays on the board until the PBX has answered.
        let (second, leg) = try await house.call(from: house.own)
        #expect(await house.end(of: second)?.outcome == .rejected)
        #expect(!leg.isAnswered)
        answers.continuation.yield(false)
        #expect(await house.end(of: first) != nil)
        there.tell(.released(CallRelease(cause: 16)))
        #expect(await house.end(of: caller)?.outcome == .noAnswer)
        #expect(await waits { house.rig.isIdle })
        await house.rig.stop()
    }

    @Test("a caller who hangs up while the modem dials leaves nothing up")
    func callerGone() async throws {
        let house = try await HoldHouse()
        let (caller, there) = try await house.call(from: Self.landline)
        _ = try await house.fetches(keying: 0)
        there.tell(.released(CallRelease(cause: 16)))
        #expect(await house.end(of: caller)?.outcome == .noAnswer)
        #expect(await house.reverseEnd()?.outcome == .noAnswer)
        #expect(await waits { house.rig.isIdle })
        // What comes too late is not held itself, which would call for ever.
        let (late, leg) = try await house.call(from: house.own)
        #expect(await house.end(of: late)?.outcome == .rejected)
        #expect(!leg.isAnswered)
        // Nor is one that hides its number, over the number that is for the SIM alone.
        let (hidden, other) = try await house.call(from: nil, to: ServiceRig.accessNumber)
        #expect(await house.end(of: hidden)?.outcome == .rejected)
        #expect(!other.isAnswered)
        await house.rig.stop()
    }

    @Test("a second caller is refused, and the first is joined all the same")
    func second() async throws {
        let house = try await HoldHouse(", token: false")
        let (_, there) = try await house.call(from: Self.landline)
        #expect(await waits { there.isAnswered })
        let (second, leg) = try await house.call(from: "+493099999")
        let end = await house.end(of: second)
        #expect(end?.outcome == .rejected && end?.detail == "a caller is held already")
        #expect(!leg.isAnswered)
        _ = try await house.fetches(keying: 0)
        let (arrival, _) = try await house.call(from: nil, to: ServiceRig.accessNumber)
        #expect(await waits { arrival.isTalking })
        await house.rig.stop()
    }

    @Test("a call of ours that is busy gives the caller words in place of silence, and hangs up")
    func refused() async throws {
        let house = try await HoldHouse(access: "+4922166966970")
        let (caller, there) = try await house.call(from: Self.landline)
        let end = await house.end(of: caller)
        #expect(
            end?.outcome == .noAnswer && end?.detail == "our call for the caller failed",
            "\(String(describing: end))"
        )
        #expect(there.commands.contains(.hangUp))
        #expect(await house.reverseEnd()?.outcome == .busy)
        #expect(await waits { house.rig.isIdle })
        await house.rig.stop()
    }

    @Test("a person may take the caller or refuse them", arguments: [true, false])
    func asked(isTaken: Bool) async throws {
        let house = try await HoldHouse(", token: false, accept: ask")
        let (caller, _) = try await house.call(from: Self.landline)
        #expect(await waits { await house.reverse?.state == .ringing })
        let reverse = try #require(await house.reverse)
        #expect(reverse.target == "+493012345")
        #expect(house.rig.calls().isEmpty)
        guard isTaken else {
            try await house.rig.service.hangUp(reverse.call)
            #expect(await house.reverseEnd()?.outcome == .rejected)
            let end = await house.end(of: caller)
            #expect(end?.outcome == .noAnswer && end?.detail == "nobody wanted the caller")
            return await house.rig.stop()
        }
        try await house.rig.service.answer(reverse.call)
        _ = try await house.fetches(keying: 0)
        let (arrival, _) = try await house.call(from: house.own)
        #expect(await waits { arrival.isTalking && caller.isTalking })
        await house.rig.stop()
    }

    @Test("who keys a wrong token three times is hung up, and the caller waits on")
    func wrongToken() async throws {
        let house = try await HoldHouse()
        let (caller, _) = try await house.call(from: Self.landline)
        _ = try await house.fetches(keying: 9)
        let (arrival, here) = try await house.call(from: nil)
        #expect(await waits { here.isAnswered })
        for digit in "1#2#3#" { arrival.heard(digit, from: .rtp) }
        let end = await house.end(of: arrival)
        #expect(end?.outcome == .noAnswer && end?.detail == "it has keyed three wrong tokens")
        #expect(!caller.isTalking && caller.tools.calls.entry(caller.id) != nil)
        await house.rig.stop()
    }

    @Test(
        "a second caller who hides the number while the token is awaited is not taken for our own call, nor in its way"
    )
    func hidden() async throws {
        let house = try await HoldHouse()
        let (caller, there) = try await house.call(from: Self.landline, saying: 1111)
        let token = String(try await house.fetches(keying: 9).tones.map(\.digit))
        // More than may be told by a token: the last one is refused unanswered.
        var strangers: [Call] = []
        for place in 0..<4 {
            let (stranger, leg) = try await house.call(from: nil, saying: 4444)
            if place < 3 { #expect(await waits { leg.isAnswered }) } else { #expect(!leg.isAnswered) }
            strangers.append(stranger)
        }
        #expect(await house.end(of: strangers[3])?.detail == "a caller is held already")
        for digit in "12345678#" { strangers[0].heard(digit, from: .rtp) }
        #expect(!caller.isTalking)
        let (arrival, here) = try await house.call(from: house.own, saying: 2222)
        #expect(await waits { here.isAnswered })
        for digit in token { arrival.heard(digit, from: .rtp) }
        #expect(await waits { there.voice.heard.contains(2222) })
        #expect(await waits { caller.isTalking && arrival.isTalking })
        #expect(!there.voice.heard.contains(4444))
        for stranger in strangers.prefix(3) {
            let end = await house.end(of: stranger)
            #expect(
                end?.outcome == .noAnswer && end?.detail == "a caller is held already",
                "\(String(describing: end))"
            )
        }
        #expect(caller.isTalking)
        await house.rig.stop()
    }

    @Test("a caller whom nobody has fetched in time hears words, is hung up, and so is our call")
    func expires() async throws {
        let house = try await HoldHouse(", hold_for: 30s")
        let (caller, there) = try await house.call(from: Self.landline)
        _ = try await house.fetches(keying: 0)
        let end = await house.end(of: caller)
        #expect(
            end?.outcome == .noAnswer && end?.detail == "nobody took the caller within 30 s",
            "\(String(describing: end))"
        )
        #expect(there.commands.contains(.hangUp))
        #expect(await house.reverseEnd()?.outcome == .noAnswer)
        #expect(await waits { house.rig.isIdle })
        await house.rig.stop()
    }

    @Test(
        "without a modem, and where the policy refuses our call, the caller hears words and is hung up",
        arguments: [true, false]
    )
    func unreachable(isPolicy: Bool) async throws {
        let house = try await HoldHouse(
            access: isPolicy ? "+499001234567" : ServiceRig.accessNumber,
            modems: isPolicy ? 1 : 0
        )
        let (caller, there) = try await house.call(from: Self.landline)
        #expect(await house.end(of: caller)?.outcome == .noAnswer)
        #expect(there.isAnswered && there.commands.contains(.hangUp))
        #expect(await house.reverseEnd()?.outcome == (isPolicy ? .policy : .noModem))
        #expect(house.rig.calls().isEmpty)
        await house.rig.stop()
    }

    @Test(
        "a caller whose PBX is not there any more leaves nothing up, before and behind the join",
        arguments: [true, false]
    )
    func lost(isJoined: Bool) async throws {
        let house = try await HoldHouse(", token: false")
        let (caller, there) = try await house.call(from: Self.landline)
        _ = try await house.fetches(keying: 0)
        var arrival: Call?
        if isJoined {
            arrival = try await house.call(from: house.own).0
            #expect(await waits { caller.isTalking && arrival?.isTalking == true })
            #expect(await waits { await house.reverse?.state == .inProgress })
        }
        // As the leg tells it when nobody has answered whether the call is still there.
        there.tell(.released(CallRelease(kind: .unreachable, text: "nothing was heard of the far end any more")))
        #expect(await house.end(of: caller)?.outcome == (isJoined ? .completed : .noAnswer))
        if let arrival { #expect(await house.end(of: arrival)?.outcome == .completed) }
        #expect(await house.reverseEnd()?.outcome == (isJoined ? .completed : .noAnswer))
        #expect(await waits { house.rig.isIdle })
        await house.rig.stop()
    }

    @Test("a caller whom nobody takes in time may leave a message where a rule says so")
    func message() async throws {
        let rule = "  - { line: office, ring: [\"phone:desk\"], for: 5s, else: voicemail }"
        let phone = "  phones: { desk: { password: { credential: desk } } }"
        // Phones come nowhere: the one that is rung is not registered.
        let house = try await HoldHouse(rules: ["  listen: []", phone, "incoming:", rule])
        let (caller, there) = try await house.call(from: Self.landline, saying: 3333)
        let path = "\(caller.tools.configuration.voicemailDirectory)/\(caller.id.name).wav"
        #expect(await waits { FileManager.default.fileExists(atPath: path) })
        // Nobody can be rung by the account's rule: the call that was to fetch the caller is given up, and never made.
        #expect(await house.reverseEnd()?.outcome == .rejected)
        there.tell(.released(CallRelease(cause: 16)))
        #expect(await house.end(of: caller)?.outcome == .completed)
        #expect(house.rig.calls().isEmpty)
        await house.rig.stop()
    }
}
