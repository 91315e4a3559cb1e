import Testing
import WebRequests

@testable import PBX

@Suite("Connection to a PBX")
struct ConnectionTests {
    private static func connection(
        _ lines: [ScriptedTransport.Line],
        idempotent: Bool = true,
        cancels: Bool = false
    ) throws -> (PBXConnection, ScriptedTransport, LeapingClock) {
        let account = try Rig.account(.generic) { account in
            var requests = GenericRequests.standard
            requests.callback?.isIdempotent = idempotent
            account.options.requests = requests
        }
        let transport = ScriptedTransport(lines)
        let clock = LeapingClock(cancels: cancels)
        let connection = PBXConnection(
            account: account,
            transport: transport,
            clock: clock,
            now: { clock.now },
            jitter: { 0.5 }
        )
        return (connection, transport, clock)
    }

    private static let refusedConnection = ScriptedTransport.Line.failure(
        TransportFailure(.obstacle(.connection), mayHaveArrived: false)
    )
    private static let lostReply = ScriptedTransport.Line.failure(TransportFailure(.closed, mayHaveArrived: true))

    private static func error(_ body: () async throws -> Void) async -> PBXError? {
        do {
            try await body()
            return nil
        } catch { return error as? PBXError }
    }

    @Test("a callback gives the PBX's reference")
    func callback() async throws {
        let (connection, transport, _) = try Self.connection([.reply(.json(201, #"{"id":"c-1"}"#))])
        #expect(try await connection.requestCallback(try Rig.callback())?.text == "c-1")
        #expect(transport.requests.map { $0.header("Idempotency-Key") } == [Rig.call.text])
        #expect(connection.reachability.counts.successes == 1)
    }

    @Test("a reply that was lost after the request is sent once, and is ambiguous")
    func ambiguous() async throws {
        let (connection, transport, _) = try Self.connection([Self.lostReply], idempotent: false)
        let error = await Self.error { _ = try await connection.requestCallback(try Rig.callback()) }
        #expect(error?.kind == .ambiguous)
        #expect(error?.exitStatus == 40)
        #expect(error?.kind == .ambiguous)
        #expect(transport.requests.count == 1)
    }

    @Test("with an idempotent PBX it is repeated under the same key")
    func keyed() async throws {
        let (connection, transport, _) = try Self.connection([Self.lostReply, .reply(.json(200, #"{"id":"c-1"}"#))])
        #expect(try await connection.requestCallback(try Rig.callback())?.text == "c-1")
        #expect(transport.requests.count == 2)
        #expect(Set(transport.requests.map { $0.header("Idempotency-Key") }) == [Rig.call.text])
        #expect(connection.reachability.counts.repeats == 1)
    }

    @Test("a repeat that is refused says nothing of the first: it may have been done", arguments: [400, 404, 409, 500])
    func refusedRepeat(status: Int) async throws {
        let (connection, transport, _) = try Self.connection([Self.lostReply, .reply(.json(status, "{}"))])
        let error = await Self.error { _ = try await connection.requestCallback(try Rig.callback()) }
        #expect(error?.kind == .ambiguous)
        #expect(transport.requests.count == 2)
        let (claiming, _, _) = try Self.connection([Self.lostReply, .reply(.json(status, "{}"))])
        let lost = await Self.error { _ = try await claiming.claimHeld(try Rig.claim("h-1")) }
        #expect(lost?.kind == .ambiguous)
    }

    @Test("the project's own contract and Asterisk are asked for a callback once", arguments: [true, false])
    func once(isGeneric: Bool) async throws {
        let account = try Rig.account(isGeneric ? .generic : .asteriskARI)
        let transport = ScriptedTransport([Self.lostReply, .reply(.json(200, #"{"id":"c-1"}"#))])
        let connection = PBXConnection(account: account, transport: transport, clock: LeapingClock())
        let error = await Self.error { _ = try await connection.requestCallback(try Rig.callback()) }
        #expect(error?.kind == .ambiguous)
        #expect(transport.requests.count == 1)
    }

    @Test("nothing that may place a call is sent, or sent again, once nobody wants it any more")
    func unwanted() async throws {
        let (connection, transport, _) = try Self.connection([.reply(.json(200, "{}"))])
        let request = try Rig.callback()
        let asking = Task { try await connection.requestCallback(request) }
        asking.cancel()
        let error = await Self.error { _ = try await asking.value }
        // Cancelled before it began, or after its only request.
        #expect(transport.requests.count == (error == nil ? 1 : 0))
        #expect(error?.kind != .ambiguous)
        let busy = HTTPReply(status: 429, headers: [("retry-after", "3")])
        let (waiting, answered, clock) = try Self.connection([.reply(busy), .reply(.json(200, "{}"))], cancels: true)
        let again = Task { try await waiting.requestCallback(request) }
        let refusal = await Self.error { _ = try await again.value }
        #expect(refusal?.kind == .refused(status: 429))
        #expect(answered.requests.count == 1 && clock.slept.isEmpty)
    }

    @Test(
        "help is never called by way of a PBX, nor in the name of its number: nothing is sent",
        arguments: ["112", "110"]
    )
    func help(number: String) async throws {
        let (connection, transport, _) = try Self.connection([])
        let help = try Rig.number(number)
        let (held, target) = (try Rig.reference("h-1"), try Rig.number("030123456"))
        let errors = [
            await Self.error { _ = try await connection.requestCallback(try Rig.callback(number)) },
            await Self.error { _ = try await connection.prepareCallthrough(try Rig.callthrough(number)) },
            await Self.error {
                let request = CallbackRequest(call: Rig.call, target: target, caller: help)
                _ = try await connection.requestCallback(request)
            },
            await Self.error {
                let request = CallthroughRequest(call: Rig.call, target: target, caller: help)
                _ = try await connection.prepareCallthrough(request)
            },
            await Self.error {
                _ = try await connection.claimHeld(ClaimRequest(call: Rig.call, held: held, caller: help))
            },
        ]
        for error in errors {
            #expect(error?.kind == .misconfigured)
            #expect(error?.description.contains("emergency number") == true, "\(String(describing: error))")
        }
        #expect(transport.requests.isEmpty)
    }

    @Test("a connection that is refused is tried again, and then says 40")
    func unreachable() async throws {
        let lines = Array(repeating: Self.refusedConnection, count: 3)
        let (connection, transport, clock) = try Self.connection(lines, idempotent: false)
        let error = await Self.error { _ = try await connection.requestCallback(try Rig.callback()) }
        #expect(error?.kind == .unreachable(.connection))
        #expect(error?.exitStatus == 40)
        #expect(error?.pbx == "office")
        #expect(transport.requests.count == 3)
        #expect(clock.slept == [.milliseconds(187.5), .milliseconds(375)])
    }

    @Test("429 with Retry-After is obeyed")
    func tooMany() async throws {
        let busy = HTTPReply(status: 429, headers: [("retry-after", "3")])
        let (connection, _, clock) = try Self.connection(
            [.reply(busy), .reply(.json(200, #"{"id":"x"}"#))],
            idempotent: false
        )
        #expect(try await connection.requestCallback(try Rig.callback())?.text == "x")
        #expect(clock.slept == [.seconds(3)])
    }

    @Test("a certificate that is not trusted is not tried twice")
    func certificate() async throws {
        let failure = TransportFailure(.obstacle(.certificate), mayHaveArrived: false)
        let (connection, transport, _) = try Self.connection([.failure(failure)])
        let error = await Self.error { _ = try await connection.health() }
        #expect(error?.kind == .unreachable(.certificate))
        #expect(transport.requests.count == 1)
    }

    @Test("a PBX that fails three times is left alone, but a call can still be ended")
    func rests() async throws {
        let (connection, transport, clock) = try Self.connection(
            Array(repeating: Self.refusedConnection, count: 3) + [
                .reply(HTTPReply(status: 204)), Self.refusedConnection, Self.refusedConnection, Self.refusedConnection,
                .reply(.json(200, "{}")),
            ]
        )
        _ = await Self.error { _ = try await connection.health() }
        #expect(connection.reachability.position == .open)
        let error = await Self.error { _ = try await connection.health() }
        #expect(error?.kind == .unreachable(.resting))
        #expect(transport.requests.count == 3)
        try await connection.hangUp(try Rig.reference("c-1"))
        #expect(transport.requests.last?.method == .delete)
        #expect(connection.reachability.position == .closed)
        _ = await Self.error { _ = try await connection.health() }
        clock.leap(.seconds(6))
        _ = try await connection.health()
        #expect(connection.reachability.counts.rested == 1)
    }

    @Test(
        "a status is told for what it is",
        arguments: [
            (400, PBXError.Kind.refused(status: 400)), (401, .refused(status: 401)), (403, .refused(status: 403)),
            (302, .refused(status: 302)), (404, .refused(status: 404)), (500, .ambiguous), (418, .refused(status: 418)),
            (501, .refused(status: 501)),
        ]
    )
    func statuses(_ status: Int, _ kind: PBXError.Kind) async throws {
        let (connection, transport, _) = try Self.connection([.reply(HTTPReply(status: status))], idempotent: false)
        let error = await Self.error { _ = try await connection.requestCallback(try Rig.callback()) }
        #expect(error?.kind == kind)
        #expect(transport.requests.count == 1)
    }

    @Test(
        "a claim that somebody else won is lost, one that came too late is expired",
        arguments: [(409, true), (404, false), (410, false)]
    )
    func claims(_ status: Int, _ isLost: Bool) async throws {
        let (connection, _, _) = try Self.connection([.reply(HTTPReply(status: status))])
        let error = await Self.error { _ = try await connection.claimHeld(try Rig.claim("h-1")) }
        #expect(error?.kind == (isLost ? .lost : .expired))
        #expect(error?.exitStatus == 41)
    }

    @Test("a ticket that is over already is none")
    func overdue() async throws {
        let reply = HTTPReply.json(200, #"{"dial":"+4930111","expiresAt":999}"#, receivedAt: UnixTime(seconds: 1000))
        let (connection, _, _) = try Self.connection([.reply(reply)])
        let error = await Self.error { _ = try await connection.claimHeld(try Rig.claim("h-1")) }
        #expect(error?.kind == .expired)
    }

    @Test("garbage where an answer has to say something is ambiguous, and nothing of it gets into the message")
    func garbage() async throws {
        let reply = HTTPReply.text(200, "\u{1B}[2J<html>s3cr3t")
        let (connection, _, _) = try Self.connection([.reply(reply), .reply(reply)])
        // A callback is taken by its status; only a reference is missing then.
        #expect(try await connection.requestCallback(try Rig.callback()) == nil)
        let error = await Self.error { _ = try await connection.prepareCallthrough(try Rig.callthrough()) }
        #expect(error?.kind == .ambiguous)
        #expect(error?.description.contains("s3cr3t") == false)
    }

    @Test("what the PBX says is shown in one line with masked numbers")
    func explanation() async throws {
        let reply = HTTPReply.json(422, #"{"message":"no\nroute to 4930123456"}"#)
        let (connection, _, _) = try Self.connection([.reply(reply)])
        let error = await Self.error { _ = try await connection.requestCallback(try Rig.callback()) }
        #expect(error?.message.contains("('no?route to 4930123xxx')") == true)
    }
}
