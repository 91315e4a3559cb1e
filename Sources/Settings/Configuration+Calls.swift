extension Configuration {
    /// How the call log is kept.
    package struct Calls: Sendable {
        /// How many days calls are kept with whole numbers, 0 to 366; behind that the numbers are masked.
        package var detailDays = 7
    }
}

extension SettingTable<Configuration.Calls> {
    static var calls: Self {
        let days = SettingRow.value("detail_days", \Configuration.Calls.detailDays, .number(in: 0...366)).set()
            .help("how many days the call log keeps whole numbers; behind that their last three digits are masked")
        return Self({ _, _ in Configuration.Calls() }, [days])
    }
}
