internal import CLinux
internal import CallModel
internal import ConfigurationText
internal import DeviceDiscovery
internal import FoundationEssentials
internal import GatewayAPI
internal import Glibc
internal import HTTP
internal import Lines
package import Logging
internal import Modem
package import Settings
internal import SmallFiles

/// Looks at the box for the doctor; nothing is judged here, and nothing is changed.
package struct DoctorGathering: Sendable {
    private let environment: ConfigurationEnvironment
    private let configurationPath: String?
    private let modem: String?
    private let pbx: String?
    private let log: Logger

    /// Why there is nothing to look at.
    package enum Failure: Error {
        case unknownPBX(Configuration.UnknownName)
        case unknownModem(String)
    }

    /// Looks at one modem and one PBX; nil for all of them.
    package init(
        environment: ConfigurationEnvironment,
        configurationPath: String?,
        modem: String?,
        pbx: String?,
        log: Logger
    ) {
        self.environment = environment
        self.configurationPath = configurationPath
        self.modem = modem
        self.pbx = pbx
        self.log = log
    }

    /// What was found.
    package func findings() async throws(Failure) -> [DoctorFinding] { DoctorCheck.findings(try await gather()) }

    /// What is wrong with the configuration as its file stands now, and with its secrets.
    package func configurationFindings() -> [DoctorFinding] {
        var facts = DoctorFacts(user: Self.user)
        facts.configuration = readConfiguration().1
        return DoctorCheck.ofConfiguration.flatMap { $0.findings(facts) }
    }

    private func gather() async throws(Failure) -> DoctorFacts {
        var facts = DoctorFacts(user: Self.user)
        let (configuration, state) = readConfiguration()
        facts.configuration = state
        let chosen = try choosePBX(configuration)
        facts.clock = Self.clock
        if let effective = configuration ?? defaults {
            facts.stateDirectory = Self.stateDirectory(effective.gateway.stateDirectory)
            facts.service = await service(effective.controlSocket(option: nil, environment: environment))
            facts.sip = DoctorFacts.SIP(effective.sip, isServed: facts.service?.answer == .reachable)
        }
        facts.udev = DoctorFacts.Udev(
            daemonRuns: DeviceDiscovery.hasUdevDaemon,
            rules: Self.rules,
            modemManagerRuns: Self.isRunning("ModemManager")
        )
        let modems = Self.modemsOnTheBus(log: log)
        facts.sticks = modems?.map(Self.stick)
        // Who may not use the service has one thing to do; its modems are the service's business.
        if !facts.isKeptFromService { facts.modems = try await askModems(modems ?? [], configuration, facts.service) }
        if let configuration {
            for pbx in chosen {
                facts.pbx.append(await PBXDiagnosis.ask(pbx, configuration, environment: environment))
            }
        }
        return facts
    }

    // MARK: Configuration

    private var defaults: Configuration? {
        do { return try Configuration.defaults(environment: environment) } catch {
            log.warning("no defaults: \(error)")
            return nil
        }
    }

    private func readConfiguration() -> (Configuration?, DoctorFacts.ConfigurationState) {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(path: configurationPath, environment: environment)
        } catch {
            return (nil, DoctorFacts.ConfigurationState(file: nil, problems: error.problems))
        }
        var state = DoctorFacts.ConfigurationState(file: configuration.file)
        let units = SystemdUnitFiles.find("gsmbridge.service")
        for secret in configuration.secrets {
            do throws(SecretError) {
                _ = try secret.read(in: environment)
            } catch {
                if error.isOutsideService, case .credential(let name) = secret.source {
                    state.credentials.append(Self.credential(name, key: secret.key, path: units.credentials[name]))
                } else {
                    state.secretProblems.append(error.problem)
                }
            }
        }
        return (configuration, state)
    }

    private static func credential(_ name: String, key: String, path: String?) -> DoctorFacts.Credential {
        var credential = DoctorFacts.Credential(name: name, key: key, path: path)
        var status = stat()
        if let path {
            if stat(path, &status) == 0 {
                credential.mode = status.st_mode & 0o777
            } else {
                // Not to be seen is as it should be: the directory is root's.
                credential.isAbsent = errno == ENOENT
            }
        }
        return credential
    }

    private func choosePBX(_ configuration: Configuration?) throws(Failure) -> [Configuration.PBX] {
        guard let configuration else { return [] }
        guard let name = pbx else { return configuration.pbx }
        do throws(Configuration.UnknownName) {
            return try configuration.pbx(name).map { [$0] } ?? []
        } catch {
            throw .unknownPBX(error)
        }
    }

    // MARK: Modems

    private static func modemsOnTheBus(log: Logger) -> [USBModem]? {
        do throws(DiscoveryError) {
            return try DeviceDiscovery.enumerate()
        } catch {
            log.warning("\(error)")
            return nil
        }
    }

    private static func stick(_ modem: USBModem) -> DoctorFacts.Stick {
        var stick = DoctorFacts.Stick(usb: modem)
        // Without libudev the sticks would not be known either.
        stick.properties = (try? DeviceDiscovery.properties(at: modem.sysPath)) ?? [:]
        stick.powerControl = SmallFile.firstLine(modem.sysPath + "/power/control")
        return stick
    }

    private func askModems(
        _ present: [USBModem],
        _ configuration: Configuration?,
        _ service: DoctorFacts.Service?
    ) async throws(Failure) -> [DoctorFacts.Modem] {
        let inspections: [ModemInspection]
        if let modem {
            let match = configuration?.modem(modem)?.match
            if let service, let own = service.modems?.first(where: { $0.isCalled(modem) }), own.state != .absent {
                // Only the service may ask it.
                return []
            }
            if let tty = configuration?.modem(modem)?.tty ?? (modem.hasPrefix("/") ? modem : nil) {
                inspections = await ModemInspection.inspect(ttys: [tty], log: log)
            } else {
                let all = await ModemInspection.inspect(present.filter(\.condition.mayBeProbed), log: log)
                inspections = all.filter { inspection in
                    let identity = inspection.survey?.identity
                    if let match {
                        return match.accepts(
                            imei: identity?.imei,
                            iccid: identity?.iccid,
                            usbPath: inspection.usb?.path,
                            tty: inspection.tty
                        )
                    }
                    return identity?.imei == modem || inspection.usb?.path == modem
                }
                guard !inspections.isEmpty else { throw .unknownModem(modem) }
            }
        } else {
            let probed = present.filter { modem in
                modem.condition.mayBeProbed && service?.has(tty: nil, usbPath: modem.path) != true
            }
            // A tty that the configuration names is a modem whether udev knows it or not.
            let named = (configuration?.modems ?? []).compactMap(\.tty)
                .filter { tty in service?.has(tty: tty, usbPath: nil) != true }
                .filter { tty in !present.contains { modem in modem.ports.contains { $0.path == tty } } }
            async let others = ModemInspection.inspect(ttys: named, log: log)
            inspections = await ModemInspection.inspect(probed, log: log) + others
        }
        return await withTaskGroup(of: (Int, DoctorFacts.Modem).self) { group in
            for (index, inspection) in inspections.enumerated() {
                group.addTask { (index, await askFurther(inspection)) }
            }
            var modems: [(Int, DoctorFacts.Modem)] = []
            for await modem in group { modems.append(modem) }
            return modems.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func askFurther(_ inspection: ModemInspection) async -> DoctorFacts.Modem {
        let name = inspection.usb.map { "\($0.path) \($0.title)" } ?? inspection.tty ?? "modem"
        var modem = DoctorFacts.Modem(name: name, tty: inspection.tty, failure: inspection.failure)
        modem.survey = inspection.survey
        guard inspection.survey != nil, let tty = inspection.tty else {
            modem.silence = inspection.reason
            return modem
        }
        do {
            let port = try await ModemPort.open(tty, log: log)
            if await port.session.answers() { modem.diagnosis = await port.session.diagnose() }
            await port.close()
        } catch {
            // It was open a moment ago; what is known is judged without the rest.
            log.info("\(error)")
        }
        return modem
    }
}

// MARK: - The box

extension DoctorGathering {
    private static var user: DoctorFacts.User {
        let id = geteuid()
        let name = getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? "\(id)"
        return DoctorFacts.User(name: name, id: id)
    }

    private static var clock: DoctorFacts.Clock {
        var now = time(nil)
        var date = tm()
        gmtime_r(&now, &date)
        let state = clinux_clock_synchronised()
        return DoctorFacts.Clock(year: Int(date.tm_year) + 1900, isSynchronised: state < 0 ? nil : state == 1)
    }

    private static func stateDirectory(_ path: String) -> DoctorFacts.StateDirectory {
        var status = stat()
        let exists = stat(path, &status) == 0
        let owner = exists ? getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } : nil
        // The nearest directory above that exists decides whether it can be made.
        var place = path
        while place != "/", access(place, F_OK) != 0 { place = SmallFile.parent(of: place) }
        var free: UInt64 = 0
        let known = clinux_free_bytes(place, &free) == 0
        return DoctorFacts.StateDirectory(
            path: path,
            exists: exists,
            isWritable: access(place, W_OK | X_OK) == 0,
            owner: owner,
            foreignFiles: exists ? foreignFiles(in: path, of: status.st_uid) : [],
            freeBytes: known ? free : nil
        )
    }

    /// The gateway's own files in its directory that the directory's owner can't write; none where this user may not
    /// look.
    private static func foreignFiles(in directory: String, of owner: uid_t) -> [String] {
        // Other files there are no affair of this program.
        let known = ["arrivals", "calls.", "contacts.jsonl", "pin-attempts"]
        return (SmallFile.names(in: directory) ?? []).sorted()
            .filter { name in
                var status = stat()
                return known.contains { name.hasPrefix($0) } && lstat(directory + "/" + name, &status) == 0
                    && status.st_mode & S_IFMT == S_IFREG && status.st_uid != owner
            }
    }

    private func service(_ socket: String) async -> DoctorFacts.Service {
        var service = Self.connect(to: socket)
        guard service.answer == .reachable else { return service }
        do throws(ControlError) {
            service.modems = try await ControlClient(socket: socket).modems()
            service.accounts = try await ControlClient(socket: socket).accounts()
            if let modem { service.modems?.removeAll { !$0.isCalled(modem) } }
        } catch {
            log.warning("the service does not tell of its modems: \(error)")
        }
        for modem in service.modems ?? [] where modem.state == .ready {
            guard let name = modem.name ?? modem.tty else { continue }
            service.callerNumbers[name] = await callerNumbers(of: name, ControlClient(socket: socket))
        }
        return service
    }

    /// What the network says of callers' numbers to a modem of the service; nothing where that is needed for a call meanwhile.
    private func callerNumbers(of modem: String, _ client: ControlClient) async -> ModemDiagnosis {
        var lines: [String] = []
        for question in ["AT+CLIP?", "AT+CLIR?"] {
            do throws(ControlError) {
                lines += try await client.command(question, modem: modem, within: .seconds(10)).lines
            } catch {
                log.debug("\(modem), \(question): \(error)")
            }
        }
        return ModemDiagnosis(callerNumbers: lines)
    }

    private static func connect(to socket: String) -> DoctorFacts.Service {
        let answer: DoctorFacts.Service.Answer
        switch -clinux_probe_socket(socket) {
        case 0, EAGAIN: answer = .reachable
        case ENOENT, ENOTDIR: answer = .absent
        case ECONNREFUSED: answer = .deserted
        case EACCES, EPERM: answer = .denied(group: group(of: socket) ?? group(of: SmallFile.parent(of: socket)))
        case let errno: answer = .failed(errno: errno)
        }
        let units = SystemdUnitFiles.find("gsmbridge.service")
        return DoctorFacts.Service(socket: socket, answer: answer, hasUnit: units.exists)
    }

    private static func group(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, let entry = getgrgid(status.st_gid) else { return nil }
        let name = String(cString: entry.pointee.gr_name)
        return name == "root" ? nil : name
    }

    /// Our rules, where udev(7) has it that udev looks.
    private static var rules: String? {
        ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map { "\($0)/udev/rules.d/70-gsmbridge.rules" }
            .first { access($0, F_OK) == 0 }
    }

    /// Whether a process of this name runs.
    private static func isRunning(_ name: String) -> Bool {
        (SmallFile.names(in: "/proc") ?? [])
            .contains { entry in
                entry.allSatisfy(\.isNumber) && SmallFile.firstLine("/proc/\(entry)/comm") == name
            }
    }
}
