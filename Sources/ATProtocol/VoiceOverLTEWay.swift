/// How a family's calls over LTE are looked at and switched on: a row of the family, with where it is from.
package struct VoiceOverLTEWay: Sendable {
    /// The questions whose answers ``IMSReading`` reads, all asked; one that a modem does not know says nothing.
    package var questions: [ATCommand]
    /// The commands that switch it on, in order; each may be refused and take effect all the same, so what is set is read back.
    package var enable: [ATCommand]
    /// What reads the settings that are about to be changed, so that a person can set them back.
    package var before: [ATCommand]
    /// What reads the setting back; nil where nothing does.
    package var readBack: ATCommand?
    /// Whether it takes effect at a restart only.
    package var needsRestart: Bool
    /// Why the family's modems have no calls over LTE; nil where some have.
    package var lack: String?
    /// What is to be known beside, one sentence each.
    package var caveats: [String]
    /// Who says so.
    package var source: String

    /// The standard's questions, and no way to switch it on.
    package init() {
        // IMS registration, and whether it carries voice (27.007, +CIREG and +CAVIMS).
        questions = [.query("AT+CIREG?"), .query("AT+CAVIMS?")]
        enable = []
        before = []
        readBack = nil
        needsRestart = false
        lack = nil
        caveats = []
        source = "3GPP TS 27.007; nothing of the maker's was found or tried"
    }

    /// A family without calls over LTE.
    package init(lack: String, source: String) {
        self.init()
        questions = []
        self.lack = lack
        self.source = source
    }
}

/// What a modem tells of calls over LTE in one line.
package struct IMSReading: Sendable, Hashable {
    /// Whether it is switched on; nil where the operator's profile decides, or nothing is said.
    package var isOn: Bool?
    /// Whether the modem is registered with the network's IMS.
    package var isRegistered: Bool?
    /// Whether that carries voice.
    package var carriesVoice: Bool?

    /// Creates a reading that says nothing.
    package init() {}

    /// Reads a line of any family; nil for lines about something else.
    ///
    /// | line | says |
    /// |---|---|
    /// | `+CIREG: <n>,<registered>[,<services>]` | 27.007; bit 0 of the services is voice |
    /// | `+CAVIMS: <state>` | 27.007: whether voice by IMS is available |
    /// | `+QCFG: "ims",<setting>,<state>` | Quectel: 0 the profile decides, 1 on, 2 off |
    /// | `+CVOLTE: <on>` | SIMCom A76xx |
    /// | `^SCFG: "MEopMode/IMS","<on>"` | Cinterion |
    package init?(_ line: ATLine) {
        let read = line.withBytes { bytes -> IMSReading? in
            var reading = IMSReading()
            if let fields = bytes.body(of: "+CIREG").map({ Fields($0) }) {
                guard let state = fields[1].int else { return nil }
                reading.isRegistered = state == 1
                if let services = fields[2].text.flatMap({ Int($0, radix: 16) }), state == 1 {
                    reading.carriesVoice = services & 1 == 1
                }
            } else if let fields = bytes.body(of: "+CAVIMS").map({ Fields($0) }) {
                guard let state = fields[0].int else { return nil }
                reading.carriesVoice = state == 1
            } else if let fields = bytes.body(of: "+QCFG").map({ Fields($0) }) {
                guard fields[0].bytes.equals("ims"), let setting = fields[1].int else { return nil }
                reading.isOn = setting == 0 ? nil : setting == 1
                reading.isRegistered = fields[2].int.map { $0 == 1 }
            } else if let fields = bytes.body(of: "+CVOLTE").map({ Fields($0) }) {
                guard let state = fields[0].int else { return nil }
                reading.isOn = state == 1
            } else if let fields = bytes.body(of: "^SCFG").map({ Fields($0) }) {
                guard fields[0].bytes.equals("MEopMode/IMS"), let state = fields[1].text else { return nil }
                reading.isOn = state == "1"
            } else {
                return nil
            }
            return reading
        }
        guard let read else { return nil }
        self = read
    }

    /// Takes what another line says beside; the first that says something counts.
    package mutating func add(_ other: IMSReading) {
        isOn = isOn ?? other.isOn
        isRegistered = isRegistered ?? other.isRegistered
        carriesVoice = carriesVoice ?? other.carriesVoice
    }
}
