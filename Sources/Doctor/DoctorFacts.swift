internal import ConfigurationText
internal import DeviceDiscovery
internal import GatewayAPI
internal import Modem
internal import SerialPort
internal import Settings

/// Everything that the doctor judges by, gathered beforehand.
///
/// A part that is nil or empty was not looked at, and its checks find nothing.
struct DoctorFacts: Sendable {
    /// Who asks.
    struct User: Sendable, Hashable {
        /// The login name.
        var name: String
        /// The effective user number.
        var id: UInt32
    }

    /// What is wrong with the configuration and its secrets.
    struct ConfigurationState: Sendable {
        /// The file; nil when there is none.
        var file: String?
        /// What is wrong with it.
        var problems: [ConfigurationProblem] = []
        /// What is wrong with the secrets that it refers to.
        var secretProblems: [ConfigurationProblem] = []
        /// The credentials that only the service gets.
        var credentials: [Credential] = []
    }

    /// A credential that the configuration refers to, seen from outside the service.
    struct Credential: Sendable, Hashable {
        var name: String
        /// The key that wants it.
        var key: String
        /// The file that the unit loads it from; nil when the unit does not load it.
        var path: String?
        /// The permission bits of that file; nil when they can't be seen.
        var mode: UInt32?
        /// Whether the file is known not to exist.
        var isAbsent = false
    }

    /// The machine's clock.
    struct Clock: Sendable, Hashable {
        /// The year of now.
        var year: Int
        /// Whether the kernel takes it for synchronised; nil when that can't be told.
        var isSynchronised: Bool?
    }

    /// The directory for call log and ledgers.
    struct StateDirectory: Sendable, Hashable {
        var path: String
        /// Whether it is there.
        var exists: Bool
        /// Whether who asks may write there, or make it where it does not exist.
        var isWritable: Bool
        /// Its owner's name.
        var owner: String?
        /// The names of files in it that do not belong to its owner.
        var foreignFiles: [String] = []
        /// Free bytes for plain users on its file system; nil when unknown.
        var freeBytes: UInt64?
    }

    /// The running service, if there is one.
    struct Service: Sendable, Hashable {
        /// What came of connecting to the control socket.
        enum Answer: Sendable, Hashable {
            /// A process listens.
            case reachable
            /// There is no socket.
            case absent
            /// There is a socket, and no process listens.
            case deserted
            /// Who asks may not use it; the group that may.
            case denied(group: String?)
            /// Something else, `errno`.
            case failed(errno: Int32)
        }

        /// The control socket.
        var socket: String
        /// What came of connecting to it.
        var answer: Answer
        /// Whether systemd has a unit for it.
        var hasUnit: Bool
        /// The modems that it looks after; nil when it could not be asked.
        var modems: [ModemStatus]?
        /// What the network says of callers' numbers to those that are ready, by their names.
        var callerNumbers: [String: ModemDiagnosis] = [:]
        /// Its accounts at PBXs; nil when it could not be asked.
        var accounts: [AccountStatus]?

        /// Whether the service looks after the modem at a tty or a place on the bus, so that no other program may touch it.
        func has(tty: String?, usbPath: String?) -> Bool {
            (modems ?? [])
                .contains { modem in
                    if let usbPath, modem.usbPath == usbPath { return true }
                    guard let tty else { return false }
                    return modem.tty == tty || modem.ports.contains { $0.path == tty }
                }
        }
    }

    /// What else may want the sticks, and the rules that keep it off.
    struct Udev: Sendable, Hashable {
        /// Whether the udev daemon runs.
        var daemonRuns: Bool
        /// Our rules file where udev looks for it; nil when it is nowhere.
        var rules: String?
        /// Whether ModemManager runs.
        var modemManagerRuns: Bool
    }

    /// A stick on the bus.
    struct Stick: Sendable, Hashable {
        /// The stick as discovery sees it.
        var usb: USBModem
        /// The udev properties of the USB device, as far as they concern us.
        var properties: [String: String] = [:]
        /// `power/control` in sysfs: `on`, or `auto` for autosuspend; nil when unknown.
        var powerControl: String?

        /// `1-1.4 Quectel EC25`.
        var name: String { "\(usb.path) \(usb.title)" }
        /// Whether its ports may be opened, so that others must keep off it.
        var isOurs: Bool { usb.condition.mayBeProbed }
    }

    /// A modem that was asked, or that could not be.
    struct Modem: Sendable {
        /// What people call it: the stick, or the tty that they named.
        var name: String
        /// The tty that answers, or the first that was tried.
        var tty: String?
        /// Why no tty could be opened.
        var failure: SerialError?
        /// Why nothing was learnt although a tty could be opened.
        var silence: String?
        /// What it said.
        var survey: ModemSurvey?
        /// What it said on being asked further.
        var diagnosis: ModemDiagnosis?
    }

    /// A PBX that was asked how it is.
    struct PBX: Sendable, Hashable {
        /// Its name in the configuration.
        var name: String
        /// What it answered in words, or nil when nothing is wrong.
        var trouble: String?
        /// What to do about it.
        var remedy: String?
        /// What it said of itself; nil when it said nothing.
        var detail: String?
        /// Whether it was asked; where it was not, the trouble is why.
        var isAsked = true
    }

    /// Who asks.
    var user: User
    var configuration: ConfigurationState?
    var clock: Clock?
    /// The data.
    var stateDirectory: StateDirectory?
    var service: Service?
    /// Where phones come, and how the accounts are set; nil where no SIP is configured.
    var sip: SIP?
    /// udev and ModemManager.
    var udev: Udev?
    /// Every stick on the bus; nil when the bus was not looked at.
    var sticks: [Stick]?
    /// Every modem that was asked.
    var modems: [Modem] = []
    /// Every PBX that was asked.
    var pbx: [PBX] = []

    /// Whether there is a service that who asks may not use.
    var isKeptFromService: Bool {
        if case .denied = service?.answer { true } else { false }
    }
}
