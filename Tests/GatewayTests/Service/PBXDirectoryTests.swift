import GatewayAPI
import Logging
import PBXLinks
import Testing
import WebRequests

@testable import Calls
@testable import PBX

@Suite("how PBXs are reached") struct PBXDirectoryTests {
    private static func reachability(
        _ events: EventConnection?,
        failures: Int = 0,
        successes: Int = 0
    ) -> PBXConnection.Reachability {
        var counts = PBXConnection.Counts()
        counts.successes = successes
        return PBXConnection.Reachability(
            position: .closed,
            failures: failures,
            resting: nil,
            counts: counts,
            events: events
        )
    }

    @Test(
        "a PBX whose events come is reached, also before anything was asked; one that failed is not, whatever comes",
        arguments: [
            (reachability(nil), "unknown", nil), (reachability(nil, successes: 1), "yes", nil),
            (reachability(.connecting), "unknown", "connecting"), (reachability(.open), "yes", "open"),
            (reachability(.open, failures: 1), "no", "open"), (reachability(.down("refused")), "unknown", "down"),
            (reachability(.down("refused"), successes: 1), "yes", "down"),
        ] as [(PBXConnection.Reachability, String, String?)]
    )
    func reachable(_ reachability: PBXConnection.Reachability, reachable: String, events: String?) throws {
        let directory = PBXDirectory(environment: ConfigurationRig.environment()) { _, _, _ in
            PBXLink(control: ScriptedPBX(), reachability: { reachability })
        }
        let configuration = try ConfigurationRig.read(
            "pbx:\n  office:\n    profile: generic\n    url: https://pbx.example.net/api\n"
        )
        directory.rebuild(configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let status = try #require(directory.statuses.first)
        #expect(status.reachable == reachable)
        #expect(status.events == events)
    }
}
