import DialPlan
import FoundationEssentials
import ModemSimulator
import NetworkSimulator
import PBXSimulator
import SimulatedTerminals
import Synchronization
import TestSupport
import Testing
import TextCoding
import WebRequests

@testable import PBX

/// Callers held and joined by an application, over real sockets.
@Suite("an application at the simulated Asterisk", .serialized) struct StasisTests {
    /// The application's end of it.
    private final class Application: Sendable {
        let connection: PBXConnection
        let events = Mutex<[PBXEvent]>([])
        private let network: AsyncHTTPTransport
        private let task = Mutex<Task<Void, Never>?>(nil)

        init(
            _ url: String,
            authority: String? = nil,
            settings: StasisMachine.Settings = StasisMachine.Settings(),
            wantsToken: Bool = false,
            isOvertaken: Bool = false
        ) throws {
            var account = PBXAccount(name: "office", profile: .asteriskARI, region: try Region(code: "DE"))
            account.address = WebAddress(url + "/ari")
            account.user = "gsmbridge"
            account.password = Secret("s3cr3t")
            account.ownNumber = try PhoneNumber(typed: ServerRig.modemNumber, region: try Region(code: "DE"))
            account.accessNumber = try DialString(typed: "+4922166966966")
            account.options.application = "gsmbridge"
            account.options.context = "from-gsmbridge"
            account.options.wantsToken = wantsToken
            account.certificateAuthority = authority
            network = AsyncHTTPTransport(certificateAuthority: authority)
            let transport: any HTTPTransport = isOvertaken ? Overtaken(network: network) : network
            connection = PBXConnection(account: account, transport: transport)
            let feed = try StasisFeed(connection, settings: settings, clock: ContinuousClock()) { [weak self] event in
                self?.events.withLock { $0.append(event) }
            }
            task.withLock { $0 = Task { await feed?.run() } }
        }

        func stop() async throws {
            let task = task.withLock { $0 }
            task?.cancel()
            await task?.value
            try await network.close()
        }

        var names: [String] { events.withLock { $0 }.map(\.kind.name) }

        var isOpen: Bool { connection.reachability.events == .open }

        func claim(_ held: String) async throws -> CallTicket {
            let request = ClaimRequest(call: CallKey(UUID()), held: try #require(CallReference(held)), caller: nil)
            return try await connection.claimHeld(request)
        }
    }

    /// An early Asterisk where another one makes the bridge for holding between our look and our request.
    private struct Overtaken: HTTPTransport {
        let network: AsyncHTTPTransport

        func send(_ request: WebRequest, within limit: Duration) async throws(TransportFailure) -> HTTPReply {
            var reply = try await network.send(request, within: limit)
            if request.method == .post, request.url.target.hasSuffix("/bridges/gsmbridge-hold?type=holding") {
                reply.status = 500
            }
            return reply
        }
    }

    private static func run(
        settings: StasisMachine.Settings = StasisMachine.Settings(),
        _ body: (ServerRig, Application) async throws -> Void
    ) async throws {
        let configuration = PBXServer.Configuration(password: "s3cr3t", application: "gsmbridge")
        try await ServerRig.run(configuration) { rig async throws in
            let application = try Application(rig.url, settings: settings)
            #expect(await waits { application.isOpen })
            do {
                try await body(rig, application)
            } catch {
                try await application.stop()
                throw error
            }
            try await application.stop()
        }
    }

    private static func calls(_ rig: ServerRig, givesUpAfter: Double = 3600) async throws -> String {
        let text = #"{"from":"030555123","gives_up_after":\#(givesUpAfter)}"#
        return try #require(try await rig.send("POST", "/outside/call", text).field("held"))
    }

    private static func liveCalls(_ rig: ServerRig) -> Int {
        rig.host.withWorld { world, _ in world.calls.count(where: \.isLive) }
    }

    @Test(
        "a caller is held with music, claimed, joined with the modem's call; either end ends both",
        arguments: [true, false]
    )
    func whole(modemEnds: Bool) async throws {
        try await Self.run { rig, application in
            let held = try await Self.calls(rig)
            #expect(await waits { rig.server.bridge("gsmbridge-hold") == [held] })
            #expect(await waits { application.names == ["held"] })
            let ticket = try await application.claim(held)
            #expect(ticket.dial?.text == "+4922166966966" && ticket.token == nil)
            rig.modem("ATD+4922166966966;")
            #expect(await waits { application.names == ["held", "bridged"] })
            #expect(await rig.event("joined") != nil)
            #expect(rig.counts.joins == 1)
            if modemEnds {
                rig.modem("AT+CHUP")
            } else {
                _ = try await rig.send("POST", "/outside/hangup/\(held)", "{}")
            }
            #expect(await waits { application.names == ["held", "bridged", "ended"] })
            #expect(await waits { Self.liveCalls(rig) == 0 })
            #expect(await waits { rig.server.bridges == 1 })
        }
    }

