/// How strong the network is received, as far as a modem tells.
package struct SignalStrength: Sendable, Hashable {
    /// The received power in dBm; nil when the modem does not know.
    ///
    /// On LTE, `+CESQ` gives the power of the reference signal alone, which reads about 25 dB lower than the others.
    package var dBm: Int?

    /// Creates a strength from a power in dBm.
    package init(dBm: Int?) {
        self.dBm = dBm
    }

    /// Reads any of `+CSQ`, `+CSQN`, `+CESQ`, `+QCSQ`, `^RSSI`, `^HCSQ` and `+QIND: "csq"`; nil for other lines.
    package init?(_ line: ATLine) {
        guard case .signal(let dBm) = Indication(line) else { return nil }
        self.dBm = dBm
    }

    /// Maps the `<rssi>` of `+CSQ` (27.007 §8.5): 0 to 31 are -113 to -51 dBm in steps of 2; 99 is unknown.
    init(csq value: Int?) {
        dBm = value.flatMap { (0...31).contains($0) ? -113 + 2 * $0 : nil }
    }

    /// Reads `+CESQ: <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>` (27.007 §8.69): whichever power is known.
    init(cesq fields: Fields) {
        if let rxlev = fields[0].int, (0...63).contains(rxlev) {
            dBm = -111 + rxlev
        } else if let rscp = fields[2].int, (0...96).contains(rscp) {
            dBm = -121 + rscp
        } else if let rsrp = fields[5].int, (0...97).contains(rsrp) {
            dBm = -141 + rsrp
        }
    }

    /// Reads Huawei's `^HCSQ: <mode>,<rssi>,…`, whose 0 to 96 are -121 to -25 dBm; 255 is unknown.
    init(hcsq fields: Fields) {
        dBm = fields[1].int.flatMap { (0...96).contains($0) ? -121 + $0 : nil }
    }

    /// Reads Quectel's `+QCSQ: <mode>,<rssi>,…` in dBm; one firmware leaves out the minus sign of the first value.
    init(qcsq fields: Fields) {
        dBm = fields[1].int.flatMap { (1...140).contains(abs($0)) ? -abs($0) : nil }
    }
}
