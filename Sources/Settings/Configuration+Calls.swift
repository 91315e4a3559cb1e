extension Configuration {
    /// How the call log is kept.
    package struct Calls: Sendable {
        /// How many days calls are kept with whole numbers, 0 to 366; behind that the numbers are masked.
        package var detailDays = 7
        /// Whether who is recorded is told so, by a spoken notice.
        package var tellsRecording = true
        /// How many days messages of callers are kept, 1 to 3660.
        package var messageDays = 30
    }
}

extension SettingTable<Configuration.Calls> {
    static var calls: Self {
        let days = SettingRow.value("detail_days", \Configuration.Calls.detailDays, .number(in: 0...366)).set()
            .help("how many days the call log keeps whole numbers; behind that their last three digits are masked")
        let notice = SettingRow.value("recording_notice", \Configuration.Calls.tellsRecording, .flag)
            .help("whether who is recorded hears so first; in many countries a recording without is a crime")
        let messages = SettingRow.value("message_days", \Configuration.Calls.messageDays, .number(in: 1...3660))
            .help("how many days messages are kept that callers left (`unknown_callers: voicemail`)")
        return Self({ _, _ in Configuration.Calls() }, [days, notice, messages])
    }
}
