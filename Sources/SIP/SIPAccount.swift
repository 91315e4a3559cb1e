internal import CallModel
internal import Crypto
internal import Glibc

/// An account as the agent keeps it; it never leaves the agent.
final class SIPAccount {
    /// Tells it from one that it replaces.
    let number: Int
    var settings: SIPSettings.Account
    var machine = AccountMachine()
    var endpoint: (any SIPEndpoint)?
    /// The dialog of the present attempt; 0 before the first.
    var dialog: DialogID = 0
    /// When the machine wants to be told the time.
    var alarm: ContinuousClock.Instant?
    /// The address of the server, where the stack could not find it.
    var address: String?
    var isLookingUp = false

    init(_ settings: SIPSettings.Account, number: Int) {
        self.settings = settings
        self.number = number
    }

    /// Where requests go.
    var server: SIPAddress { settings.proxy ?? settings.registrar }

    var report: AccountReport {
        var report = AccountReport(name: settings.name, state: .off, reason: machine.reason, pbx: settings.pbx)
        switch machine.phase {
        case .idle, .ended: break
        case .asking: report.state = .trying
        case .waiting(let until): (report.state, report.until) = (.trying, until)
        case .registered(let until): (report.state, report.until) = (.registered, until)
        case .refused: report.state = .refused
        }
        return report
    }

    /// Whether the answer only says that the stack did not find the server's name.
    func wantsLookup(_ answer: RegisterAnswer) -> Bool {
        answer.status == 503 && answer.phrase.contains("DNS") && address == nil && !isLookingUp && !server.isNumeric
            && machine.phase == .asking
    }

    var order: RegisterOrder {
        let registrar = settings.registrar
        var route: String?
        if let address {
            let port = server.port ?? (server.transport == .tls ? 5061 : 5060)
            route = SIPAddress(host: address, port: port, transport: server.transport).description + ";lr"
        } else if let proxy = settings.proxy {
            route = proxy.description + ";lr"
        }
        return RegisterOrder(
            registrar: registrar.description,
            account: "sip:\(settings.user)@\(SIPAddress(host: registrar.host).place)",
            user: settings.user,
            route: route,
            instance: Self.instance(of: settings.name),
            expires: UInt32(settings.expires / .seconds(1))
        )
    }

    /// How its endpoint is opened: any free port, and for TLS the authorities in a directory, as the stack wants them.
    func endpointOptions(in directory: String) -> EndpointOptions {
        guard server.transport == .tls else { return EndpointOptions(address: "sip:*:*") }
        let certificates = "\(directory)/\(settings.name)"
        for path in [directory, certificates] { mkdir(path, 0o700) }
        unlink("\(certificates)/cafile.pem")
        symlink(settings.authorities, "\(certificates)/cafile.pem")
        return EndpointOptions(
            address: "sips:*:*;transport=tls",
            certificates: certificates,
            verifiesName: settings.verifiesName
        )
    }

    /// The name of an account of this box, the same at each start (RFC 5626 §4.1; a UUID of version 5, RFC 9562 §5.5).
    private static func instance(of name: String) -> String {
        var seed = Array("gsmbridge \(name) ".utf8)
        seed += machineID()
        var bytes = Array(Insecure.SHA1.hash(data: seed).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
        return "urn:uuid:" + groups.joined(separator: "-")
    }

    /// What names this machine (machine-id(5)); empty where it has no name.
    private static func machineID() -> [UInt8] {
        let file = open("/etc/machine-id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(file, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }
}
