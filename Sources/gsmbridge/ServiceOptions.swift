import ArgumentParser
internal import ConfigurationText
internal import Console
import FoundationEssentials
internal import GatewayAPI
import HTTP
import Settings

/// Options of every command that asks the running service.
struct ServiceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The service's control socket. (default: the configuration's)", valueName: "path"),
        completion: .file()
    )
    var socket: String?

    func client(_ configuration: Configuration) -> ControlClient {
        ControlClient(socket: configuration.controlSocket(option: socket))
    }

    /// The client of a command that needs nothing but the service: a mistake in the file must not stand between a
    /// person and a live call, so it is a warning here.
    func client(_ file: ConfigOptions) -> ControlClient {
        let (client, warn) = clientAndWarning(file)
        warn()
        return client
    }

    /// The client, and what warns of a mistake in the file: for a command that goes without the service where none runs, and
    /// then reads the file itself and says all that is wrong with it.
    func clientAndWarning(_ file: ConfigOptions) -> (client: ControlClient, warn: () -> Void) {
        let place = Configuration.socketPlace(option: socket, file: file.config)
        return (
            ControlClient(socket: place.path),
            {
                guard let problems = place.problem?.problems, let first = problems.first else { return }
                let more = problems.count > 1 ? " (and \(problems.count - 1) more: gsmbridge config check)" : ""
                Terminal.standardError("gsmbridge: warning: \(first)\(more)")
            }
        )
    }
}

/// What the service tells, as a command hears it.
typealias ServiceEvents = AsyncThrowingStream<HeardEvent, any Error>

/// What a command does that needs the service.
enum ServiceRequest {
    /// Asks the service; what goes wrong is one line on standard error, and an exit status.
    static func perform<Value>(
        _ body: () async throws(ControlError) -> Value
    ) async throws -> Value {
        do { return try await body() } catch { throw failure(error) }
    }

    /// Begins to listen; nil where that is not wanted.
    ///
    /// First the ear, then the look: nothing that happens between the two is missed.
    static func events(_ client: ControlClient, if isWanted: Bool) async throws -> ServiceEvents? {
        guard isWanted else { return nil }
        return try await perform { () async throws(ControlError) in try await client.events() }
    }

    /// Takes every event, until the service ends.
    static func follow(_ events: ServiceEvents, _ take: (HeardEvent) async throws -> Void) async throws {
        do {
            for try await heard in events { try await take(heard) }
        } catch let error as ControlError {
            throw failure(error)
        }
    }

    /// Says what went wrong.
    ///
    /// - Returns: the exit to throw.
    static func failure(_ error: ControlError) -> ExitCode {
        Terminal.standardError("gsmbridge: \(error)")
        return ExitCode(status(of: error))
    }

    /// The exit status of an error (contract, section 1).
    static func status(of error: ControlError) -> Int32 {
        switch error {
        case .invalid: ExitCode.validationFailure.rawValue
        case .configuration: ConfigurationError.exitStatus
        case .policy: 30
        case .failed: CallExit.modemFailed
        case .notFound, .conflict, .unavailable, .notRunning, .notPermitted, .foreign, .lost, .callMayGoOn:
            CallExit.internalFailure
        }
    }
}

/// A live call as a person names it: by its id, by the beginning of that, or by nothing where there is only one.
struct LiveCallName {
    /// Which calls a command is for.
    enum Kind {
        case any
        /// Those that ring here and wait for an answer.
        case ringing

        func includes(_ call: CallStatus) -> Bool {
            switch self {
            case .any: true
            case .ringing: call.state == .ringing
            }
        }
    }

    /// How many characters of an id are shown.
    static let shown = 8

    let text: String?

    /// Checks the text before the service is asked.
    @Sendable static func parse(_ text: String) throws -> String {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard (1...32).contains(digits.count), text.utf8.count <= 36,
            text.unicodeScalars.allSatisfy({ $0 == "-" || $0.properties.isASCIIHexDigit })
        else {
            throw ValidationError(
                "a call is named by its id or the beginning of it, as `gsmbridge status` and the events show it"
            )
        }
        return text
    }

    /// The call that is meant.
    func call(_ client: ControlClient, _ kind: Kind = .any) async throws -> UUID {
        if let text, let id = UUID(uuidString: text) { return id }
        let live = try await ServiceRequest.perform { () async throws(ControlError) in try await client.calls() }
        let named = live.filter { call in
            text.map { Self.id(call).hasPrefix($0.lowercased()) } ?? kind.includes(call)
        }
        guard let call = named.first else {
            let what = text.map { "there is no live call \($0)…" } ?? Self.nothing(kind)
            Terminal.standardError("gsmbridge: \(what)")
            throw ExitCode(CallExit.internalFailure)
        }
        guard named.count == 1 else {
            let list = named.prefix(8).map { "\(Self.id($0).prefix(Self.shown)) (\($0.target ?? "withheld"))" }
            throw ValidationError("there are \(named.count) such calls, name one: \(list.joined(separator: ", "))")
        }
        return call.call
    }

    private static func nothing(_ kind: Kind) -> String {
        switch kind {
        case .any: "there is no live call"
        case .ringing: "no call rings here"
        }
    }

    private static func id(_ call: CallStatus) -> String { call.call.uuidString.lowercased() }
}
