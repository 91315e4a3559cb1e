extension Duration {
    /// Whole milliseconds, rounded down.
    package var inMilliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }

    /// The duration as people say it: `850 ms`, `12 s`, `3 min 20 s`, `1 h 5 min`.
    package var spoken: String {
        if self < .seconds(1) { return "\(inMilliseconds) ms" }
        let seconds = Int(components.seconds)
        if seconds < 60 {
            let tenths = inMilliseconds / 100
            return seconds < 10 && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10) s" : "\(seconds) s"
        }
        if seconds < 3600 { return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s" }
        let minutes = seconds % 3600 / 60
        return minutes == 0 ? "\(seconds / 3600) h" : "\(seconds / 3600) h \(minutes) min"
    }
}
