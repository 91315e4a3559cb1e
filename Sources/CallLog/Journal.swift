package import FoundationEssentials
internal import GRDB
package import GatewayAPI

/// One step that costs money or can't be repeated, as it is written down before it is taken.
package struct JournalStep: Sendable, Hashable {
    /// What is about to be done.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Dial a number.
        case dial
        /// Answer an incoming call.
        case answer
        /// Ask the PBX to call.
        case askPBX = "ask_pbx"
        /// Take a caller that the PBX holds.
        case claim
    }

    /// The call that it belongs to.
    package var call: UUID
    /// Which of the call's legs it is taken on, counted from 0.
    package var leg = 0
    /// What is about to be done.
    package var kind: Kind
    /// What carries that leg.
    package var carrier = CallRecord.Leg.Kind.modem
    /// The number, as it goes on the wire.
    package var number: String?
    /// The name of the line: the modem's, or the account's.
    package var line: String?
    /// The modem's own number, by which it is found again.
    package var imei: String?
    /// The SIM's subscriber.
    package var imsi: String?
    /// The modem's tty, for one without an IMEI.
    package var tty: String?
    /// Who we are at the registrar, on a SIP line: `user@host`.
    package var address: String?

    /// Creates a step on a call's first leg.
    package init(_ kind: Kind, call: UUID, number: String? = nil) {
        self.kind = kind
        self.call = call
        self.number = number
    }
}

/// A step in the journal.
package struct JournalEntry: Sendable, Hashable {
    /// The entry's number; counts up and is never used again.
    package typealias ID = Int64

    /// What became of the step.
    package enum Result: String, Sendable, Hashable, CaseIterable {
        /// It was taken, and what it began is over: the modem was seen idle, or the PBX has answered.
        case over
        /// It was not taken.
        case notTaken = "not_taken"
        /// It was taken, but that its call has ended could not be seen.
        case unverified
        /// The process that wrote it died; another has adopted the call.
        case adopted
        /// The process that wrote it died; its call, if any, has been ended.
        case lostAtRestart = "lost_at_restart"
    }

    /// The entry's number.
    package var id: ID
    package var step: JournalStep
    /// Who wrote it.
    package var process: ProcessIdentity
    /// When.
    package var intendedAt: Date
    /// When it was settled; nil for an open one.
    package var settledAt: Date?
    /// What became of it; nil for an open one, and for a word of a later version.
    package var result: Result?
}

extension CallLog {
    /// Writes down what is about to be done, and what is known of its call, durably: when this returns, a crash can't
    /// make it unknown.
    ///
    /// The entry stays open until ``settle(_:_:at:)``, for a dialled or answered call until that is over.
    ///
    /// - Parameters:
    ///   - step: what is about to be done.
    ///   - record: what is known of the call.
    ///   - process: who takes the step.
    ///   - now: the time.
    /// - Throws: ``CallLogError``; then the step must not be taken, unless it is a call for help.
    ///   ``CallLogError/repeated(_:)`` for the id of another call.
    package func intend(
        _ step: JournalStep,
        record: CallRecord? = nil,
        by process: ProcessIdentity = .current,
        at now: Date = Date()
    ) throws(CallLogError) -> JournalEntry.ID {
        try guarded {
            try write { database in
                // Help is called even if this can't be written.
                if let record, try !record.save(in: database), !record.isEmergency { throw CallLogError.repeated(path) }
                return try Self.insert(step, by: process, at: now, in: database)
            }
        }
    }

