import ArgumentParser
import CallLog
import CallModel
internal import CallPlanning
internal import CallRecords
import Calls
internal import Console
import DialPlan
import FoundationEssentials
import Gateway
internal import GatewayAPI
import HTTP
internal import LineStatuses
internal import Lines
import Logging
internal import OneCall
import Settings
import Synchronization

/// `gsmbridge selftest`: one short call that shows whether calls work, and over which network they go.
struct SelftestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Make one short call, and say whether calls work and over which network.",
        discussion: """
            Calls the number of another SIM of this box, which the service answers, or a number that is given. The radio \
            network is looked at before, in and after the call. It is a call like every other: the dial policy and its limits \
            hold, it costs what calls cost, and it is seen to that nothing of it stays up. Emergency numbers are not for tests.

            EXAMPLES
              gsmbridge selftest o2
              gsmbridge selftest o2 --to 030123456 --format json

            EXIT STATUS
              as for gsmbridge dial: 0 answered and ended normally; 11 it rang and nobody answered
            """
    )

    @Argument(help: "The modem: its name, IMEI or tty.", completion: Completion.modems)
    var modem: String

    @Option(
        help: ArgumentHelp("The number to call. (default: the one of another SIM of this box)", valueName: "number")
    )
    var to: String?

    @Option(
        help: ArgumentHelp("How long it may last once answered, 1s to 60s. (default: 5s)", valueName: "duration"),
        transform: DurationArgument.parse
    )
    var talk: Duration = .seconds(5)

    @Option(help: "How to report: text or json (one object).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (.seconds(1)...(.seconds(60))).contains(talk) else {
            throw ValidationError("--talk: give 1s to 60s")
        }
    }

    func run() async throws {
        let settings = try configuration.load()
        if let to, EmergencyNumbers.contains(to, region: settings.gateway.region) {
            throw ValidationError("\(to) is an emergency number: it is not called for a test")
        }
        var report = try await served(service.client(settings), settings.gateway.region)
        if report == nil { report = try await alone(settings) }
        guard let report else { return }
        switch format {
        case .json: JSONOutput.line(report)
        case .text: Self.show(report)
        }
        throw ExitCode(report.exit)
    }

    private func wish(_ number: String) -> DialRequest {
        var wish = DialRequest(number: number)
        wish.via = .direct
        wish.modem = modem
        wish.maxSeconds = Double(talk.inMilliseconds) / 1000
        // Nobody speaks, even where other calls have a sound card.
        wish.audio = "none"
        return wish
    }

    // MARK: With the service

    /// Has the service make the call; nil where none runs, or it does not have the modem.
    private func served(_ client: ControlClient, _ region: Region) async throws -> SelfTest.Report? {
        var own: ModemStatus
        var other: (modem: String, number: String)?
        let deadline = ContinuousClock.now + Self.settlesWithin
        while true {
            let modems: [ModemStatus]
            do throws(ControlError) { modems = try await client.modems() } catch {
                if case .notRunning = error { return nil }
                throw ServiceRequest.failure(error)
            }
            guard let found = modems.first(where: { $0.isCalled(modem) }) else {
                if modem.contains("/") { return nil }
                Terminal.standardError("gsmbridge: the service has no modem \(modem)")
                throw ExitCode(CallExit.noModem)
            }
            own = found
            var mayCome = Self.mayBecomeReady(own)
            if to == nil {
                let ear = await Self.other(than: own, among: modems, client)
                other = ear.found
                mayCome = mayCome || other == nil && ear.mayCome
            }
            // Right behind a call modems are busy for a moment.
            guard mayCome, ContinuousClock.now < deadline else { break }
            try await Task.sleep(for: .milliseconds(250))
        }
        let before = await Self.now(modem, client)
        guard let number = to ?? other?.number else {
            throw ValidationError("no other SIM of this box is ready and tells its number: give one with --to")
        }
        // What a card tells of itself anybody could have written there.
        guard !EmergencyNumbers.contains(number, region: region) else {
            throw ValidationError("\(number) is an emergency number: it is not called for a test; give one with --to")
        }
        let test = SelfTest { [modem] in await Self.now(modem, client) }
        let id = UUID()
        // First the ear, then the call: its ring is not missed.
        var answering: Task<Void, Never>?
        if let other {
            do throws(ControlError) {
                let events = try await client.events()
                answering = Task { await Self.answer(on: other.modem, caller: before?.number, events, client) }
            } catch {
                throw ServiceRequest.failure(error)
            }
        }
        defer { answering?.cancel() }
        let isInterrupted = Mutex(false)
        let order = HangUpOrder()
        let signals = StopSignals {
            isInterrupted.withLock { $0 = true }
            Task {
                try? await client.hangUp(id)
                order.note()
            }
        } farewell: {
            order.wait()
            Terminal.standardError("gsmbridge: the service goes on ending the call; 'gsmbridge status' shows it")
        }
        defer { withExtendedLifetime(signals) {} }
        do throws(ControlError) {
            try await client.follow(wish(number), id: id) { told in
                // The signal may have come before the service knew of the call.
                if isInterrupted.withLock({ $0 }), told.name == "call.requested" { try? await client.hangUp(id) }
                await test.take(told.callEvent)
            }
        } catch {
            throw ServiceRequest.failure(error)
        }
        let isIdle = await Self.isIdle(own, id, client)
        let after = await Self.now(modem, client)?.technology
        return test.report(
            modem: own.name,
            to: number,
            call: id.uuidString.lowercased(),
            before: before?.technology,
            isIdle: isIdle,
            after: after
        )
    }

    private static func now(_ modem: String, _ client: ControlClient) async -> ModemNow? {
        do throws(ControlError) { return try await client.modemNow(modem) } catch { return nil }
    }

    /// How long modems that are busy or being set up are waited for.
    private static let settlesWithin: Duration = .seconds(20)

    private static func mayBecomeReady(_ modem: ModemStatus) -> Bool {
        switch modem.state {
        case .starting, .inCall, .recovering: true
        case .ready, .failed, .absent: false
        }
    }

    /// Another modem of the service that is ready, and its number; what is not known to be one's own is never taken.
    ///
    /// - Returns: it, or whether there may be one by and by.
    private static func other(
        than own: ModemStatus,
        among modems: [ModemStatus],
        _ client: ControlClient
    ) async -> (found: (modem: String, number: String)?, mayCome: Bool) {
        var mayCome = false
        for candidate in modems where candidate != own {
            guard candidate.state == .ready, let name = candidate.name ?? candidate.tty else {
                mayCome = mayCome || mayBecomeReady(candidate)
                continue
            }
            guard let asked = await now(name, client) else {
                // Taken for something in this moment.
                mayCome = true
                continue
            }
            if let number = asked.number { return ((name, number), false) }
        }
        return (nil, mayCome)
    }

    /// Answers the test's call on the other modem; any other that rings there meanwhile is left alone, one without a number too.
    private static func answer(
        on modem: String,
        caller: String?,
        _ events: AsyncThrowingStream<HeardEvent, any Error>,
        _ client: ControlClient
    ) async {
        do {
            for try await heard in events where heard.event.name == "call.ringing" {
                let rings = try await client.calls()
                    .filter { $0.direction == .incoming && $0.state == .ringing && $0.modem == modem }
                for ring in rings {
                    guard let shown = ring.target, let caller, digits(shown) == digits(caller) else { continue }
                    try await client.answer(ring.call)
                    return
                }
            }
        } catch {
            // It rings on, and the report says that nobody answered.
            return
        }
    }

    private static func digits(_ number: String) -> String { String(number.filter(\.isNumber).suffix(8)) }

    /// Whether the service sees the modem without the call.
    private static func isIdle(_ modem: ModemStatus, _ call: UUID, _ client: ControlClient) async -> Bool {
        do throws(ControlError) {
            guard try await !client.calls().contains(where: { $0.call == call }) else { return false }
            let now = try await client.modems().first { $0.name == modem.name }
            return now.map { $0.state == .ready || $0.state == .inCall } ?? false
        } catch {
            return false
        }
    }

    // MARK: Without the service

    private func alone(_ settings: Configuration) async throws -> SelfTest.Report {
        guard let to else { throw ValidationError("without the service no other SIM answers: give a number with --to") }
        let log = Logging.logger(verbose: common.verbose)
        let writer = CallLogWriter(directory: settings.gateway.stateDirectory, opensAtOnce: true)
        let isCounted = settings.dialRules.limits.needUsage(modem: nil) || !settings.tariffs.isEmpty
        let call = OneCallService(
            wish(to),
            parts: GatewayService.Parts(
                configuration: settings,
                environment: .current,
                version: Version.current,
                recorder: CallRecorder(writer: writer),
                usage: StoredUsageLedger(writer: writer)
            ),
            isForHelp: false,
            log: log
        )
        if isCounted { await call.settleLeftReservations() }
        let (events, feed) = AsyncStream.makeStream(of: CallEvent?.self, bufferingPolicy: .bufferingOldest(256))
        let test = SelfTest { await call.modemNow() }
        let tty = settings.modem(modem)?.tty ?? modem
        let before = await Self.technology(at: tty, log)
        let id = Mutex("")
        let watching = Task {
            for await event in events {
                if let event { id.withLock { $0 = event.call.uuidString.lowercased() } }
                await test.take(event)
            }
        }
        let signals = StopSignals {
            call.interrupt()
        } farewell: {
        }
        defer { withExtendedLifetime(signals) {} }
        let end: CallEnd
        do throws(ControlError) { end = try await call.run { feed.yield($0.callEvent) } } catch {
            feed.finish()
            throw ServiceRequest.failure(error)
        }
        feed.finish()
        await watching.value
        return test.report(
            modem: modem,
            to: to,
            call: id.withLock { $0 },
            before: before,
            isIdle: end.hangUpVerified,
            after: await Self.technology(at: tty, log)
        )
    }

    /// The radio network of a modem that nothing else has open.
    private static func technology(at tty: String, _ log: Logger) async -> String? {
        guard tty.contains("/") else { return nil }
        return await ModemInspection.inspect(ttys: [tty], log: log).first
            .flatMap { ModemStatus(LineStatus($0)).technology }
    }

    // MARK: Showing

    private static func show(_ report: SelfTest.Report) {
        let technologies = [report.technologyBefore, report.technologyDuring, report.technologyAfter]
            .map { $0 ?? "unknown" }
        var rows = [
            ("modem", report.modem ?? "-"), ("to", report.to),
            ("radio", "before \(technologies[0]), in the call \(technologies[1]), after \(technologies[2])"),
            ("outcome", report.outcome ?? "-"),
        ]
        if let setup = report.setupMilliseconds { rows.append(("set up", "\(setup) ms")) }
        rows.append(("idle", report.isIdle ? "the modem was seen without the call" : "not seen"))
        rows.append(("verdict", "\(report.verdict.rawValue): \(report.reason)"))
        for (name, value) in rows {
            Terminal.standardOutput(name + String(repeating: " ", count: max(1, 9 - name.count)) + value)
        }
    }
}