    @Test("a bridge that another one made at the same moment is used, though the request to make it failed")
    func overtaken() async throws {
        let configuration = PBXServer.Configuration(password: "s3cr3t", application: "gsmbridge")
        try await ServerRig.run(configuration) { rig async throws in
            let application = try Application(rig.url, isOvertaken: true)
            #expect(await waits { application.isOpen })
            let held = try await Self.calls(rig)
            #expect(await waits { rig.server.bridge("gsmbridge-hold") == [held] })
            #expect(application.names == ["held"])
            try await application.stop()
        }
    }

    @Test("every caller is held and fetched, not only the first one since Asterisk began")
    func onceMore() async throws {
        try await Self.run { rig, application in
            for round in 1...3 {
                let held = try await Self.calls(rig)
                #expect(await waits { rig.server.bridge("gsmbridge-hold") == [held] })
                _ = try await application.claim(held)
                rig.modem("ATD+4922166966966;")
                #expect(await waits { application.names.count == 3 * round - 1 })
                #expect(application.names.last == "bridged")
                _ = try await rig.send("POST", "/outside/hangup/\(held)", "{}")
                #expect(await waits { application.names.count == 3 * round })
                #expect(await waits { Self.liveCalls(rig) == 0 })
            }
        }
    }

    @Test("an announced call goes on to its target, and no variable is set; a withdrawn one is turned away")
    func announced() async throws {
        try await Self.run { rig, application in
            let target = try PhoneNumber(typed: "+4930123456", region: try Region(code: "DE"))
            let (first, second) = (CallKey(UUID()), CallKey(UUID()))
            // The connection is there a moment before the machine has looked who waits, and takes announcements.
            var ticket: CallTicket?
            let isTaken = await waits {
                do throws(PBXError) {
                    ticket = try await application.connection.prepareCallthrough(
                        CallthroughRequest(call: first, target: target, caller: nil)
                    )
                    return true
                } catch {
                    return false
                }
            }
            #expect(isTaken)
            #expect(ticket?.token == nil)
            rig.modem("ATD+4922166966966;")
            #expect(await waits { rig.counts.targetCalls == 1 })
            let target1 = rig.host.withWorld { world, _ in world.calls.first { $0.modem != nil }?.target }
            #expect(target1 == "+4930123456")
            #expect(rig.counts.announcements == 0)
            rig.modem("AT+CHUP")
            #expect(await waits { Self.liveCalls(rig) == 0 })
            _ = try await application.connection.prepareCallthrough(
                CallthroughRequest(call: second, target: target, caller: nil)
            )
            try await application.connection.withdrawCallthrough(WithdrawRequest(call: second, caller: nil))
            rig.modem("ATD+4922166966966;")
            #expect(await waits { rig.events.filter { $0.name == "parked" }.count == 2 })
            #expect(await waits { Self.liveCalls(rig) == 0 })
            #expect(rig.counts.targetCalls == 1)
        }
    }

    @Test("a call that nobody waits for is turned away, and a second claim is too late")
    func strangers() async throws {
        try await Self.run { rig, application in
            rig.modem("ATD+4922166966966;")
            #expect(await rig.event("parked") != nil)
            #expect(await waits { Self.liveCalls(rig) == 0 })
            let held = try await Self.calls(rig)
            #expect(await waits { application.names == ["held"] })
            _ = try await application.claim(held)
            await #expect(throws: PBXError.self) { try await application.claim(held) }
            _ = try await rig.send("POST", "/outside/hangup/\(held)", "{}")
            #expect(await waits { application.names == ["held", "ended"] })
            await #expect(throws: PBXError.self) { try await application.claim(held) }
        }
    }

    @Test("a caller whom nobody claims goes on in the dialplan")
    func expiry() async throws {
        try await Self.run(settings: StasisMachine.Settings(hold: .milliseconds(300))) { rig, application in
            _ = try await Self.calls(rig)
            #expect(await waits { application.names == ["held", "expired"] })
            #expect(await rig.event("released") != nil)
        }
    }

