import CallFlows
import CallModel
import Settings
import Testing

@Suite struct DurationTextTests {
    @Test(
        "durations are a number and its unit",
        arguments: [
            ("1500ms", Duration.milliseconds(1500)), ("2s", .seconds(2)), ("1.5s", .milliseconds(1500)),
            ("60m", .seconds(3600)), ("1h", .seconds(3600)), ("0s", .zero), ("999999999ms", .milliseconds(999_999_999)),
        ]
    )
    func reads(_ text: String, _ duration: Duration) {
        #expect(Duration(text: text) == duration)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "s", "5", "-5s", "5 s", "5S", "1.s", ".5s", "1..5s", "5d", "1e3s", "0x5s", "٥s", "9999999999s", "5ms5s",
        ]
    )
    func refuses(_ text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(
        "durations are shown as people say them",
        arguments: [
            (Duration.milliseconds(850), "850 ms"), (.milliseconds(1200), "1.2 s"), (.seconds(9), "9 s"),
            (.seconds(59), "59 s"), (.seconds(60), "1 min"), (.seconds(200), "3 min 20 s"), (.seconds(3600), "1 h"),
            (.seconds(3900), "1 h 5 min"),
        ]
    )
    func speaks(_ duration: Duration, _ text: String) {
        #expect(duration.spoken == text)
    }
}
