package import DeviceDiscovery
package import GatewayAPI
package import Modem
package import SerialPort
package import Settings

/// Everything that the doctor judges by, gathered beforehand.
///
/// A part that is nil or empty was not looked at, and its checks find nothing.
package struct DoctorFacts: Sendable {
    /// Who asks.
    package struct User: Sendable, Hashable {
        /// The login name.
        package var name: String
        /// The effective user number.
        package var id: UInt32

        /// Creates a user.
        package init(name: String, id: UInt32) {
            self.name = name
            self.id = id
        }
    }

    /// What is wrong with the configuration and its secrets.
    package struct ConfigurationState: Sendable {
        /// The file; nil when there is none.
        package var file: String?
        /// What is wrong with it.
        package var problems: [ConfigurationProblem]
        /// What is wrong with the secrets that it refers to.
        package var secretProblems: [ConfigurationProblem]
        /// The credentials that only the service gets.
        package var credentials: [Credential]

        /// Creates a state.
        package init(
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
    package struct Credential: Sendable, Hashable {
        /// Its name.
        package var name: String
        /// The key that wants it.
        package var key: String
        /// The file that the unit loads it from; nil when the unit does not load it.
        package var path: String?
        /// The permission bits of that file; nil when they can't be seen.
        package var mode: UInt32?
        /// Whether the file is known not to exist.
        package var isAbsent: Bool

        /// Creates a credential.
        package init(name: String, key: String, path: String? = nil, mode: UInt32? = nil, isAbsent: Bool = false) {
            self.name = name
            self.key = key
            self.path = path
            self.mode = mode
            self.isAbsent = isAbsent
        }
    }

    /// The machine's clock.
    package struct Clock: Sendable, Hashable {
        /// The year of now.
        package var year: Int
        /// Whether the kernel takes it for synchronised; nil when that can't be told.
        package var isSynchronised: Bool?

        /// Creates a clock.
        package init(year: Int, isSynchronised: Bool?) {
            self.year = year
            self.isSynchronised = isSynchronised
        }
    }

    /// The directory for call log and ledgers.
    package struct StateDirectory: Sendable, Hashable {
        /// Its path.
        package var path: String
        /// Whether it is there.
        package var exists: Bool
        /// Whether who asks may write there, or make it where it does not exist.
        package var isWritable: Bool
        /// Its owner's name.
        package var owner: String?
        /// The names of files in it that do not belong to its owner.
        package var foreignFiles: [String]
        /// Free bytes for plain users on its file system; nil when unknown.
        package var freeBytes: UInt64?

        /// Creates a directory.
        package init(
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
    package struct Service: Sendable, Hashable {
        /// What came of connecting to the control socket.
        package enum Answer: Sendable, Hashable {
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
        package var socket: String
        /// What came of connecting to it.
        package var answer: Answer
        /// Whether systemd has a unit for it.
        package var hasUnit: Bool
        /// The modems that it looks after; nil when it could not be asked.
        package var modems: [ModemStatus]?

        /// Creates a service.
        package init(socket: String, answer: Answer, hasUnit: Bool, modems: [ModemStatus]? = nil) {
            self.socket = socket
            self.answer = answer
            self.hasUnit = hasUnit
            self.modems = modems
        }

        /// Whether the service looks after the modem at a tty or a place on the bus, so that nobody else may touch it.
        package func has(tty: String?, usbPath: String?) -> Bool {
            (modems ?? [])
                .contains { modem in
                    if let usbPath, modem.usbPath == usbPath { return true }
                    guard let tty else { return false }
                    return modem.tty == tty || modem.ports.contains { $0.path == tty }
                }
        }
    }

    /// What else may want the sticks, and the rules that keep it off.
    package struct Udev: Sendable, Hashable {
        /// Whether the udev daemon runs.
        package var daemonRuns: Bool
        /// Our rules file where udev looks for it; nil when it is nowhere.
        package var rules: String?
        /// Whether ModemManager runs.
        package var modemManagerRuns: Bool

        /// Creates the facts.
        package init(daemonRuns: Bool, rules: String?, modemManagerRuns: Bool) {
            self.daemonRuns = daemonRuns
            self.rules = rules
            self.modemManagerRuns = modemManagerRuns
        }
    }

    /// A stick on the bus.
    package struct Stick: Sendable, Hashable {
        /// The stick as discovery sees it.
        package var usb: USBModem
        /// The udev properties of the USB device, as far as they concern us.
        package var properties: [String: String]
        /// `power/control` in sysfs: `on`, or `auto` for autosuspend; nil when unknown.
        package var powerControl: String?

        /// Creates a stick.
        package init(usb: USBModem, properties: [String: String] = [:], powerControl: String? = nil) {
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
    package struct Modem: Sendable {
        /// What people call it: the stick, or the tty that they named.
        package var name: String
        /// The tty that answers, or the first that was tried.
        package var tty: String?
        /// Why no tty could be opened.
        package var failure: SerialError?
        /// Why nothing was learnt although a tty could be opened.
        package var silence: String?
        /// What it said.
        package var survey: ModemSurvey?
        /// What it said on being asked further.
        package var diagnosis: ModemDiagnosis?

        /// Creates a modem.
        package init(
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
    package struct PBX: Sendable, Hashable {
        /// Its name in the configuration.
        package var name: String
        /// What it answered in words, or nil when nothing is wrong.
        package var trouble: String?
        /// What to do about it.
        package var remedy: String?
        /// What it said of itself; nil when it said nothing.
        package var detail: String?
        /// Whether it was asked; where it was not, the trouble is why.
        package var isAsked: Bool

        /// Creates an answer.
        package init(name: String, trouble: String?, remedy: String?, detail: String? = nil, isAsked: Bool = true) {
            self.name = name
            self.trouble = trouble
            self.remedy = remedy
            self.detail = detail
            self.isAsked = isAsked
        }
    }

    /// Who asks.
    package var user: User
    /// The configuration.
    package var configuration: ConfigurationState?
    /// The clock.
    package var clock: Clock?
    /// The data.
    package var stateDirectory: StateDirectory?
    /// The service.
    package var service: Service?
    /// udev and ModemManager.
    package var udev: Udev?
    /// Every stick on the bus; nil when the bus was not looked at.
    package var sticks: [Stick]?
    /// Every modem that was asked.
    package var modems: [Modem]
    /// Every PBX that was asked.
    package var pbx: [PBX]

    /// Whether there is a service that who asks may not use.
    package var isKeptFromService: Bool {
        if case .denied = service?.answer { true } else { false }
    }

    /// Creates facts; what is left out was not looked at.
    package init(
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
