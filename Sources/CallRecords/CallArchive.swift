internal import CallLog
internal import DialPlan
package import FoundationEssentials
package import GatewayAPI
package import Settings
internal import TextCoding

/// The log as people ask for it: for the service, and for a command where none runs.
///
/// Everything here waits for the disk.
package struct CallArchive: Sendable {
    private let directory: String
    private let region: Region

    /// Creates an archive; nothing is opened before it is asked.
    package init(_ configuration: Configuration) {
        directory = configuration.gateway.stateDirectory
        region = configuration.gateway.region
    }

    /// See ``RecordControl/loggedCalls(_:)``.
    package func list(_ query: CallLogQuery) throws(ControlError) -> LoggedCalls {
        let filter = try filter(query)
        guard let log = try open() else {
            if let after = query.after { throw Self.unknown(after) }
            return LoggedCalls(calls: [])
        }
        let start = try query.after.map { text throws(ControlError) in try find(text, in: log) }
        return try done { () throws(CallLogError) in
            let position: CallLog.Position? = if let start { try log.position(of: start) } else { nil }
            let page = try log.calls(
                filter,
                limit: min(max(query.limit, 1), CallLogQuery.longestPage),
                after: position,
                withLegs: query.withLegs
            )
            let making = try log.openEntries().filter(\.process.isAlive).map { Self.name($0.step.call) }
            let next = page.next == nil ? nil : page.calls.last.map { Self.name($0.call) }
            return LoggedCalls(calls: page.calls, live: making, next: next)
        }
    }

    /// See ``RecordControl/loggedCall(_:)``.
    package func call(_ reference: String) throws(ControlError) -> LoggedCall {
        guard let log = try open() else { throw Self.unknown(reference) }
        let id = try find(reference, in: log)
        let found = try done { () throws(CallLogError) in (try log.call(id), try log.entries(of: id)) }
        guard let record = found.0 else { throw Self.unknown(reference) }
        let journal = found.1.map { entry in
            LoggedCall.Step(
                step: entry.step.kind.rawValue,
                at: entry.intendedAt,
                settledAt: entry.settledAt,
                result: entry.result?.rawValue,
                isAbandoned: entry.settledAt == nil && !entry.process.isAlive
            )
        }
        return LoggedCall(call: record, journal: journal)
    }

    /// See ``RecordControl/callTotals(from:to:)``.
    package func totals(from start: Date, to end: Date) throws(ControlError) -> CallTotals.Report {
        guard start < end else { throw .invalid("since and until: there is no time between them") }
        guard let log = try open() else { return CallTotals.Report() }
        return try done { () throws(CallLogError) in try log.totals(from: start, to: end) }
    }

    /// See ``RecordControl/eraseCalls(number:)``; the file is written to by itself.
    package func erase(number: String) throws(ControlError) -> ErasedNumber {
        let number = try canonical(number)
        // Nothing is to be made where nothing is.
        guard try open() != nil else { return ErasedNumber(number: number, calls: 0) }
        let count = try done { () throws(CallLogError) in
            try CallLog.open(directory: directory).erase(number: number)
        }
        return ErasedNumber(number: number, calls: count)
    }

    /// The form in which the log has a number.
    package func canonical(_ number: String) throws(ControlError) -> String {
        do throws(NumberError) { return try PhoneNumber(typed: number, region: region).description } catch {
            throw .invalid("number: \(error)")
        }
    }

    private func filter(_ query: CallLogQuery) throws(ControlError) -> CallFilter {
        var filter = CallFilter()
        filter.since = query.since
        filter.until = query.until
        filter.number = try query.number.map { number throws(ControlError) in try canonical(number) }
        filter.modem = query.modem
        filter.method = query.method
        filter.outcome = query.outcome
        filter.direction = query.direction
        filter.isMissed = query.isMissed
        return filter
    }

    private func open() throws(ControlError) -> CallLog? {
        try done { () throws(CallLogError) in try CallLog.openForReading(directory: directory) }
    }

    private func find(_ text: String, in log: CallLog) throws(ControlError) -> UUID {
        let found = try done { () throws(CallLogError) in try log.calls(beginningWith: text) }
        guard let call = found.first else { throw Self.unknown(text) }
        guard found.count == 1 else {
            throw .invalid("\(Spelling.quoted(text)): several calls begin like this; give more of it")
        }
        return call
    }

    private func done<Value>(_ body: () throws(CallLogError) -> Value) throws(ControlError) -> Value {
        do throws(CallLogError) { return try body() } catch { throw .unavailable("\(error)") }
    }

    private static func unknown(_ text: String) -> ControlError {
        .notFound("\(Spelling.quoted(text)): there is no such call in the log")
    }

    private static func name(_ call: UUID) -> String { call.uuidString.lowercased() }
}
