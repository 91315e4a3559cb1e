/// The length of the tones that `AT+VTS` asks the network for: the answer to `AT+VTD?` (27.007 §C.2.12).
package struct ToneDuration: Sendable, Hashable {
    /// The length in tenths of a second, the unit of nearly every vendor; 0 leaves it to the network.
    package var tenths: Int
    /// The pause between two tones in tenths of a second, which Quectel has as well.
    package var interval: Int?

    /// Creates a setting from its parts.
    package init(tenths: Int, interval: Int? = nil) {
        self.tenths = tenths
        self.interval = interval
    }

    /// Reads `+VTD: <duration>[,<interval>]`; nil for other lines and for the ranges that `AT+VTD=?` answers.
    package init?(vtd line: ATLine) {
        let fields = line.withBytes { bytes -> (Int, Int?)? in
            guard let fields = bytes.body(of: "+VTD").map({ Fields($0) }), let tenths = fields[0].int, tenths >= 0
            else { return nil }
            return (tenths, fields[1].int)
        }
        guard let fields else { return nil }
        self.init(tenths: fields.0, interval: fields.1)
    }
}