    private static func insert(
        _ step: JournalStep,
        by process: ProcessIdentity,
        at now: Date,
        in database: Database
    ) throws -> JournalEntry.ID {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO journal
                    (call, leg, kind, step, number, modem, imei, imsi, tty, address, process, process_start, boot,
                        intended_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            step.call.bytes, step.leg, step.carrier.rawValue, step.kind.rawValue, step.number, step.line, step.imei,
            step.imsi, step.tty, step.address, process.id, process.start, process.boot, now.milliseconds,
        ])
        return database.lastInsertedRowID
    }

    /// Closes an entry; one that is closed already, or not there, stays as it is.
    package func settle(
        _ id: JournalEntry.ID,
        _ result: JournalEntry.Result,
        at now: Date = Date()
    ) throws(CallLogError) {
        try guarded { try write { try Self.settle(id, result, at: now, in: $0) } }
    }

    static func settle(_ id: JournalEntry.ID, _ result: JournalEntry.Result, at now: Date, in database: Database) throws
    {
        try database
            .cachedStatement(
                sql: "UPDATE journal SET settled_at = ?, result = ? WHERE id = ? AND settled_at IS NULL"
            )
            .execute(arguments: [now.milliseconds, result.rawValue, id])
    }

    /// The entries that are not settled, oldest first.
    ///
    /// One whose process still runs (``ProcessIdentity/isAlive``) belongs to a call that is being made; the others were
    /// left by a crash, and what they began may still be up.
    package func openEntries() throws(CallLogError) -> [JournalEntry] {
        try guarded {
            try read { try Self.entries($0, where: "settled_at IS NULL", arguments: []) }
        }
    }

    /// Whether anything is known of a call: a record, a step, or what it used of the limits.
    package func knows(_ call: UUID) throws(CallLogError) -> Bool {
        try guarded {
            try read { database in
                try Bool.fetchOne(
                    database,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM calls WHERE call = :id)
                            OR EXISTS (SELECT 1 FROM journal WHERE call = :id)
                            OR EXISTS (SELECT 1 FROM usage WHERE call = :name)
                        """,
                    arguments: ["id": call.bytes, "name": call.uuidString.lowercased()]
                ) ?? false
            }
        }
    }

    /// The entries of one call, oldest first.
    package func entries(of call: UUID) throws(CallLogError) -> [JournalEntry] {
        try guarded { try read { try Self.entries($0, where: "call = ?", arguments: [call.bytes]) } }
    }

    private static func entries(
        _ database: Database,
        where condition: String,
        arguments: StatementArguments
    ) throws -> [JournalEntry] {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT * FROM journal WHERE \(condition) ORDER BY id",
            arguments: arguments
        )
        return rows.compactMap { row in
            guard let call = UUID(bytes: row["call"]), let kind = JournalStep.Kind(rawValue: row["step"]) else {
                return nil
            }
            var step = JournalStep(kind, call: call, number: row["number"])
            step.leg = row["leg"]
            step.carrier = CallRecord.Leg.Kind(rawValue: row["kind"]) ?? .modem
            step.line = row["modem"]
            step.imei = row["imei"]
            step.imsi = row["imsi"]
            step.tty = row["tty"]
            step.address = row["address"]
            return JournalEntry(
                id: row["id"],
                step: step,
                process: ProcessIdentity(id: row["process"], start: row["process_start"], boot: row["boot"]),
                intendedAt: Date(milliseconds: row["intended_at"]),
                settledAt: (row["settled_at"] as Int64?).map(Date.init(milliseconds:)),
                result: (row["result"] as String?).flatMap(JournalEntry.Result.init(rawValue:))
            )
        }
    }

    /// Closes what a crash cut off, once its modem is known to be idle: the entry, and the record of its call with what
    /// is known.
    ///
    /// How long the call was answered stays unknown (`seconds` is nil), unless it never was.
    ///
    /// - Parameters:
    ///   - entry: an entry of ``openEntries()`` whose process has ended.
    ///   - wasUp: whether the modem's call list still had the call, which proves that it was dialled.
    ///   - now: the time, which is the latest at which the call can have ended.
    package func closeLost(_ entry: JournalEntry, wasUp: Bool = false, at now: Date = Date()) throws(CallLogError) {
        try guarded {
            try write { database in
                try Self.settle(entry.id, .lostAtRestart, at: now, in: database)
                try database.execute(
                    sql: """
                        UPDATE calls SET
                            ended_at = ?, outcome = ?, ended_by = 'local',
                            dialing_at = CASE WHEN ? THEN ifnull(dialing_at, ?) ELSE dialing_at END,
                            detail = 'the program that made the call ended before the call did'
                        WHERE call = ? AND ended_at IS NULL
                        """,
                    arguments: [
                        now.milliseconds, CallRecord.lostAtRestart, wasUp && entry.step.kind == .dial,
                        entry.intendedAt.milliseconds, entry.step.call.bytes,
                    ]
                )
            }
        }
    }

    /// Takes over what a dead process has left open of one call: its entries are settled, and the last of them stands
    /// open again in the name of this process, in one step.
    ///
    /// - Returns: the new entry; nil where there was none to take over.
    package func adopt(
        _ entries: [JournalEntry],
        by process: ProcessIdentity = .current,
        at now: Date = Date()
    ) throws(CallLogError) -> JournalEntry.ID? {
        guard let step = entries.last?.step else { return nil }
        return try guarded {
            try write { database in
                for entry in entries { try Self.settle(entry.id, .adopted, at: now, in: database) }
                return try Self.insert(step, by: process, at: now, in: database)
            }
        }
    }

    /// Writes what is known of a call, in the place of what was known before; it is flushed to the disk behind the
    /// caller's back.
    package func save(_ record: CallRecord) throws(CallLogError) {
        _ = try guarded { try write(isFlushed: false) { try record.save(in: $0) } }
    }

    /// Writes what is known of several calls, all or nothing.
    package func save(_ records: [CallRecord]) throws(CallLogError) {
        try guarded {
            try write { database in
                for record in records { try record.save(in: database) }
            }
        }
    }

    /// Gives errors their type.
    func guarded<T>(_ body: () throws -> T) throws(CallLogError) -> T {
        do { return try body() } catch { throw CallLogError(error, path: path) }
    }
}
