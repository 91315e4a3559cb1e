import ArgumentParser
import CallFlows
import CallLog
import CallModel
internal import Console
import FoundationEssentials
import Gateway
internal import GatewayAPI
import Glibc
import HTTP
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
        do throws(ControlError) { return try await running(service.client(configuration)) } catch {
            guard case .notRunning = error else { throw Self.failure(error) }
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

/// Times as people write them, and as they are shown to them: in the local zone.
enum LogTime {
    /// Reads a time.
    @Sendable static func parse(_ text: String) throws -> Date {
        if let date = parsed(text) { return date }
        throw ValidationError(
            "write 2026-11-23, \"2026-11-23 14:00\", 2026-11-23T14:00:00Z, or how long ago: 90m, 36h, 7d"
        )
    }

    private static func parsed(_ text: String) -> Date? {
        if let days = text.hasSuffix("d") ? Int(text.dropLast()) : nil, (0...36_500).contains(days) {
            return Date().addingTimeInterval(-86_400 * Double(days))
        }
        if let duration = Duration(text: text) {
            return Date().addingTimeInterval(-Double(duration.inMilliseconds) / 1000)
        }
        if let date = localTime(text) { return date }
        for fraction in [false, true] {
            if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: fraction)) {
                return date
            }
        }
        return nil
    }

    /// Reads `2026-11-23`, or that with `14:00` or `14:00:30` behind a space, in the local zone.
    private static func localTime(_ text: String) -> Date? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let day = numbers(parts[0], "-", widths: [4, 2, 2]), day.count == 3 else {
            return nil
        }
        let clock = parts.count == 2 ? numbers(parts[1], ":", widths: [2, 2, 2]) : [0, 0]
        guard let clock, clock.count >= 2, (1...12).contains(day[1]), (1...31).contains(day[2]), clock[0] < 24,
            clock[1] < 60, clock.count < 3 || clock[2] < 60
        else { return nil }
        var time = tm()
        time.tm_year = day[0] - 1900
        time.tm_mon = day[1] - 1
        time.tm_mday = day[2]
        time.tm_hour = clock[0]
        time.tm_min = clock[1]
        time.tm_sec = clock.count == 3 ? clock[2] : 0
        time.tm_isdst = -1
        let seconds = mktime(&time)
        // The 31st of a shorter month has become the 1st of the next.
        return time.tm_mday == day[2] ? Date(timeIntervalSince1970: Double(seconds)) : nil
    }

    private static func numbers(_ text: Substring, _ separator: Character, widths: [Int]) -> [Int32]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count <= widths.count else { return nil }
        var numbers: [Int32] = []
        for (part, width) in zip(parts, widths) {
            guard part.utf8.count == width, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int32(part)
            else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    /// The local time, to the second.
    static func local(_ date: Date) -> String {
        var seconds = time_t(date.timeIntervalSince1970)
        var time = tm()
        localtime_r(&seconds, &time)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &time)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A duration in seconds as `m:ss` or `h:mm:ss`.
    static func length(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds.rounded(), 0), 1e9))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}
