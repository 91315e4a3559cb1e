import GatewayAPI
import Glibc
import ModemSimulator
import TestSupport
import Testing

@testable import Lines

@Suite("An idle fleet", .timeLimit(.minutes(10)), .enabled(if: getenv("GSMBRIDGE_MEASURE") != nil))
struct IdleTests {
    @Test("eight idle modems cost less than half a percent of a core")
    func processor() async throws {
        let rig = try FleetRig((0..<8).map { ModemProfile(.simcom, number: $0) })
        #expect(await waits { await rig.fleet.statuses().filter { $0.state == .ready }.count == 8 })
        try await Task.sleep(for: .seconds(2))
        let before = Self.used()
        try await Task.sleep(for: .seconds(30))
        // The simulated modems and the test are in it too.
        let share = (Self.used() - before) / 30
        print("idle: \(share * 100) % of a core")
        #expect(share < 0.01)
        await rig.stop()
    }

    /// Seconds of processor time of this process; `clock` counts microseconds (POSIX).
    private static func used() -> Double { Double(clock()) / 1_000_000 }
}