    @Test("an interface that does not say who is there is no reason to do without its events")
    func reticent() async throws {
        let configuration = PBXServer.Configuration(password: "s3cr3t", application: "gsmbridge")
        try await ServerRig.run(configuration) { rig async throws in
            rig.server.inject(.status(404), into: .ari, times: 1)
            let application = try Application(rig.url)
            #expect(await waits { application.isOpen })
            _ = try await Self.calls(rig)
            #expect(await waits { application.names == ["held"] })
            try await application.stop()
        }
    }

    @Test("over TLS events come once the certificate is vouched for, and not before")
    func encrypted() async throws {
        let identity = try SelfSignedIdentity()
        defer { identity.remove() }
        let configuration = PBXServer.Configuration(
            password: "s3cr3t",
            tls: identity.files,
            application: "gsmbridge"
        )
        try await ServerRig.run(configuration) { rig async throws in
            let stranger = try Application(rig.url)
            let isRefused = await waits {
                if case .down(let reason) = stranger.connection.reachability.events {
                    reason.contains("certificate")
                } else {
                    false
                }
            }
            #expect(isRefused, "\(String(describing: stranger.connection.reachability.events))")
            try await stranger.stop()
            #expect(!rig.server.isTellingEvents(to: "gsmbridge"))
            let friend = try Application(rig.url, authority: identity.files.certificate)
            #expect(await waits { friend.isOpen })
            let held = try #require(
                rig.host.withWorld { world, now in
                    world.callFromOutside(
                        from: "030555123",
                        to: world.pbx.settings.holdingNumbers.first ?? "",
                        at: now
                    )
                }
            )
            #expect(await waits { rig.server.bridge("gsmbridge-hold") == [held] })
            try await friend.stop()
        }
    }

    @Test("a connection that is cut is made again; who left meanwhile is told, who talks goes on talking")
    func cut() async throws {
        try await Self.run { rig, application in
            let first = try await Self.calls(rig)
            #expect(await waits { application.names == ["held"] })
            _ = try await application.claim(first)
            rig.modem("ATD+4922166966966;")
            #expect(await waits { application.names == ["held", "bridged"] })
            rig.server.inject(.status(503), into: .events, times: 1)
            rig.server.cutEvents()
            #expect(await waits { !application.isOpen })
            #expect(await waits { application.isOpen })
            #expect(Self.liveCalls(rig) == 2)
            rig.server.cutEvents()
            // Nobody hears of this one's end.
            _ = try await rig.send("POST", "/outside/hangup/\(first)", "{}")
            #expect(await waits { application.names == ["held", "bridged", "ended"] })
            #expect(await waits { Self.liveCalls(rig) == 0 })
        }
    }

    @Test("at the end callers go on and pairs are hung up; while nobody is there the dialplan goes on by itself")
    func end() async throws {
        let configuration = PBXServer.Configuration(password: "s3cr3t", application: "gsmbridge")
        try await ServerRig.run(configuration) { rig async throws in
            let application = try Application(rig.url)
            #expect(await waits { application.isOpen })
            let held = try await Self.calls(rig)
            #expect(await waits { application.names == ["held"] })
            try await application.stop()
            #expect(await rig.event("released") != nil)
            #expect(await waits { rig.server.goodbyes == 1 })
            #expect(rig.host.withWorld { world, _ in world.pbx.heldCaller(held)?.isWaiting } == false)
            #expect(application.connection.reachability.events == nil)
            #expect(await waits { !rig.server.isTellingEvents(to: "gsmbridge") })
            let second = try await Self.calls(rig)
            #expect(
                await waits { rig.host.withWorld { world, _ in world.pbx.heldCaller(second)?.isWaiting } == false }
            )
        }
    }

    @Test(
        "why there is no connection is told in words",
        arguments: [(PBXServer.Fault.refusesAuthorization, "401"), (.status(404), "404"), (.hangsUp, "WebSocket")]
    )
    func refusals(fault: PBXServer.Fault, word: String) async throws {
        let configuration = PBXServer.Configuration(password: "s3cr3t", application: "gsmbridge")
        try await ServerRig.run(configuration) { rig async throws in
            rig.server.inject(fault, into: .events)
            let application = try Application(rig.url)
            let isDown = await waits {
                if case .down(let reason) = application.connection.reachability.events {
                    reason.contains(word) && !reason.contains("s3cr3t")
                } else {
                    false
                }
            }
            #expect(isDown, "\(String(describing: application.connection.reachability.events))")
            rig.server.clearFaults()
            #expect(await waits { application.isOpen })
            try await application.stop()
        }
    }
}
