/// Whether a Quectel modem can call over LTE: the answer to `AT+QCFG="ims"`, `+QCFG: "ims",<setting>,<state>`.
package struct IMSState: Sendable, Hashable {
    /// The configured value: 0 as the operator's profile says, 1 on, 2 off.
    package var setting: Int
    /// Whether the modem is registered for voice over LTE; nil when it did not say.
    package var isRegistered: Bool?

    /// Creates a state from its parts.
    package init(setting: Int, isRegistered: Bool?) {
        self.setting = setting
        self.isRegistered = isRegistered
    }

    /// Reads one `+QCFG: "ims",…` line; nil for other lines and other settings.
    package init?(qcfg line: ATLine) {
        let state = line.withBytes { bytes -> IMSState? in
            guard let fields = bytes.body(of: "+QCFG").map({ Fields($0) }), fields[0].bytes.equals("ims"),
                let setting = fields[1].int
            else { return nil }
            return IMSState(setting: setting, isRegistered: fields[2].int.map { $0 == 1 })
        }
        guard let state else { return nil }
        self = state
    }
}
