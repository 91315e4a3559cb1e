package import CallModel

/// What SIP is set up with.
package struct SIPSettings: Sendable {
    /// The accounts at PBXs, each with a name of its own.
    package var accounts: [Account] = []
    /// Where phones may come: `udp:192.0.2.1:5060`, `tls:127.0.0.1:5061`.
    package var listen: [Listener] = []
    /// The phones that may register, each with a name of its own.
    package var phones: [Phone] = []
    /// PBXs that are known by their address.
    package var trunks: [Trunk] = []
    /// The certificate and the key of this box, for phones that come over TLS, as PEM files.
    package var certificate: String?
    package var key: String?
    /// Whether phones may come from addresses that are none of a house.
    package var allowsPublic = false
    /// Whether a number calls for help: no limit holds for that.
    package var isHelp: @Sendable (String) -> Bool = { _ in false }
    /// A directory of our own for what the stack wants to find in files.
    package var directory: String

    /// Creates settings without anything in them.
    package init(directory: String) { self.directory = directory }

    /// An account at a PBX.
    package struct Account: Sendable {
        /// Its name in the configuration.
        package var name: String
        /// The registrar.
        package var registrar: SIPAddress
        /// Who we are there.
        package var user: String
        /// By what name the password is asked for; nil for the user.
        package var loginName: String?
        /// Reads the password, each time anew.
        package var password: @Sendable () throws -> String
        /// Where requests go first; nil for the registrar itself.
        package var proxy: SIPAddress?
        /// How long a registration shall hold.
        package var expires = Duration.seconds(300)
        /// The PBX that it belongs to.
        package var pbx: String?
        /// Whether the name in the server's certificate has to be the registrar's; else a known authority is enough.
        package var verifiesName = true
        /// The file with the authorities to trust.
        package var authorities = SIPSettings.systemAuthorities

        /// How the sound of its calls is encrypted.
        package var encryption = Encryption.optional

        /// How it is coded, those that are liked best first; empty for the ordinary ones.
        package var codecs: [RTPCodec] = []

        /// Creates an account.
        package init(
            name: String,
            registrar: SIPAddress,
            user: String,
            password: @escaping @Sendable () throws -> String
        ) {
            self.name = name
            self.registrar = registrar
            self.user = user
            self.password = password
        }

        /// Whether nothing differs that a running account was begun with.
        func isSet(as other: Self) -> Bool {
            registrar == other.registrar && user == other.user && loginName == other.loginName && proxy == other.proxy
                && expires == other.expires && verifiesName == other.verifiesName && authorities == other.authorities
        }
    }

    /// How sound is encrypted (SRTP).
    package enum Encryption: Sendable, Hashable {
        /// Where the far side wants it; offered where what is said of it is encrypted itself.
        case optional
        /// Always.
        case required
        /// Never.
        case off
    }

    /// An address at which phones may come.
    package struct Listener: Sendable, Hashable {
        package var transport: SIPAddress.Transport
        package var address: SIPAddress

        /// Creates an address.
        package init(transport: SIPAddress.Transport, address: SIPAddress) {
            self.transport = transport
            self.address = address
        }
    }

    /// A PBX that is known by its address.
    package struct Trunk: Sendable, Hashable {
        /// Its name in the configuration.
        package var name: String
        package var address: SIPAddress

        /// Creates a trunk.
        package init(name: String, address: SIPAddress) {
            self.name = name
            self.address = address
        }
    }

    /// A telephone of the house.
    package struct Phone: Sendable {
        /// Its name in the configuration, and its user.
        package var name: String
        /// What it is called on the displays of others.
        package var title: String?
        package var password: String
        /// How its sound is coded, those that are liked best first; empty for the ordinary ones.
        package var codecs: [RTPCodec] = []

        /// Creates a phone.
        package init(name: String, title: String? = nil, password: String) {
            self.name = name
            self.title = title
            self.password = password
        }
    }

    /// The authorities that Debian trusts (package ca-certificates).
    package static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"
}

/// How an account stands.
package struct AccountReport: Sendable, Hashable {
    /// The words of the contract.
    package enum State: String, Sendable, Hashable {
        /// Calls reach us over it.
        case registered
        /// It is being registered, or tried again after a while.
        case trying
        /// The registrar said no; it is not tried again before the configuration is read again.
        case refused
        /// It is not begun, or over.
        case off
    }

    package var name: String
    package var state: State
    /// Why it does not stand better, in one line.
    package var reason: String?
    /// Until when it is registered; nil where it is not.
    package var until: ContinuousClock.Instant?
    package var pbx: String?
}

/// How a phone stands.
package struct PhoneReport: Sendable, Hashable {
    package var name: String
    package var title: String?
    /// Where it can be called, by its latest word; nil for nowhere.
    package var contact: String?
    /// All places where it can be called, the latest last.
    package var contacts: [String] = []
    /// Until when.
    package var until: ContinuousClock.Instant?
    /// What it says it is.
    package var userAgent: String?
    /// How many calls it has.
    package var calls = 0
}
