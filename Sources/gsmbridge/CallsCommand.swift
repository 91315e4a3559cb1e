import ArgumentParser
import CallFlows
import CallLog
import CallModel
internal import CallRecords
internal import Calls
internal import Console
import FoundationEssentials
import Gateway
internal import GatewayAPI
import Glibc
import HTTP
internal import Presenters
import Settings

/// `gsmbridge calls`: what the box remembers of its calls.
struct CallsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls",
        abstract: "The call log: list, show, totals, export, erase.",
        discussion: """
            The running service is asked; without one the file is read. Numbers older than calls.detail_days are masked.

            EXAMPLES
              gsmbridge calls
              gsmbridge calls list --since 7d --number 030123456 --format json
              gsmbridge calls show 3f2a
              gsmbridge calls totals --since 2026-11-01
              gsmbridge calls export --csv > calls.csv
              gsmbridge calls erase --number 030123456
            """,
        subcommands: [
            CallsListCommand.self, CallsShowCommand.self, CallsTotalsCommand.self, CallsExportCommand.self,
            CallsEraseCommand.self, CallsAcceptLossCommand.self,
        ],
        defaultSubcommand: CallsListCommand.self
    )
}

/// Where the commands on the call log look: at the running service, which its users may ask, or without one at the file.
struct CallLogAccess {
    let service: ServiceOptions
    let configuration: ConfigOptions

    /// Asks the service, or the file where none runs; what goes wrong is one line, and an exit status.
    func ask<Value>(
        _ running: (ControlClient) async throws(ControlError) -> Value,
        alone: (CallArchive) throws(ControlError) -> Value
    ) async throws -> Value {
        let (client, warn) = service.clientAndWarning(configuration)
        do throws(ControlError) {
            let value = try await running(client)
            warn()
            return value
        } catch {
            guard case .notRunning = error else {
                warn()
                throw Self.failure(error)
            }
        }
        let archive = CallArchive(try configuration.load())
        do throws(ControlError) { return try alone(archive) } catch { throw Self.failure(error) }
    }

    /// Some calls of the log, newest first.
    func calls(_ query: CallLogQuery) async throws -> LoggedCalls {
        try await ask { client async throws(ControlError) in
            try await client.loggedCalls(query)
        } alone: { archive throws(ControlError) in
            try archive.list(query)
        }
    }

    private static func failure(_ error: ControlError) -> any Error {
        switch error {
        case .invalid(let text): return ValidationError(text.hasPrefix("number: ") ? "--\(text)" : text)
        case .notFound(let text): return ValidationError(text)
        case .conflict, .policy, .configuration, .unavailable, .failed, .notRunning, .notPermitted, .foreign, .lost,
            .callMayGoOn:
            Terminal.standardError("gsmbridge: \(error)")
            return ExitCode(CallExit.internalFailure)
        }
    }
}

/// The options that pick calls from the log.
struct CallFilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only calls from this time on: 2026-11-23, \"2026-11-23 14:00\", an RFC 3339 time, or 36h, 7d ago.",
            valueName: "time"
        ),
        transform: LogTime.parse
    )
    var since: Date?

    @Option(help: ArgumentHelp("Only calls before this time.", valueName: "time"), transform: LogTime.parse)
    var until: Date?

    @Option(help: ArgumentHelp("Only calls with this target, or this number dialled.", valueName: "number"))
    var number: String?

    @Option(
        help: ArgumentHelp("Only calls on this modem, by its name.", valueName: "modem"),
        completion: Completion.modems
    )
    var modem: String?

    @Option(
        help: ArgumentHelp("Only callthrough, callback, reverse or direct calls.", valueName: "method"),
        completion: .list(CallMethod.allCases.map(\.rawValue))
    )
    var method: String?

    @Option(
        help: ArgumentHelp("Only calls that came out like this, such as busy; or live ones.", valueName: "outcome"),
        completion: .list(CallOutcome.allCases.map(\.rawValue) + [CallRecord.lostAtRestart, CallLogQuery.live])
    )
    var outcome: String?

    var query: CallLogQuery {
        var query = CallLogQuery()
        query.since = since
        query.until = until
        query.number = number
        query.modem = modem
        query.method = method
        query.outcome = outcome
        return query
    }

    /// Whether every call is meant.
    var isOpen: Bool { query == CallLogQuery() }

    func validate() throws {
        let methods = CallMethod.allCases.map(\.rawValue)
        if let method, !methods.contains(method) {
            throw ValidationError("--method \(method): known are \(methods.joined(separator: ", "))")
        }
        let outcomes = CallOutcome.allCases.map(\.rawValue) + [CallRecord.lostAtRestart, CallLogQuery.live]
        if let outcome, !outcomes.contains(outcome) {
            throw ValidationError("--outcome \(outcome): known are \(outcomes.joined(separator: ", "))")
        }
    }
}
