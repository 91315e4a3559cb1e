/// One simulated modem: its settings, its SIM, the calls that it knows of, and the serial line to it.
struct SimulatedModem: Sendable {
    /// A command whose final result is still to come.
    struct InFlight: Sendable {
        let line: String
        let since: ContinuousClock.Instant
        /// The network's number of the call that ATD waits for.
        var dialledCall: Int?
        var completion = DialCompletion.immediate
        /// The network's number of the call that was accepted, while a fault delays the word for that: a character still drops it.
        var acceptedCall: Int?
        /// A fault delays the answer, so that a program that has waited long enough may go on.
        var isExcused = false
        var isAborting = false
        /// Whether any character makes an end of it (V.250 clause 5.6.1).
        var isAbortable = false
        /// Which violation the characters typed meanwhile belong to.
        var violation: Int?
    }

    let number: Int
    let profile: ModemProfile
    let dialect: any ModemDialect
    var settings: ModemSettings
    var sim: SIMCard
    var registration: NetworkRegistration
    var signal: Int
    var calls: [ModemCall] = []
    var lastCause: Int?
    var lastCallEndedAt: ContinuousClock.Instant?
    var faults: FaultState
    var messages: MessageState

    var isPlugged = true
    /// Neither reads nor writes: dead firmware, or rebooting.
    var isDeaf = false
    /// Reads nothing, but still says what it says by itself.
    var isStuck = false
    /// Counts power cycles, so that what an earlier life had planned is forgotten.
    var life = 0

    var editor = CommandLineEditor()
    var inFlight: InFlight?
    var typeAhead: [UInt8] = []
    var outbox: [UInt8] = []
    var isFlushPlanned = false
    /// Until when tones are being played.
    var tonesUntil: ContinuousClock.Instant?
    var toneCount = 0
    /// The voice tty while sound runs over it.
    var voice: VoiceLine?
    /// Whether a fault has struck its sound in this call.
    var voiceHasStuck = false
    /// Whether the voice tty is there.
    var voiceIsPlugged = true
    var voiceFigures = VoiceFigures()
    /// Whether the last calls have worn its sound out; see ``VoiceFault/worn``.
    var voiceIsWorn = false
    /// The command lines that were executed, for tests; bounded.
    var log: [String] = []
    /// Whether calls over LTE are set to be on; holds from the next start.
    var setsIMS: Bool
    /// Whether they have been on since the last start.
    var hasIMS: Bool
    /// How many dial commands were executed; the log has room for the first lines only.
    var dialCommands = 0

    init(number: Int, profile: ModemProfile) {
        self.number = number
        self.profile = profile
        self.dialect = profile.family.dialect
        self.faults = FaultState(profile.faults)
        self.settings = dialect.defaults
        self.setsIMS = profile.startsWithIMS
        self.hasIMS = profile.startsWithIMS
        self.sim = SIMCard(profile.sim)
        self.registration = profile.registration
        self.signal = profile.signal
        self.messages = MessageState(places: profile.messagePlaces, first: dialect.firstMessagePlace)
        settings.verbose = !startsNumeric
        if startsInUCS2 { settings.characters = .ucs2 }
    }

    /// Whether texts and numbers are UCS2 until a command says otherwise.
    var startsInUCS2: Bool { faults.contains(.leftInUCS2) || faults.contains(.onlyUCS2) }

    var startsNumeric: Bool { profile.startsNumeric || faults.contains(.numericResults) }

    /// The registration as the radio can have it at the moment.
    var effectiveRegistration: NetworkRegistration {
        if settings.functionality != 1 { return .none }
        if sim.state != .ready { return sim.state == .absent ? .emergencyOnly : .none }
        return registration
    }

    /// Whether the modem is registered for calls over LTE.
    var isInIMS: Bool { dialect.isEvolved && hasIMS && profile.offersIMS && effectiveRegistration.carriesCalls }

    /// Whether the network can ring this modem.
    var isReachable: Bool { isPlugged && !isDeaf && effectiveRegistration.carriesCalls }

    func call(_ id: Int) -> ModemCall? { calls.first { $0.call == id } }

    mutating func update(_ id: Int, _ change: (inout ModemCall) -> Void) {
        guard let index = calls.firstIndex(where: { $0.call == id }) else { return }
        change(&calls[index])
    }

    /// The lowest number that no call has; a listed data session occupies the first.
    var freeIndex: Int {
        let first = profile.listsDataCall ? 2 : 1
        var index = first
        while calls.contains(where: { $0.index == index }) { index += 1 }
        return index
    }

    /// Forgets what a loss of power forgets.
    mutating func restart() {
        life += 1
        hasIMS = setsIMS
        let stored = settings
        settings = dialect.defaults
        settings.verbose = !startsNumeric
        if faults.contains(.storedSettings) {
            settings.errorReports = stored.errorReports
            settings.extendedRing = stored.extendedRing
            settings.characters = stored.characters
        }
        if startsInUCS2 { settings.characters = .ucs2 }
        sim.restart()
        messages.restart()
        registration = profile.registration.carriesCalls ? .searching : profile.registration
        calls = []
        lastCallEndedAt = nil
        editor = CommandLineEditor()
        inFlight = nil
        typeAhead = []
        outbox = []
        isFlushPlanned = false
        tonesUntil = nil
        isDeaf = false
        isStuck = false
        voice = nil
        voiceIsPlugged = true
        voiceIsWorn = false
    }

    /// A result in the words, or with `ATV0` the number, of V.250 table 1.
    func words(_ result: ResultCode) -> String {
        switch result {
        case .ok, .pending, .never: settings.verbose ? "OK" : "0"
        case .connect: settings.verbose ? "CONNECT" : "1"
        case .noCarrier: settings.verbose ? "NO CARRIER" : "3"
        case .error: settings.verbose ? faults.contains(.errorText) ? "ERROR: not allowed" : "ERROR" : "4"
        case .unsupported: settings.verbose ? dialect.unsupported : "4"
        case .noDialtone: settings.verbose ? "NO DIALTONE" : "6"
        case .busy: settings.verbose ? "BUSY" : "7"
        case .noAnswer: settings.verbose ? "NO ANSWER" : "8"
        case .equipment(let code):
            switch settings.errorReports {
            case 1: "+CME ERROR: \(code)"
            case 2: "+CME ERROR: \(Self.equipmentText(code))"
            default: words(.error)
            }
        case .message(let code): settings.errorReports == 0 ? words(.error) : "+CMS ERROR: \(code)"
        }
    }

    /// 3GPP TS 27.007 clause 9.2.1.
    private static func equipmentText(_ code: Int) -> String {
        switch code {
        case 3: "operation not allowed"
        case 4: "operation not supported"
        case 10: "SIM not inserted"
        case 11: "SIM PIN required"
        case 12: "SIM PUK required"
        case 13: "SIM failure"
        case 14: "SIM busy"
        case 16: "incorrect password"
        case 21: "invalid index"
        case 22: "not found"
        case 30: "no network service"
        case 50: "Incorrect parameters"
        default: "unknown"
        }
    }

    /// A line as it goes over the wire under the present settings; results alone are framed differently with `ATV0`.
    func bytes(_ line: String, _ kind: LineKind) -> [UInt8] {
        let line = startsInUCS2 && settings.characters == .ucs2 ? Self.inUCS2(line) : line
        if settings.verbose { return dialect.frame(line, kind) }
        let isNumeric = line.utf8.count <= 1
        return Array((isNumeric ? "\(line)\r" : "\(line)\r\n").utf8)
    }
}
