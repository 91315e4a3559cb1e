public import DeviceDiscovery
public import Modem
public import SerialPort

/// Everything that the doctor judges by, gathered beforehand.
///
/// A part that is nil or empty was not looked at, and its checks find nothing.
public struct DoctorFacts: Sendable {
    /// Who asks.
    public struct User: Sendable, Hashable {
        /// The login name.
        public var name: String
        /// The effective user number.
        public var id: UInt32

        /// Creates a user.
        public init(name: String, id: UInt32) {
            self.name = name
            self.id = id
        }
    }

    /// What is wrong with the configuration and its secrets.
    public struct ConfigurationState: Sendable {
        /// The file; nil when there is none.
        public var file: String?
        /// What is wrong with it.
        public var problems: [ConfigurationProblem]
        /// What is wrong with the secrets that it refers to.
        public var secretProblems: [ConfigurationProblem]
        /// The credentials that only the service gets.
        public var credentials: [Credential]

        /// Creates a state.
        public init(
            file: String?,
            problems: [ConfigurationProblem] = [],
            secretProblems: [ConfigurationProblem] = [],
            credentials: [Credential] = []
        ) {
            self.file = file
            self.problems = problems
            self.secretProblems = secretProblems
            self.credentials = credentials
        }
    }

    /// A credential that the configuration refers to, seen from outside the service.
    public struct Credential: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// The key that wants it.
        public var key: String
        /// The file that the unit loads it from; nil when the unit does not load it.
        public var path: String?
        /// The permission bits of that file; nil when they can't be seen.
        public var mode: UInt32?
        /// Whether the file is known not to exist.
        public var isAbsent: Bool

