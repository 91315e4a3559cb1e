@preconcurrency internal import Dispatch
package import GRDB
internal import Glibc
internal import Synchronization

/// The box's memory of its calls: the journal of what it was about to do, the records of what came of it.
///
/// One SQLite file, shared by every gsmbridge of one user: the service, and calls made without it. Everything here is
/// synchronous and may be called from any thread; what is written is on the disk when a method returns, which takes as
/// long as the disk needs. Event loops go through ``CallLogWriter``.
///
/// Parts of the program that keep something of their own beside the calls do so by ``write(_:)`` and ``read(_:)``, in
/// tables that they add to ``CallLogMigration/all``. Inside those methods neither may be called again.
package final class CallLog: Sendable {
    /// The database's name in the state directory.
    package static let fileName = "calls.sqlite"

    /// How a log is opened.
    package struct Options: Sendable {
        /// How long is waited for another process's transaction.
        package var busyTimeout: Duration
        /// The largest file, in bytes, that is checked as a whole (`PRAGMA quick_check`, about 2 ms for a megabyte);
        /// of a larger one only what is needed to begin.
        package var checkLimit: Int64
        /// The steps that make the database.
        var migrations: [CallLogMigration]

        /// Creates the options of a service, which checks everything; a single call limits the check.
        package init(busyTimeout: Duration = .seconds(3), checkLimit: Int64 = .max) {
            self.busyTimeout = busyTimeout
            self.checkLimit = checkLimit
            migrations = CallLogMigration.all
        }
    }

    /// A damaged database that was found and put out of the way.
    package struct SetAside: Sendable, Hashable, CustomStringConvertible {
        /// Where it is now.
        package var path: String
        /// What was found.
        package var finding: String

        /// One line for a person.
        package var description: String {
            "the call log was damaged (\(finding)) and is now \(path); a new one was begun, and calls for which a limit "
                + "is set are refused until `gsmbridge calls accept-loss`"
        }
    }

    /// The database file.
    package let path: String
    /// What was put out of the way when this log was opened; to be told to people.
    package let setAside: SetAside?

    let pool: DatabasePool
    private let lock: LogLock?
    private let file: (device: dev_t, node: ino_t)?
    private let writes = Atomic<Int>(0)
    private let isCheckpointing = Atomic<Bool>(false)
    private let isFlushing = Atomic<Bool>(false)
    private let checkpoints = DispatchQueue(label: "call-log-checkpoints", qos: .utility)

    init(path: String, pool: DatabasePool, lock: LogLock?, setAside: SetAside?) {
        self.path = path
        self.pool = pool
        self.lock = lock
        self.setAside = setAside
        file = Self.file(path)
    }

    /// Whether the file is still the one that was opened: what is written to one that was removed is lost.
    var isInPlace: Bool {
        guard let file else { return true }
        return Self.file(path).map { $0 == file } ?? false
    }

    private static func file(_ path: String) -> (device: dev_t, node: ino_t)? {
        var status = stat()
        return stat(path, &status) == 0 ? (status.st_dev, status.st_ino) : nil
    }

    /// Closes the files; every later use of this log throws.
    package func close() throws(CallLogError) {
        // Its connection must be gone as well before another process may have the files.
        checkpoints.sync {}
        do { try pool.close() } catch { throw CallLogError(error, path: path) }
        lock?.release()
    }

    /// Changes the database in one transaction, which is on the disk when this returns.
    ///
    /// Keep it short: meanwhile no other process can write. Throws ``CallLogError`` for what SQLite says; the
    /// closure's own errors pass, and undo everything.
    ///
    /// - Parameter isFlushed: false has it flushed behind the caller's back, within some milliseconds, or by the next
    ///   transaction that is flushed itself; the order stays.
    package func write<T>(isFlushed: Bool = true, _ body: (Database) throws -> T) throws -> T {
        do {
            let value =
                try isFlushed
                ? pool.write(body)
                : pool.writeWithoutTransaction { database in
                    // Holds for this connection only, and can't be changed within a transaction.
                    try database.execute(sql: "PRAGMA synchronous = NORMAL")
                    defer { Self.flushAgain(database) }
                    var value: T?
                    try database.inTransaction(.immediate) {
                        value = try body(database)
                        return .commit
                    }
                    guard let value else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
                    return value
                }
            if !isFlushed { flushSoon() }
            if writes.add(1, ordering: .relaxed).newValue % Self.writesPerCheckpoint == 0 { checkpointSoon() }
            return value
        } catch let error as DatabaseError {
            throw CallLogError(error, path: path)
        }
    }

    /// Has every further commit of the connection flushed.
    private static func flushAgain(_ database: Database) {
        // Fails only where nothing can be written any more, which the next transaction tells.
        try? database.execute(sql: "PRAGMA synchronous = FULL")
    }

    /// Returns when everything that was written so far is on the disk, as far as the disk says so.
    ///
    /// By the write-ahead log's file itself: SQLite keeps no locks on that one, so closing it again drops none.
    func flush() {
        let descriptor = Glibc.open(path + "-wal", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fdatasync(descriptor)
        Glibc.close(descriptor)
    }

    private func flushSoon() {
        guard isFlushing.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        checkpoints.async { [self] in
            // What is written from here on asks for another one.
            isFlushing.store(false, ordering: .relaxed)
            flush()
        }
    }

    /// Reads the database as it is at one moment; waits for no writer.
    ///
    /// Throws ``CallLogError`` for what SQLite says; the closure's own errors pass.
    package func read<T>(_ body: (Database) throws -> T) throws -> T {
        do { return try pool.read(body) } catch let error as DatabaseError { throw CallLogError(error, path: path) }
    }

    // MARK: Checkpoints

    private static let writesPerCheckpoint = 64

    /// Moves what was written from the write-ahead log into the database, beside the writers.
    ///
    /// SQLite would do it within a commit, which would then take ten times as long as the others.
    private func checkpointSoon() {
        guard isCheckpointing.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            return
        }
        checkpoints.async { [self] in
            checkpoint()
            isCheckpointing.store(false, ordering: .relaxed)
        }
    }

    private func checkpoint() {
        do {
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration(busyTimeout: .zero))
            defer { try? queue.close() }
            try queue.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
        } catch {
            // Nothing is lost by it: SQLite makes up for it within a commit, or the next one comes through.
        }
    }
}
