import FoundationEssentials
import GatewayAPI
import Testing

@testable import CallLog

@Suite("Signals in the log")
struct SignalLogTests {
    private static let start = Date(timeIntervalSince1970: 1_780_000_200)

    @Test("one value a minute is kept for a week; spans tell mean, ends and registration")
    func spans() throws {
        let rig = try LogRig()
        let log = try rig.open()
        for minute in 0..<10 {
            let now = Self.start + Double(minute) * 60
            try log.note(
                [
                    StoredSignal(modem: "a", dBm: minute < 5 ? -70 - minute : nil, isRegistered: minute != 3),
                    StoredSignal(modem: "b", dBm: -100, isRegistered: true),
                ],
                at: now
            )
        }
        let now = Self.start + 9 * 60
        let spans = try log.signals(of: "a", hours: 24, at: now)
        #expect(spans.map(\.minutes).reduce(0, +) == 10 && spans.map(\.registered).reduce(0, +) == 9)
        #expect(spans.compactMap(\.lowest).min() == -74 && spans.compactMap(\.highest).max() == -70)
        #expect(spans.contains { $0.signal == nil })
        #expect(try log.signals(of: "c", hours: 24, at: now).isEmpty)
        // A minute that is written twice is one value.
        try log.note([StoredSignal(modem: "b", dBm: -60, isRegistered: true)], at: now)
        #expect(try log.signals(of: "b", hours: 168, at: now).map(\.minutes).reduce(0, +) == 10)
        // A week later nothing of it is left.
        try log.note([StoredSignal(modem: "b", dBm: -60, isRegistered: true)], at: now + 7 * 86_400)
        #expect(try log.signals(of: "b", hours: 168, at: now).map(\.minutes).reduce(0, +) == 1)
    }
}
