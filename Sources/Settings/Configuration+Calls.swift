extension Configuration {
    /// How the call log is kept.
    package struct Calls: Sendable {
        /// How many days calls are kept with whole numbers, 0 to 366; behind that the numbers are masked.
        package var detailDays: Int
    }
}

extension ConfigurationReader {
    mutating func readCalls(_ section: ConfigurationSection) -> Configuration.Calls {
        Configuration.Calls(
            detailDays: value("detail_days", in: section, default: 7, as: .number(in: 0...366))
        )
    }
}
