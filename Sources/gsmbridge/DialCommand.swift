import ArgumentParser
import CallFlows
import CallLog
import CallModel
internal import CallPlanning
internal import CallRecords
internal import Console
import DialPlan
import FoundationEssentials
import Gateway
internal import GatewayAPI
import Glibc
import HTTP
internal import Lines
import Logging
import Modem
internal import OneCall
internal import Presenters
import Settings

/// `gsmbridge dial`: makes one call and follows it to its end.
struct DialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dial",
        abstract: "Call a number: through the PBX, or directly.",
        discussion: """
            The modem dials the access number, waits until it is truly answered, and sends the target as DTMF. \
            Ctrl-C hangs up and checks that the modem is idle; a second Ctrl-C leaves at once.

            EXAMPLES
              gsmbridge dial 030123456 --access-number +4922166966966 --modem /dev/ttyUSB2
              gsmbridge dial "+49 30 123456" --via direct --modem /dev/ttyUSB2 --max-duration 10m
              gsmbridge dial 030123456 --access-number +4922166966966 --modem /dev/ttyUSB2 --format json
              gsmbridge dial 030123456 --access-number +4922166966966 --dry-run

            EXIT STATUS
              0 answered and ended normally; 10 busy; 11 no answer; 12 rejected or unreachable; 13 lost before the
              target was handed over; 20 no usable modem; 21 modem failed; 22 no service; 23 SIM; 30 refused by the
              dial policy; 40 PBX unreachable; 41 PBX refused; 64 wrong usage; 130 interrupted
            """
    )

    @Argument(
        help: ArgumentHelp("The number to reach, or the name of a contact.", valueName: "number"),
        completion: Completion.contacts
    )
    var wanted: String?

    /// The number to reach; empty where a row of numbers is called.
    var number: String { wanted ?? "" }

    @Option(help: "The method: auto, callthrough, callback or direct.")
    var via = ViaArgument(.auto)

    @OptionGroup var options: CallOptions

    @Option(help: ArgumentHelp("The PBX's number for callthrough.", valueName: "number"))
    var accessNumber: String?

    @Option(
        help: ArgumentHelp(
            "Numbers that are called one behind the other, until one is answered (and confirmed).",
            valueName: "numbers"
        )
    )
    var untilAnswered: String?

    @Flag(help: "Keep our number from the one who is called; direct calls only, where the network offers it.")
    var hideNumber = false

    func validate() throws {
        guard let untilAnswered else {
            if wanted == nil { throw ValidationError("write the number to reach, or --until-answered A,B,C") }
            return
        }
        guard CallChain.numbers(untilAnswered) != nil else {
            throw ValidationError("--until-answered: write up to \(CallChain.limit) numbers with commas between them")
        }
        if options.detach {
            throw ValidationError("--until-answered waits for each call, and --detach for none: give one")
        }
        if options.dryRun { throw ValidationError("--dry-run shows the way to one number: give that alone") }
    }

    func run() async throws {
        guard let untilAnswered, let numbers = CallChain.numbers(untilAnswered) else { return try await dial() }
        var chain = CallChain(try await readable((wanted.map { [$0] } ?? []) + numbers))
        var last: CallOutcome?
        while true {
            switch chain.next(after: last) {
            case .finish(let outcome): throw ExitCode(outcome.exitStatus)
            case .dial(let number):
                var one = self
                (one.wanted, one.untilAnswered) = (number, nil)
                if options.format == .text { Terminal.standardError("gsmbridge: calling \(number)") }
                do { try await one.dial() } catch let status as ExitCode {
                    // What is no outcome of a call, an internal failure say, ends the row.
                    guard let outcome = CallOutcome.allCases.first(where: { $0.exitStatus == status.rawValue }) else {
                        throw status
                    }
                    last = outcome
                }
            }
        }
    }

    /// The numbers of a row, with those of contacts for their names: one that can't be read is found before the first call, and not
    /// in the middle of an alarm.
    private func readable(_ row: [String]) async throws -> [String] {
        let configuration = try effectiveConfiguration()
        let contacts = ContactAccess(configuration, options.service.client(configuration))
        var numbers: [String] = []
        for text in row {
            let number = try await ContactResolution(contacts, format: options.format).number(for: text)
            do throws(NumberError) { _ = try PhoneNumber(typed: number, region: configuration.gateway.region) } catch {
                throw ValidationError("--until-answered \(text): \(error)")
            }
            numbers.append(number)
        }
        return numbers
    }

    private func dial() async throws {
        let configuration = try effectiveConfiguration()
        // With a file that can't be read the service is looked for where it says all the same.
        let client =
            (try? options.configuration.load()) == nil
            ? options.service.client(options.configuration) : options.service.client(configuration)
        let contacts = ContactAccess(configuration, client)
        let target = try await ContactResolution(contacts, format: options.format).number(for: number)
        let isForHelp = EmergencyNumbers.contains(target, region: configuration.gateway.region)
        try checkAudio(isForHelp: isForHelp)
        if options.detach, options.standalone, !isForHelp {
            throw ValidationError("--detach needs the service, --standalone goes without: give one")
        }
        if options.dryRun, !isForHelp, let preview = try await servicePreview(client, target) {
            throw ExitCode(Self.show(preview, as: options.format))
        }
        var serviceHasFailed = false
        if !options.standalone, !options.dryRun {
            let call = ServiceDial(
                wish: wish(target),
                format: options.format,
                detach: options.detach,
                isForHelp: isForHelp
            )
            switch try await call.run(client) {
            case .over(let status): throw ExitCode(status)
            case .notRunning: break
            case .didNotDial: serviceHasFailed = true
            }
            if options.detach, !isForHelp {
                throw ValidationError("--detach needs the service: start it with 'gsmbridge run'")
            }
        }
        if options.detach, !options.dryRun {
            Terminal.standardError("gsmbridge: --detach needs the service; calling for help all the same, attached")
        }
        let status = try await dialAlone(target, configuration, isForHelp: isForHelp)
        // It may hold every modem, and only have been slow.
        if serviceHasFailed, status == CallOutcome.noModem.exitStatus {
            Terminal.standardError("gsmbridge: no modem can be had without the service; asking it once more")
            let call = ServiceDial(wish: wish(target), format: options.format, detach: false, isForHelp: false)
            if case .over(let status) = try await call.run(client) { throw ExitCode(status) }
        }
        throw ExitCode(status)
    }

    /// Makes the call without a running service, or shows its route; returns the exit status.
    private func dialAlone(_ target: String, _ configuration: Configuration, isForHelp: Bool) async throws -> Int32 {
        let isCounted = configuration.dialRules.limits.needUsage(modem: nil) || !configuration.tariffs.isEmpty
        let obstacle = isCounted && !isForHelp ? Self.obstacleToRecording(configuration) : nil
        if let obstacle { try warn(of: obstacle) }
        try checkModem(configuration)
        // A look at a route needs no state directory.
        let writer = Self.openLog(configuration, atOnce: !options.dryRun || isCounted && obstacle == nil)
        let recorder = CallRecorder(writer: writer)
        let log = Logging.logger(verbose: options.common.verbose)
        let usage: any UsageLedger = obstacle == nil ? StoredUsageLedger(writer: writer) : NothingUsed()
        let call = OneCallService(
            wish(target),
            parts: GatewayService.Parts(
                configuration: configuration,
                environment: .current,
                version: Version.current,
                recorder: recorder,
                usage: usage
            ),
            isForHelp: isForHelp,
            log: log
        )
        do throws(ControlError) {
            if options.dryRun {
                let (route, decision) = try await call.preview()
                let currency = configuration.policy.currency
                return Self.show(
                    RoutePreview(route, modem: options.modem, decision: decision, currency: currency),
                    as: options.format
                )
            }
            // Help waits for no disk.
            if isCounted, !isForHelp { await call.settleLeftReservations() }
            let presenter = CallPresenter(format: options.format)
            let signals = StopSignals {
                call.interrupt()
            } farewell: {
                presenter.leave()
            }
            defer { withExtendedLifetime(signals) {} }
            let end = try await call.run { presenter.show($0) }
            do throws(CallLogError) { try await recorder.mask(olderThan: configuration.calls.detailDays) } catch {
                log.debug("numbers in old calls were not masked: \(error)")
            }
            return end.outcome.exitStatus
        } catch {
            throw Self.failure(error)
        }
    }

    // MARK: Parts

    /// Says what is wrong where this user can't record the calls that limits count: no refusal of the policy.
    ///
    /// Nothing is counted elsewhere instead: there the limits would begin anew. Only a route can be looked at all the same.
    private func warn(of obstacle: String) throws {
        guard options.dryRun else {
            throw ConfigOptions.failure(
                "gateway.state_dir: \(obstacle), so calls can't be recorded and counted; "
                    + "let the service dial as a member of the group gsmbridge, or name a state_dir of your own in a file "
                    + "for --config ('gsmbridge doctor' tells more)"
            )
        }
        Terminal.standardError(
            "gsmbridge: what was used of the limits can't be read here (gateway.state_dir: \(obstacle)); "
                + "this is shown as if nothing was"
        )
    }

    /// What keeps this user from recording calls: a path, and why it can't be used; nil where nothing does.
    private static func obstacleToRecording(_ configuration: Configuration) -> String? {
        let directory = configuration.gateway.stateDirectory
        var place = directory
        // Where it is still to be made, the nearest directory above decides.
        while place.count > 1, access(place, F_OK) != 0, errno == ENOENT, let slash = place.lastIndex(of: "/") {
            place = slash == place.startIndex ? "/" : String(place[..<slash])
        }
        var wanted = [(place, W_OK | X_OK)]
        if place == directory {
            wanted += [CallLog.fileName, "calls.lock"].map { (directory + "/" + $0, R_OK | W_OK) }
        }
        for (path, mode) in wanted where access(path, mode) != 0 {
            let number = errno
            if number != ENOENT { return "\(path): \(String(cString: strerror(number)))" }
        }
        return nil
    }

    /// Begins to open the call log, beside everything else.
    private static func openLog(_ configuration: Configuration, atOnce: Bool) -> CallLogWriter {
        // The whole of a large file is checked by the service, or once something is found.
        let options = CallLog.Options(checkLimit: 4 * 1024 * 1024)
        let directory = configuration.gateway.stateDirectory
        return CallLogWriter(directory: directory, opensAtOnce: atOnce, options: options) { log in
            if let setAside = log.setAside { Terminal.standardError("gsmbridge: warning: \(setAside)") }
        }
    }

    /// The configuration; for a call for help the defaults have to do where it is broken.
    private func effectiveConfiguration() throws -> Configuration {
        do { return try options.configuration.load() } catch {
            let defaults = try Configuration.defaults()
            guard EmergencyNumbers.contains(number, region: defaults.gateway.region) else { throw error }
            Terminal.standardError("gsmbridge: calling for help all the same, with the defaults")
            return defaults
        }
    }

    /// What the running service says of the call, which knows what was used of the limits.
    ///
    /// - Returns: nil where none can be asked, and for a tty that is none of its own.
    private func servicePreview(_ client: ControlClient, _ target: String) async throws -> RoutePreview? {
        guard !options.standalone else { return nil }
        do throws(ControlError) {
            let preview = try await client.preview(wish(target), origin: .local)
            guard preview.policyClass != RoutePreview.unreadable else { throw .invalid(preview.policyReason) }
            return preview
        } catch {
            switch error {
            case .notRunning: return nil
            case .notFound where options.modem?.contains("/") == true: return nil
            case .notPermitted, .foreign:
                Terminal.standardError("gsmbridge: \(error); this is shown without the service")
                return nil
            case .notFound(let text): throw ValidationError(text)
            case .invalid, .conflict, .policy, .configuration, .unavailable, .failed, .lost, .callMayGoOn:
                throw ServiceRequest.failure(error)
            }
        }
    }

    /// Shows the route and what the whole policy says; returns the status that the call would have.
    private static func show(_ preview: RoutePreview, as format: OutputFormat) -> Int32 {
        RoutePresenter(preview).show(as: format)
        return preview.allowed ? 0 : CallOutcome.policy.exitStatus
    }

    /// Says what is wrong with who shall hear and speak; a call for help is made all the same.
    private func checkAudio(isForHelp: Bool) throws {
        guard let audio = options.audio else { return }
        do throws(AudioSpecError) { _ = try AudioSpec(audio) } catch {
            guard isForHelp else { throw ValidationError("--audio \(audio): \(error)") }
            Terminal.standardError("gsmbridge: --audio \(audio): \(error); calling for help without sound")
        }
    }

    /// What is asked for, as the service takes it.
    private func wish(_ target: String) -> DialRequest {
        var wish = DialRequest(number: target)
        wish.via = via.via
        wish.pbx = options.pbx
        wish.modem = options.modem
        wish.accessNumber = accessNumber
        // The service opens files, and has a directory of its own.
        wish.audio = options.audio.flatMap { try? AudioSpec($0) }?.absolute(in: WorkingDirectory.path).description
        wish.play = options.play.map { $0.hasPrefix("/") ? $0 : "\(WorkingDirectory.path)/\($0)" }
        wish.confirm = options.confirm
        wish.hidesNumber = hideNumber ? true : nil
        wish.maxSeconds = options.maxDuration.map { Double($0.inMilliseconds) / 1000 }
        return wish
    }

    /// Says what is wrong, with the exit status that belongs to it.
    private static func failure(_ error: ControlError) -> any Error {
        switch error {
        case .invalid(let text): ValidationError(text)
        case .configuration(let text): ConfigOptions.failure(text)
        case .notFound(let text): ValidationError(text)
        case .conflict, .policy, .unavailable, .failed, .notRunning, .notPermitted, .foreign, .lost, .callMayGoOn:
            internalFailure(error)
        }
    }

    private static func internalFailure(_ error: ControlError) -> ExitCode {
        Terminal.standardError("gsmbridge: \(error)")
        return ExitCode(CallExit.internalFailure)
    }

    /// Refuses a modem's name that nothing can have.
    private func checkModem(_ configuration: Configuration) throws {
        guard let modem = options.modem, configuration.modem(modem) == nil, !modem.contains("/") else { return }
        guard modem.isEmpty || !modem.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return }
        throw ValidationError(
            "--modem \(modem): there is no such modem; give a configured name, an IMEI or the path of its command tty"
        )
    }
}
