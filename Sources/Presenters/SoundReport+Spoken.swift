package import CallModel

extension SoundReport {
    /// Where, and why, in one clause.
    package var spoken: String { endpoint + (reason.map { ", \($0)" } ?? "") }
}

extension SoundQuality {
    /// How good the sound was, in a line; exact figures are in the event.
    package var spoken: String {
        let seconds = Duration.milliseconds(20 * frames).spoken
        let trouble = underruns + overruns == 0 ? "no holes" : "\(underruns) holes, \(overruns) frames lost"
        return "Sound of \(leg): \(seconds) heard at \(Self.level(levelIn)), \(trouble), \(delayWorst) ms in the box"
    }

    private static func level(_ decibels: Double) -> String {
        decibels <= -90 ? "silence" : "\(Int(decibels.rounded())) dBFS"
    }
}