        /// Creates a credential.
        public init(name: String, key: String, path: String? = nil, mode: UInt32? = nil, isAbsent: Bool = false) {
            self.name = name
            self.key = key
            self.path = path
            self.mode = mode
            self.isAbsent = isAbsent
        }
    }

    /// The machine's clock.
    public struct Clock: Sendable, Hashable {
        /// The year of now.
        public var year: Int
        /// Whether the kernel takes it for synchronised; nil when that can't be told.
        public var isSynchronised: Bool?

        /// Creates a clock.
        public init(year: Int, isSynchronised: Bool?) {
            self.year = year
            self.isSynchronised = isSynchronised
        }
    }

    /// The directory for call log and ledgers.
    public struct StateDirectory: Sendable, Hashable {
        /// Its path.
        public var path: String
        /// Whether it is there.
        public var exists: Bool
        /// Whether who asks may write there, or make it where it does not exist.
        public var isWritable: Bool
        /// Its owner's name.
        public var owner: String?
        /// The names of files in it that do not belong to its owner.
        public var foreignFiles: [String]
        /// Free bytes for plain users on its file system; nil when unknown.
        public var freeBytes: UInt64?

        /// Creates a directory.
        public init(
            path: String,
            exists: Bool,
            isWritable: Bool,
            owner: String?,
            foreignFiles: [String] = [],
            freeBytes: UInt64?
        ) {
            self.path = path
            self.exists = exists
            self.isWritable = isWritable
            self.owner = owner
            self.foreignFiles = foreignFiles
            self.freeBytes = freeBytes
        }
    }

    /// The running service, if there is one.
    public struct Service: Sendable, Hashable {
        /// What came of connecting to the control socket.
        public enum Answer: Sendable, Hashable {
            /// Somebody listens.
            case reachable
            /// There is no socket.
            case absent
            /// There is a socket and nobody listens.
            case deserted
            /// Who asks may not use it; the group that may.
            case denied(group: String?)
            /// Something else, `errno`.
            case failed(errno: Int32)
        }

        /// The control socket.
        public var socket: String
        /// What came of connecting to it.
        public var answer: Answer
        /// Whether systemd has a unit for it.
        public var hasUnit: Bool
        /// The modems that it looks after; nil when it could not be asked.
        public var modems: [ModemStatus]?

        /// Creates a service.
        public init(socket: String, answer: Answer, hasUnit: Bool, modems: [ModemStatus]? = nil) {
            self.socket = socket
            self.answer = answer
            self.hasUnit = hasUnit
            self.modems = modems
        }

        /// Whether the service looks after the modem at a tty or a place on the bus, so that nobody else may touch it.
        public func has(tty: String?, usbPath: String?) -> Bool {
            (modems ?? [])
                .contains { modem in
                    if let usbPath, modem.usbPath == usbPath { return true }
                    guard let tty else { return false }
                    return modem.tty == tty || modem.ports.contains { $0.path == tty }
                }
        }
    }

    /// What else may want the sticks, and the rules that keep it off.
    public struct Udev: Sendable, Hashable {
        /// Whether the udev daemon runs.
        public var daemonRuns: Bool
        /// Our rules file where udev looks for it; nil when it is nowhere.
        public var rules: String?
        /// Whether ModemManager runs.
        public var modemManagerRuns: Bool

        /// Creates the facts.
        public init(daemonRuns: Bool, rules: String?, modemManagerRuns: Bool) {
            self.daemonRuns = daemonRuns
            self.rules = rules
            self.modemManagerRuns = modemManagerRuns
        }
    }

    /// A stick on the bus.
    public struct Stick: Sendable, Hashable {
        /// The stick as discovery sees it.
        public var usb: USBModem
        /// The udev properties of the USB device, as far as they concern us.
        public var properties: [String: String]
        /// `power/control` in sysfs: `on`, or `auto` for autosuspend; nil when unknown.
        public var powerControl: String?

        /// Creates a stick.
        public init(usb: USBModem, properties: [String: String] = [:], powerControl: String? = nil) {
            self.usb = usb
            self.properties = properties
            self.powerControl = powerControl
        }

        /// `1-1.4 Quectel EC25`.
        var name: String { "\(usb.path) \(usb.title)" }
        /// Whether its ports may be opened, so that others must keep off it.
        var isOurs: Bool { usb.condition.mayBeProbed }
    }

    /// A modem that was asked, or that could not be.
    public struct Modem: Sendable {
        /// What people call it: the stick, or the tty that they named.
        public var name: String
        /// The tty that answers, or the first that was tried.
        public var tty: String?
        /// Why no tty could be opened.
        public var failure: SerialError?
        /// Why nothing was learnt although a tty could be opened.
        public var silence: String?
        /// What it said.
        public var survey: ModemSurvey?
        /// What it said on being asked further.
        public var diagnosis: ModemDiagnosis?

        /// Creates a modem.
        public init(
            name: String,
            tty: String?,
            failure: SerialError? = nil,
            silence: String? = nil,
            survey: ModemSurvey? = nil,
            diagnosis: ModemDiagnosis? = nil
        ) {
            self.name = name
            self.tty = tty
            self.failure = failure
            self.silence = silence
            self.survey = survey
            self.diagnosis = diagnosis
        }
    }

    /// A PBX that was asked how it is.
    public struct PBX: Sendable, Hashable {
        /// Its name in the configuration.
        public var name: String
        /// What it answered in words, or nil when nothing is wrong.
        public var trouble: String?
        /// What to do about it.
        public var remedy: String?
        /// What it said of itself; nil when it said nothing.
        public var detail: String?
        /// Whether it was asked; where it was not, the trouble is why.
        public var isAsked: Bool

        /// Creates an answer.
        public init(name: String, trouble: String?, remedy: String?, detail: String? = nil, isAsked: Bool = true) {
            self.name = name
            self.trouble = trouble
            self.remedy = remedy
            self.detail = detail
            self.isAsked = isAsked
        }
    }

    /// Who asks.
    public var user: User
    /// The configuration.
    public var configuration: ConfigurationState?
    /// The clock.
    public var clock: Clock?
    /// The data.
    public var stateDirectory: StateDirectory?
    /// The service.
    public var service: Service?
    /// udev and ModemManager.
    public var udev: Udev?
    /// Every stick on the bus; nil when the bus was not looked at.
    public var sticks: [Stick]?
    /// Every modem that was asked.
    public var modems: [Modem]
    /// Every PBX that was asked.
    public var pbx: [PBX]

    /// Whether there is a service that who asks may not use.
    package var isKeptFromService: Bool {
        if case .denied = service?.answer { true } else { false }
    }

    /// Creates facts; what is left out was not looked at.
    public init(
        user: User,
        configuration: ConfigurationState? = nil,
        clock: Clock? = nil,
        stateDirectory: StateDirectory? = nil,
        service: Service? = nil,
        udev: Udev? = nil,
        sticks: [Stick]? = nil,
        modems: [Modem] = [],
        pbx: [PBX] = []
    ) {
        self.user = user
        self.configuration = configuration
        self.clock = clock
        self.stateDirectory = stateDirectory
        self.service = service
        self.udev = udev
        self.sticks = sticks
        self.modems = modems
        self.pbx = pbx
    }
}
