@preconcurrency internal import Dispatch
package import FoundationEssentials
package import GatewayAPI
internal import Synchronization

/// The way to the log for those who must not wait for a disk: event loops, and calls that are up.
///
/// The log is opened on a thread of its own while the caller goes on. What has to be on the disk first is awaited,
/// within a limit; what comes of a live call is kept in memory, written as soon as the disk takes it, and tried again
/// for as long as it does not. A log that can't be used now is opened anew when the next call is to be noted.
package final class CallLogWriter: Sendable {
    private struct State {
        var records: [UUID: CallRecord] = [:]
        var settlements: [(id: JournalEntry.ID, result: JournalEntry.Result, at: Date)] = []
        var isScheduled = false
        var retryAfter = CallLogWriter.shortestRetry
        var failure: CallLogError?
        var dropped = 0
        var wasDamaged = false
    }

    private static let shortestRetry = Duration.milliseconds(250)
    private static let longestRetry = Duration.seconds(15)
    /// The most records that wait; live calls are a handful, the rest are calls that were refused.
    private static let capacity = 1000
    /// How often what has been told meanwhile is written behind the rest, and a log that is in use is tried.
    private static let drainRounds = 100

    private let directory: String
    private let options: CallLog.Options
    private let opened: @Sendable (CallLog) -> Void
    private let queue = DispatchQueue(label: "call-log", qos: .userInitiated)
    private let state = Mutex(State())
    /// The open log; used on the queue only.
    private let log = Mutex<CallLog?>(nil)

    /// Begins to open the log.
    ///
    /// - Parameters:
    ///   - directory: the state directory.
    ///   - opensAtOnce: false where the log is to be opened, and made, only once something is asked of it.
    ///   - options: how it is opened.
    ///   - opened: called on a thread of its own each time the log was opened, to tell what was set aside, or to look
    /// for
    ///     what a crash left behind.
    package init(
        directory: String,
        opensAtOnce: Bool = true,
        options: CallLog.Options = CallLog.Options(),
        opened: @escaping @Sendable (CallLog) -> Void = { _ in }
    ) {
        self.directory = directory
        self.options = options
        self.opened = opened
        if opensAtOnce { queue.async { [self] in _ = openLog() } }
    }

    /// What stood in the way of the last write; nil when it came through.
    package var failure: CallLogError? { state.withLock { $0.failure } }

    /// How many calls' records are not on the disk yet.
    package var waiting: Int { state.withLock { $0.records.count + $0.settlements.count } }

    // MARK: Awaited

    /// Writes down a step before it is taken, and what is known of its call.
    ///
    /// - Parameters:
    ///   - step: what is about to be done.
    ///   - record: what is known of the call.
    ///   - limit: how long the disk may take.
    /// - Throws: ``CallLogError``; then the step must not be taken, unless it is a call for help. A step whose note
    ///   comes through after all is settled as not taken.
    package func intend(
        _ step: JournalStep,
        record: CallRecord?,
        within limit: Duration = .seconds(8)
    ) async throws(CallLogError) -> JournalEntry.ID {
        let now = Date()
        let result = await perform(
            within: limit,
            isWrite: true,
            { log throws(CallLogError) in try log.intend(step, record: record, at: now) },
            late: { [self] id in settle(id, .notTaken) }
        )
        return try result.get()
    }

    /// Does something with the log on its thread.
    ///
    /// - Throws: what the body throws, and ``CallLogError/slow(_:)`` after the limit; the body may then still run.
    package func perform<Value: Sendable>(
        within limit: Duration = .seconds(8),
        _ body: @escaping @Sendable (CallLog) throws(CallLogError) -> Value
    ) async throws(CallLogError) -> Value {
        try await perform(within: limit, isWrite: false, body, late: { _ in }).get()
    }

    /// Waits until everything is on the disk, what is told meanwhile included.
    ///
    /// - Returns: false when the limit passed before, or something could not be written; another user of the log is waited
    ///   for until then.
    package func drain(within limit: Duration = .seconds(5)) async -> Bool {
        let end = ContinuousClock.now + limit
        for round in 0..<Self.drainRounds {
            let result = await once(within: max(end - ContinuousClock.now, .milliseconds(1))) { [self] in
                writeDown()
                log.withLock { $0 }?.flush()
                return .success(waiting == 0)
            } late: { _ in
            }
            guard case .success(let isDone) = result else { return false }
            if isDone { return true }
            switch failure {
            case nil: continue
            case .inUse where ContinuousClock.now < end && round + 1 < Self.drainRounds:
                try? await Task.sleep(for: Self.shortestRetry)
            default: return false
            }
        }
        return false
    }

    /// Does something with the log on its thread, when it is its turn; nothing where the log can't be opened.
    package func later(_ body: @escaping @Sendable (CallLog) -> Void) {
        queue.async { [self] in
            if case .success(let log) = openLog() { body(log) }
        }
    }

    private func perform<Value: Sendable>(
        within limit: Duration,
        isWrite: Bool,
        _ body: @escaping @Sendable (CallLog) throws(CallLogError) -> Value,
        late: @escaping @Sendable (Value) -> Void
    ) async -> Result<Value, CallLogError> {
        await once(
            within: limit,
            { [self] in
                let result = openLog().flatMap { log in Result { () throws(CallLogError) in try body(log) } }
                // Whether calls can be written down is not told by what else is done with the log.
                if isWrite { note(result.failure) }
                return result
            },
            late: late
        )
    }

    /// Runs a body on the queue and returns its result, or that it took too long.
    private func once<Value: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable () -> Result<Value, CallLogError>,
        late: @escaping @Sendable (Value) -> Void
    ) async -> Result<Value, CallLogError> {
        let answer = Answer<Result<Value, CallLogError>>()
        let path = directory + "/" + CallLog.fileName
        return await withCheckedContinuation { continuation in
            answer.wait(continuation)
            queue.async {
                let result = body()
                if !answer.give(result), case .success(let value) = result { late(value) }
            }
            DispatchQueue.global()
                .asyncAfter(deadline: .now() + limit.timeInterval) {
                    answer.give(.failure(.slow(path)))
                }
        }
    }

    // MARK: Not awaited

    /// Has a record written, in the place of what was known of its call; never blocks.
    package func save(_ record: CallRecord) {
        state.withLock { state in
            if state.records.count >= Self.capacity, state.records[record.call] == nil, record.dialingAt == nil {
                state.dropped += 1
            } else {
                state.records[record.call] = record
            }
        }
        schedule()
    }

    /// Has a journal entry closed; never blocks.
    package func settle(_ id: JournalEntry.ID, _ result: JournalEntry.Result, at now: Date = Date()) {
        state.withLock { $0.settlements.append((id, result, now)) }
        schedule()
    }

    private func schedule(after delay: Duration = .zero) {
        let isNew = state.withLock { state in
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        guard isNew else { return }
        let work = { @Sendable [self] in
            state.withLock { $0.isScheduled = false }
            writeDown()
        }
        if delay == .zero {
            queue.async(execute: work)
        } else {
            queue.asyncAfter(deadline: .now() + delay.timeInterval, execute: work)
        }
    }

    /// Writes everything that waits, in one transaction; on the queue.
    private func writeDown() {
        let (records, settlements) = state.withLock { ($0.records, $0.settlements) }
        guard !records.isEmpty || !settlements.isEmpty else { return }
        let result = openLog()
            .flatMap { log in
                Result { () throws(CallLogError) in try log.write(records.values, settlements) }
            }
        note(result.failure)
        switch result {
        case .success:
            state.withLock { state in
                // What has changed meanwhile is written again.
                for (call, record) in records where state.records[call] == record { state.records[call] = nil }
                state.settlements.removeFirst(settlements.count)
                state.retryAfter = Self.shortestRetry
            }
        case .failure:
            let delay = state.withLock { state in
                defer { state.retryAfter = min(state.retryAfter * 2, Self.longestRetry) }
                return state.retryAfter
            }
            schedule(after: delay)
        }
    }

    /// Remembers how it went; on the queue.
    private func note(_ failure: CallLogError?) {
        state.withLock { $0.failure = failure }
        guard case .damaged = failure else { return }
        // Opened anew with a check of the whole file, it is set aside, and calls can be noted again.
        let damaged = log.withLock { $0.take() }
        state.withLock { $0.wasDamaged = true }
        try? damaged?.close()
    }

    /// The log, opened if it is not; on the queue.
    private func openLog() -> Result<CallLog, CallLogError> {
        if let log = log.withLock({ $0 }) {
            // Never begun anew by itself: the limits would begin at nothing with it.
            return log.isInPlace ? .success(log) : .failure(.removed(log.path))
        }
        var options = options
        if state.withLock({ $0.wasDamaged }) { options.checkLimit = .max }
        do throws(CallLogError) {
            let new = try CallLog.open(directory: directory, options: options)
            log.withLock { $0 = new }
            opened(new)
            return .success(new)
        } catch {
            note(error)
            return .failure(error)
        }
    }
}

extension CallLog {
    /// Writes records and closes journal entries, all or nothing; what a power failure takes back of it is made up for
    /// from the entries, which are open again then.
    fileprivate func write(
        _ records: some Collection<CallRecord>,
        _ settlements: [(id: JournalEntry.ID, result: JournalEntry.Result, at: Date)]
    ) throws(CallLogError) {
        try guarded {
            try write(isFlushed: false) { database in
                for record in records { try record.save(in: database) }
                for (id, result, at) in settlements { try Self.settle(id, result, at: at, in: database) }
            }
        }
    }
}

/// A result that is given once, by the first who has one.
private final class Answer<Value: Sendable>: Sendable {
    private let continuation = Mutex<CheckedContinuation<Value, Never>?>(nil)

    func wait(_ continuation: CheckedContinuation<Value, Never>) {
        self.continuation.withLock { $0 = continuation }
    }

    /// Gives the result; false when another was given before.
    @discardableResult
    func give(_ value: Value) -> Bool {
        guard let continuation = continuation.withLock({ $0.take() }) else { return false }
        continuation.resume(returning: value)
        return true
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension Duration {
    fileprivate var timeInterval: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
