package import GRDB

/// One step from an earlier form of the database to a later one.
///
/// Steps are applied in the order of ``all``, each once, all that are missing in one transaction. A step that has been
/// released is never changed; what comes later is a further step. Another part of the program that keeps something in
/// this database adds its steps to the list, in a file of its own.
package struct CallLogMigration: Sendable {
    /// The step's name, which is stored in the database.
    package let name: String
    /// Changes the database; must not depend on what later versions of this program say.
    package let apply: @Sendable (Database) throws -> Void

    package init(_ name: String, apply: @escaping @Sendable (Database) throws -> Void) {
        self.name = name
        self.apply = apply
    }

    /// Every step, in order: the place to add those of another part, behind what is there.
    package static let all: [CallLogMigration] = [
        .calls, .journal, .totals, .usage, .webhooks, .seenWebhooks, .usageSeen, .losses,
        .lines, .messages, .balances, .quality, .signals,
        .messageKeys, .messagesSeen,
    ]
}

extension CallLogMigration {
    /// Brings a database up to date; does nothing, and takes no lock, where it is.
    ///
    /// Unlike GRDB's own migrator this decides within the transaction what is missing, so that two processes may do it
    /// at once.
    ///
    /// - Returns: false when the database has steps that this program does not know.
    static func bringUpToDate(_ pool: DatabasePool, with steps: [CallLogMigration]) throws -> Bool {
        let known = Set(steps.map(\.name))
        let applied = try pool.writeWithoutTransaction(Self.applied)
        guard applied.isSubset(of: known) else { return false }
        guard applied != known else { return true }
        return try pool.write { database in
            try database.execute(
                sql: "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID"
            )
            let applied = try Self.applied(database)
            guard applied.isSubset(of: known) else { return false }
            for step in steps where !applied.contains(step.name) {
                try step.apply(database)
                try database.execute(sql: "INSERT INTO migrations (name) VALUES (?)", arguments: [step.name])
            }
            return true
        }
    }

    /// The names of the steps that a database has.
    static func applied(_ database: Database) throws -> Set<String> {
        guard try database.tableExists("migrations") else { return [] }
        return try String.fetchSet(database, sql: "SELECT name FROM migrations")
    }
}

// MARK: The steps

extension CallLogMigration {
    /// Calls and their legs.
    ///
    /// Times are milliseconds since 1970 in UTC, ids the 16 bytes of the UUID.
    static let calls = CallLogMigration("calls-1") { database in
        try database.execute(
            sql: """
                CREATE TABLE calls (
                    id INTEGER PRIMARY KEY,
                    call BLOB NOT NULL UNIQUE,
                    method TEXT NOT NULL,
                    direction TEXT NOT NULL,
                    target TEXT,
                    number TEXT,
                    pbx TEXT,
                    modem TEXT,
                    imei TEXT,
                    imsi TEXT,
                    requested_at INTEGER NOT NULL,
                    dialing_at INTEGER,
                    alerting_at INTEGER,
                    connected_at INTEGER,
                    handed_over_at INTEGER,
                    ended_at INTEGER,
                    talk_ms INTEGER,
                    outcome TEXT,
                    cause INTEGER,
                    ended_by TEXT,
                    payer TEXT,
                    tones INTEGER NOT NULL DEFAULT 0,
                    pbx_reference TEXT,
                    detail TEXT,
                    is_emergency INTEGER NOT NULL DEFAULT 0,
                    is_masked INTEGER NOT NULL DEFAULT 0
                ) STRICT;
                CREATE INDEX calls_by_time ON calls (requested_at);
                CREATE INDEX calls_by_target ON calls (target, requested_at) WHERE target IS NOT NULL;
                CREATE INDEX calls_by_number ON calls (number, requested_at) WHERE number IS NOT NULL;
                CREATE INDEX calls_by_modem ON calls (modem, requested_at);
                CREATE INDEX calls_by_method ON calls (method, requested_at);
                CREATE INDEX calls_by_outcome ON calls (outcome, requested_at);
                CREATE INDEX calls_in_detail ON calls (requested_at) WHERE is_masked = 0;
                CREATE INDEX calls_live ON calls (requested_at) WHERE ended_at IS NULL;
                CREATE TABLE legs (
                    call_id INTEGER NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
                    position INTEGER NOT NULL,
                    number TEXT,
                    direction TEXT NOT NULL,
                    modem TEXT,
                    imsi TEXT,
                    started_at INTEGER,
                    alerting_at INTEGER,
                    answered_at INTEGER,
                    ended_at INTEGER,
                    cause INTEGER,
                    ended_by TEXT,
                    payer TEXT,
                    PRIMARY KEY (call_id, position)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX legs_by_number ON legs (number) WHERE number IS NOT NULL;
                """
        )
    }

