import FoundationEssentials
import GatewayAPI
import Glibc
import Logging
import ServiceLifecycle
import Settings
import Synchronization
import TestSupport
import Testing
import TextCoding
import WebAccess

@testable import HTTP

/// What a fake doctor finds.
struct Finding: Encodable, Sendable {
    var severity: String
    var check = "pbx"
    var subject: String
    var message: String
    var remedy: String?
}

/// A running interface in a directory of its own, with a fake service behind it.
struct Rig: Sendable {
    static let token = "a-token-of-32-bytes-for-the-test"
    static let readToken = "a-token-for-looking-in-the-tests"

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let control: FakeControl
    let addresses: ControlServer.Addresses
    let client: ControlClient
    private let stopper: @Sendable () async -> Void

    /// Stops the interface as the service would; returns when it is closed.
    func stop() async { await stopper() }

    /// Runs a test against an interface, and sees that it stops in order.
    static func run(
        control: FakeControl = FakeControl(),
        limits: ControlLimits = ControlLimits(),
        tcp: Bool = false,
        page: Bool = false,
        users: [WebUser] = [],
        logger: Logger = quiet,
        _ test: @Sendable (Rig) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let socket = directory.path + "/control.sock"
        try await run(
            control: control,
            limits: limits,
            tcp: tcp,
            page: page,
            users: users,
            logger: logger,
            socket: socket,
            test
        )
        #expect(access(socket, F_OK) != 0, "the socket is still there")
        #expect(access(socket + ".lock", F_OK) != 0, "the lock file is still there")
    }

    static func run(
        control: FakeControl = FakeControl(),
        limits: ControlLimits = ControlLimits(),
        tcp: Bool = false,
        page: Bool = false,
        users: [WebUser] = [],
        logger: Logger = quiet,
        socket: String,
        _ test: @Sendable (Rig) async throws -> Void
    ) async throws {
        var settings = ControlServer.Settings(
            socket: socket,
            group: nil,
            tcp: tcp
                ? .init(
                    host: "127.0.0.1",
                    port: 0,
                    token: Secret(token),
                    readToken: Secret(readToken),
                    names: ["box.example.net"]
                ) : nil
        )
        if page {
            var web = ControlServer.Settings.Web(host: "127.0.0.1", port: 0)
            web.names = ["page.example.net"]
            web.sessions = socket + ".sessions"
            web.users = users
            settings.web = web
        }
        let opened = AsyncStream.makeStream(of: ControlServer.Addresses.self)
        let server = ControlServer(
            control: control,
            settings: settings,
            limits: limits,
            diagnosis: BoxDiagnosis(
                examine: { pbx in
                    guard pbx != "home" else { throw ControlError.notFound("there is no PBX home") }
                    return [Finding(severity: "ok", subject: pbx ?? "box", message: "call +4930123456")]
                },
                configuration: {
                    [Finding(severity: "ok", check: "configuration", subject: "gsmbridge.yaml", message: "valid")]
                },
                tail: { ["2026-11-29T20:00:00.000Z the page is open"] }
            ),
            logger: logger,
            onOpen: { opened.continuation.yield($0) }
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: quiet
            )
        )
        let ended = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                defer {
                    opened.continuation.finish()
                    ended.continuation.finish()
                }
                try await group.run()
            }
            for await addresses in opened.stream {
                let rig = Rig(control: control, addresses: addresses, client: ControlClient(socket: socket)) {
                    await group.triggerGracefulShutdown()
                    for await _ in ended.stream {}
                }
                do {
                    try await test(rig)
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
