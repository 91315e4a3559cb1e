import ArgumentParser
import ControlInterface
import FoundationEssentials
import Gateway

/// Options of every command that asks the running service.
struct ServiceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The service's control socket. (default: the configuration's)", valueName: "path"))
    var socket: String?

    /// The service's client.
    func client(_ configuration: Configuration) -> ControlClient {
        ControlClient(socket: configuration.controlSocket(option: socket))
    }
}

/// What a command does that needs the service.
enum ServiceRequest {
    /// Asks the service; what goes wrong is one line on standard error, and an exit status.
    static func perform<Value>(
        _ body: () async throws(ControlClientError) -> Value
    ) async throws -> Value {
        do { return try await body() } catch { throw failure(error) }
    }

    /// Says what went wrong.
    ///
    /// - Returns: the exit to throw.
    static func failure(_ error: ControlClientError) -> ExitCode {
        Terminal.standardError("gsmbridge: \(error)")
        return ExitCode(status(of: error))
    }

    /// The exit status of an error (contract, section 1).
    static func status(of error: ControlClientError) -> Int32 {
        switch error {
        case .refused(.invalid): ExitCode.validationFailure.rawValue
        case .refused(.configuration): ConfigurationError.exitStatus
        case .refused(.policy): 30
        case .refused(.failed): CallExit.modemFailed
        case .refused(.notFound), .refused(.conflict), .refused(.unavailable), .notRunning, .notPermitted, .foreign,
            .lost, .callMayGoOn:
            CallExit.internalFailure
        }
    }

    /// Reads a call's id.
    @Sendable static func call(_ text: String) throws -> UUID {
        guard let id = UUID(uuidString: text) else {
            throw ValidationError("a call is named by its id, as `gsmbridge status` and the events show it")
        }
        return id
    }
}
