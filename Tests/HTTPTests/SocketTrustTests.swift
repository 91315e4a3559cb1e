import GatewayAPI
import Glibc
import TestSupport
import Testing

@testable import HTTP

@Suite("whose socket it is") struct SocketTrustTests {
    private typealias Facts = SocketTrust.Facts

    private static func users(_ socket: String, _ facts: [String: Facts]) throws(SocketTrust.Stranger) -> Set<UInt32> {
        try SocketTrust(socket: socket, user: 1000) { facts[$0] }.users
    }

    private static let root = Facts(owner: 0, isOpen: false)
    private static let open = Facts(owner: 0, isOpen: true)

    @Test("a stranger's directory or socket in a place for everybody is refused")
    func strangers() {
        let directory = "/tmp/gsmbridge-1000"
        let stranger = Facts(owner: 4711, isOpen: false)
        #expect(throws: SocketTrust.Stranger(path: directory, owner: 4711)) {
            try Self.users(
                directory + "/control.sock",
                ["/": Self.root, "/tmp": Self.open, directory: stranger, directory + "/control.sock": stranger]
            )
        }
        #expect(throws: SocketTrust.Stranger(path: "/tmp/a.sock", owner: 4711)) {
            try Self.users("/tmp/a.sock", ["/": Self.root, "/tmp": Self.open, "/tmp/a.sock": stranger])
        }
        // In an own directory that everybody may write to, too.
        #expect(throws: SocketTrust.Stranger.self) {
            try Self.users(
                "/home/anna/a.sock",
                [
                    "/": Self.root, "/home": Self.root, "/home/anna": Facts(owner: 1000, isOpen: true),
                    "/home/anna/a.sock": stranger,
                ]
            )
        }
    }

    @Test("root, this user, and whom they gave a place to are trusted, and nobody else")
    func trusted() throws {
        let own = Facts(owner: 1000, isOpen: false)
        let service = Facts(owner: 998, isOpen: false)
        #expect(
            try Self.users(
                "/run/gsmbridge/control.sock",
                [
                    "/": Self.root, "/run": Self.root, "/run/gsmbridge": service,
                    "/run/gsmbridge/control.sock": service,
                ]
            ) == [0, 1000, 998]
        )
        #expect(
            try Self.users(
                "/tmp/gsmbridge-1000/control.sock",
                [
                    "/": Self.root, "/tmp": Self.open, "/tmp/gsmbridge-1000": own,
                    "/tmp/gsmbridge-1000/control.sock": own,
                ]
            ) == [0, 1000]
        )
        // What is not there is no reason for distrust: connecting says so.
        #expect(try Self.users("/run/gsmbridge/control.sock", ["/": Self.root, "/run": Self.root]) == [0, 1000])
    }

    @Test("nothing is sent to a socket in another user's directory")
    func real() async throws {
        // Only root can make such a place.
        guard geteuid() == 0 else { return }
        let files = try TemporaryDirectory()
        let directory = files.path + "/sub"
        try #require(mkdir(directory, 0o755) == 0 && chmod(files.path, 0o777) == 0)
        let socket = directory + "/control.sock"
        try await Rig.run(socket: socket) { rig in
            try #require(chown(directory, 4711, 4711) == 0)
            let error = await #expect(throws: ControlError.self) { _ = try await rig.client.status() }
            #expect(error == .foreign(socket: directory, owner: 4711))
            try #require(chown(directory, 0, 0) == 0)
            #expect(try await rig.client.status().name == "cabin")
        }
    }
}
