internal import FoundationEssentials
internal import GRDB
internal import Glibc
internal import SmallFiles

extension CallLog {
    /// Opens the log in a state directory, and makes what is missing: directories with mode 0700, files with 0600.
    ///
    /// A damaged database is set aside with its name extended by `.damaged-TIME`, and a new one is begun: see
    /// ``setAside``. That is refused while another process has the damaged one open.
    package static func open(directory: String, options: Options = Options()) throws(CallLogError) -> CallLog {
        let path = directory + "/" + fileName
        do throws(FileError) { try SmallFile.makeDirectory(directory) } catch {
            guard case .system(let number) = error else { throw .failed(directory, error.words) }
            throw CallLogError(number: number, path: directory)
        }
        let deadline = ContinuousClock.now + options.busyTimeout
        let lock = try LogLock(directory + "/calls.lock", until: deadline)
        do {
            let pool = try openPool(path, options, until: deadline)
            return CallLog(path: path, pool: pool, lock: lock, setAside: nil)
        } catch {
            guard case .damaged(_, let finding) = error else { throw error }
            guard lock.tryExclusive() else { throw error }
            defer { lock.share() }
            // Another process may have mended it in between.
            if let pool = try? openPool(path, options, until: deadline) {
                return CallLog(path: path, pool: pool, lock: lock, setAside: nil)
            }
            let place = try putAway(path)
            let pool = try openPool(path, options, until: deadline)
            let log = CallLog(path: path, pool: pool, lock: lock, setAside: SetAside(path: place, finding: finding))
            try log.note(Loss(path: place, finding: finding))
            return log
        }
    }

    /// Opens the log for reading, beside the process that writes; never sets anything aside.
    ///
    /// - Returns: nil when there is no log yet.
    package static func openForReading(
        directory: String,
        options: Options = Options()
    ) throws(CallLogError) -> CallLog? {
        let path = directory + "/" + fileName
        guard access(path, F_OK) == 0 else {
            if errno == ENOENT { return nil }
            throw CallLogError(number: errno, path: path)
        }
        guard access(path, R_OK) == 0 else { throw CallLogError(number: errno, path: path) }
        var configuration = configuration(busyTimeout: options.busyTimeout)
        configuration.readonly = true
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            let applied: Set<String>
            do { applied = try pool.read(CallLogMigration.applied) } catch {
                try? pool.close()
                throw error
            }
            let known = Set(options.migrations.map(\.name))
            if applied == known { return CallLog(path: path, pool: pool, lock: nil, setAside: nil) }
            try pool.close()
            guard applied.isSubset(of: known) else { throw CallLogError.newer(path) }
        } catch {
            throw CallLogError(error, path: path)
        }
        // An earlier version has written it, or it is just being made.
        return try open(directory: directory, options: options)
    }

    static func configuration(busyTimeout: Duration) -> Configuration {
        var configuration = Configuration()
        configuration.label = "call log"
        configuration.maximumReaderCount = 3
        let (seconds, attoseconds) = busyTimeout.components
        configuration.busyMode = .timeout(Double(seconds) + Double(attoseconds) / 1e18)
        configuration.prepareDatabase { database in
            // A cache fills up with the log, call by call, until it is full: 256 KiB for each of four connections,
            // which some 200 calls fill, is the most that a service's memory grows by it. The kernel has the file in
            // its own cache.
            try database.execute(
                sql: """
                    PRAGMA cache_size = -256;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA secure_delete = ON;
                    """
            )
        }
        return configuration
    }

    private static func openPool(
        _ path: String,
        _ options: Options,
        until deadline: ContinuousClock.Instant
    ) throws(CallLogError) -> DatabasePool {
        while true {
            do {
                return try openPoolOnce(path, options)
            } catch {
                // Turning on the write-ahead log heeds no busy timeout.
                guard case .inUse = error, ContinuousClock.now < deadline else { throw error }
                usleep(5000)
            }
        }
    }

    private static func openPoolOnce(_ path: String, _ options: Options) throws(CallLogError) -> DatabasePool {
        // Before SQLite does it: its files take their mode from this one.
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw CallLogError(number: errno, path: path) }
        DirectoryOwner.take(descriptor, at: path)
        var status = stat()
        let size = fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
        // Not through SQLite, and closed before it opens the file: closing later would drop its locks (fcntl(2)).
        Glibc.close(descriptor)
        do {
            if size > 0, size <= options.checkLimit { try check(path, options) }
            let pool = try DatabasePool(path: path, configuration: configuration(busyTimeout: options.busyTimeout))
            do {
                // The pool sets NORMAL, under which a power failure takes the last transactions back.
                try pool.writeWithoutTransaction { database in
                    try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000")
                }
                guard try CallLogMigration.bringUpToDate(pool, with: options.migrations) else {
                    throw CallLogError.newer(path)
                }
                return pool
            } catch {
                try? pool.close()
                throw error
            }
        } catch {
            throw CallLogError(error, path: path)
        }
    }

    /// Checks the whole file, by a connection that can't make anything worse.
    private static func check(_ path: String, _ options: Options) throws {
        var configuration = configuration(busyTimeout: options.busyTimeout)
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        let findings = try queue.read { try String.fetchAll($0, sql: "PRAGMA quick_check(1)") }
        guard findings == ["ok"] else {
            let finding = findings.first?.split(separator: "\n").last.map(String.init) ?? "the check says nothing"
            throw CallLogError.damaged(path, finding)
        }
    }

    // MARK: Files

    /// Gives the database and its two companions other names; nothing is ever overwritten.
    private static func putAway(_ path: String) throws(CallLogError) -> String {
        let time = Date()
            .formatted(
                Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
            )
        var place = path + ".damaged-" + time
        var number = 2
        while access(place, F_OK) == 0 {
            place = path + ".damaged-" + time + "-\(number)"
            number += 1
        }
        // The companions first: if that is cut short, the database is still found damaged the next time.
        for suffix in ["-shm", "-wal", ""] {
            guard rename(path + suffix, place + suffix) == 0 || (errno == ENOENT && !suffix.isEmpty) else {
                throw CallLogError(number: errno, path: path + suffix)
            }
        }
        return place
    }
}
