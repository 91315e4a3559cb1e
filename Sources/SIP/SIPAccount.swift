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
    /// Whether it is not wanted any more, and waits for the end of its calls.
    var isRetiring = false
    /// What the registrar alone learns of our contact; who calls there without it must come from the registrar's address.
    let token = "line=" + (0..<4).map { _ in String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16) }.joined()
    /// The numeric addresses of the server, as far as they are known.
    var serverAddresses: Set<String> = []

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
        case .asking, .waiting: report.state = .trying
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

    /// Where requests go first; nil for where the registrar's name leads.
    private var route: String? {
        if let address {
            let port = server.port ?? (server.transport == .tls ? 5061 : 5060)
            guard server.transport == .tls else {
                return "<\(SIPAddress(host: address, port: port, transport: server.transport));lr>"
            }
            // The certificate has to be for the name, as ever: sofia-sip connects to `maddr` (RFC 3261 §19.1.1), and looks for the host of
            // the URI among the subjects (nta_tpn_by_url in nta.c, tls_post_connection_check in tport_tls.c).
            return "<\(SIPAddress(host: server.host, port: port, transport: .tls));maddr=\(address);lr>"
        }
        return settings.proxy.map { "<\($0);lr>" }
    }

    /// Who we are there.
    private var identity: String { "sip:\(settings.user)@\(SIPAddress(host: settings.registrar.host).place)" }

    /// Whether calls can be made over it.
    var isRegistered: Bool { if case .registered = machine.phase { true } else { false } }

    /// Whether an INVITE comes from where the account is: strangers find every open port.
    func knows(_ request: SIPRequest) -> Bool {
        let parameters = request.parameters?.split(separator: ";") ?? []
        let source = request.source.address
        return parameters.contains { $0 == token } || source == server.host || source == address
            || serverAddresses.contains(source)
    }

    /// A call to a number at its PBX.
    func invite(_ number: String, name: String? = nil, sdp: String) -> InviteOrder {
        var target = settings.registrar
        target.user = number
        let shown = name.map { "\"\($0)\" " } ?? ""
        return InviteOrder(
            target: target.description,
            caller: "\(shown)<\(identity)>",
            route: route,
            user: settings.user,
            sdp: sdp
        )
    }

    var order: RegisterOrder {
        let registrar = settings.registrar
        return RegisterOrder(
            registrar: registrar.description,
            account: identity,
            user: settings.user,
            token: token,
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