    /// The journal: what was about to be done.
    ///
    /// Ids are never used twice.
    static let journal = CallLogMigration("journal-1") { database in
        try database.execute(
            sql: """
                CREATE TABLE journal (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    call BLOB NOT NULL,
                    step TEXT NOT NULL,
                    number TEXT,
                    modem TEXT,
                    imei TEXT,
                    imsi TEXT,
                    tty TEXT,
                    process INTEGER NOT NULL,
                    process_start INTEGER NOT NULL,
                    boot TEXT NOT NULL,
                    intended_at INTEGER NOT NULL,
                    settled_at INTEGER,
                    result TEXT
                ) STRICT;
                CREATE INDEX journal_open ON journal (id) WHERE settled_at IS NULL;
                CREATE INDEX journal_by_call ON journal (call);
                CREATE INDEX journal_by_number ON journal (number) WHERE number IS NOT NULL;
                CREATE INDEX journal_by_time ON journal (intended_at);
                """
        )
    }

    /// Legs, and steps of the journal, name what carries them: a modem, or a SIP line.
    ///
    /// The rows of a large log are not rewritten for it: in an older row `kind` is NULL, the first leg is a modem's, and the
    /// others are the PBX's. The line stands in the column `modem`, so that an earlier program that has the log open goes on.
    static let lines = CallLogMigration("lines-1") { database in
        try database.execute(
            sql: """
                ALTER TABLE legs ADD COLUMN kind TEXT;
                ALTER TABLE legs ADD COLUMN imei TEXT;
                ALTER TABLE legs ADD COLUMN address TEXT;
                ALTER TABLE journal ADD COLUMN leg INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE journal ADD COLUMN kind TEXT NOT NULL DEFAULT 'modem';
                ALTER TABLE journal ADD COLUMN address TEXT;
                """
        )
    }

    /// How good a leg's sound was, as the event told it; NULL where it had none.
    static let quality = CallLogMigration("quality-1") { database in
        try database.execute(sql: "ALTER TABLE legs ADD COLUMN quality TEXT")
    }

    /// Sums of the ended calls of each hour, kept by triggers, so that a month is summed up from hundreds of rows.
    ///
    /// Hours, because days begin elsewhere in each time zone.
    static let totals = CallLogMigration("totals-1") { database in
        let values = { (row: String, sign: String) in
            """
            INSERT INTO call_totals (hour, method, modem, payer, calls, answered, talk_ms)
            VALUES (
                \(row).requested_at / 3600000, \(row).method, ifnull(\(row).modem, ''), ifnull(\(row).payer, ''),
                \(sign)1, \(sign)(\(row).connected_at IS NOT NULL), \(sign)ifnull(\(row).talk_ms, 0)
            )
            ON CONFLICT (hour, method, modem, payer) DO UPDATE SET
                calls = calls + excluded.calls,
                answered = answered + excluded.answered,
                talk_ms = talk_ms + excluded.talk_ms;
            """
        }
        let relevant = "requested_at, method, modem, payer, connected_at, talk_ms, ended_at"
        try database.execute(
            sql: """
                CREATE TABLE call_totals (
                    hour INTEGER NOT NULL,
                    method TEXT NOT NULL,
                    modem TEXT NOT NULL,
                    payer TEXT NOT NULL,
                    calls INTEGER NOT NULL,
                    answered INTEGER NOT NULL,
                    talk_ms INTEGER NOT NULL,
                    PRIMARY KEY (hour, method, modem, payer)
                ) STRICT, WITHOUT ROWID;
                CREATE TRIGGER call_added AFTER INSERT ON calls WHEN NEW.ended_at IS NOT NULL
                BEGIN \(values("NEW", "")) END;
                CREATE TRIGGER call_removed AFTER DELETE ON calls WHEN OLD.ended_at IS NOT NULL
                BEGIN \(values("OLD", "-")) END;
                CREATE TRIGGER call_was AFTER UPDATE OF \(relevant) ON calls WHEN OLD.ended_at IS NOT NULL
                BEGIN \(values("OLD", "-")) END;
                CREATE TRIGGER call_is AFTER UPDATE OF \(relevant) ON calls WHEN NEW.ended_at IS NOT NULL
                BEGIN \(values("NEW", "")) END;
                INSERT INTO call_totals
                SELECT requested_at / 3600000, method, ifnull(modem, ''), ifnull(payer, ''),
                    count(*), count(connected_at), ifnull(sum(talk_ms), 0)
                FROM calls WHERE ended_at IS NOT NULL GROUP BY 1, 2, 3, 4;
                """
        )
    }
}
