internal import GRDB

/// One call as the limits count it; no number is in it.
package struct UsageRow: Sendable, Hashable {
    package var call: String
    /// When it was reserved, in seconds since 1970 in UTC.
    package var at: Int64
    /// The day on the wall then, such as 20260729.
    package var day: Int
    /// The modem's name.
    package var modem: String
    /// The seconds that count.
    package var seconds: Int
    /// The cost that counts, in millionths of the currency.
    package var cost: Int64
    /// Whether the call may still be going on.
    package var isOpen: Bool
    /// When it is over at the latest, in seconds since 1970 in UTC.
    package var deadline: Int64
    /// How its legs are billed, as JSON.
    package var legs: String
    /// What the clock showed when the row was first seen to be dated later than that, in seconds since 1970; nil for
    /// one that never was.
    package var seenAt: Int64?
    /// The day on the wall then.
    package var seenDay: Int?

    package init(
        call: String,
        at: Int64,
        day: Int,
        modem: String,
        seconds: Int,
        cost: Int64,
        isOpen: Bool,
        deadline: Int64,
        legs: String,
        seenAt: Int64? = nil,
        seenDay: Int? = nil
    ) {
        self.call = call
        self.at = at
        self.day = day
        self.modem = modem
        self.seconds = seconds
        self.cost = cost
        self.isOpen = isOpen
        self.deadline = deadline
        self.legs = legs
        self.seenAt = seenAt
        self.seenDay = seenDay
    }
}

/// What becomes of a call in the usage.
package enum UsageRowChange: Sendable, Hashable {
    /// It is reserved; its id must be new.
    case insert(UsageRow)
    /// What it came to: seconds, cost and legs of the row that is there.
    case settle(UsageRow)
    /// It is dated later than the clock shows, which is seen now: its ``UsageRow/seenAt`` and day.
    case see(UsageRow)
    /// It does not count.
    case remove(call: String)
}

extension CallLogMigration {
    /// What calls use of the limits.
    ///
    /// Times are seconds here, as the limits count them.
    static let usage = CallLogMigration("usage-1") { database in
        try database.execute(
            sql: """
                CREATE TABLE usage (
                    call TEXT PRIMARY KEY,
                    at INTEGER NOT NULL,
                    day INTEGER NOT NULL,
                    modem TEXT NOT NULL,
                    seconds INTEGER NOT NULL,
                    cost INTEGER NOT NULL,
                    is_open INTEGER NOT NULL,
                    deadline INTEGER NOT NULL,
                    legs TEXT NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX usage_by_day ON usage (day);
                CREATE INDEX usage_by_time ON usage (at);
                """
        )
    }

    /// When a row was first seen to be dated in the future.
    static let usageSeen = CallLogMigration("usage-2") { database in
        try database.execute(
            sql: "ALTER TABLE usage ADD COLUMN seen_at INTEGER; ALTER TABLE usage ADD COLUMN seen_day INTEGER"
        )
    }
}

extension CallLog {
    /// The most rows that are kept; the oldest go first.
    ///
    /// By number, not by age: a clock that runs wild for a moment must not make the limits forget.
    static let mostUsageRows = 50_000

    /// Reads the calls since a day, those dated in the future included.
    package func usage(since day: Int) throws(CallLogError) -> [UsageRow] {
        try guarded { try read { try Self.usage(since: day, in: $0) } }
    }

    /// Reads the calls since a day, lets the closure decide, and writes down what it changes: one transaction, which no
    /// other process can come between.
    ///
    /// Nothing waits for the disk: the journal's entry, without which nothing is dialled, flushes what stands
    /// before it in the same file along. After a power failure in between nothing was dialled, and a reservation that
    /// was settled counts at its worst until its record is read.
    package func changeUsage<Value>(
        since day: Int,
        _ body: ([UsageRow], Loss?) -> (value: Value, changes: [UsageRowChange])
    ) throws(CallLogError) -> Value {
        try guarded {
            try write(isFlushed: false) { database in
                let result = body(try Self.usage(since: day, in: database), try Self.openLoss(database))
                for change in result.changes { try apply(change, in: database) }
                return result.value
            }
        }
    }

    private func apply(_ change: UsageRowChange, in database: Database) throws {
        switch change {
        case .insert(let row):
            try database.execute(
                sql: """
                    INSERT INTO usage (call, at, day, modem, seconds, cost, is_open, deadline, legs)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call) DO NOTHING
                    """,
                arguments: [
                    row.call, row.at, row.day, row.modem, row.seconds, row.cost, row.isOpen, row.deadline, row.legs,
                ]
            )
            // What an earlier call of this id used must not be forgotten for it.
            guard database.changesCount == 1 else { throw CallLogError.repeated(path) }
            try Self.prune(database)
        case .settle(let row):
            try database.execute(
                sql: "UPDATE usage SET seconds = ?, cost = ?, is_open = ?, legs = ? WHERE call = ?",
                arguments: [row.seconds, row.cost, row.isOpen, row.legs, row.call]
            )
        case .see(let row):
            try database.execute(
                sql: "UPDATE usage SET seen_at = ?, seen_day = ? WHERE call = ?",
                arguments: [row.seenAt, row.seenDay, row.call]
            )
        case .remove(let call):
            try database.execute(sql: "DELETE FROM usage WHERE call = ?", arguments: [call])
        }
    }

    private static func usage(since day: Int, in database: Database) throws -> [UsageRow] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT call, at, day, modem, seconds, cost, is_open, deadline, legs, seen_at, seen_day
                FROM usage WHERE day >= ? ORDER BY at, call
                """,
            arguments: [day]
        )
        .map { row in
            UsageRow(
                call: row[0],
                at: row[1],
                day: row[2],
                modem: row[3],
                seconds: row[4],
                cost: row[5],
                isOpen: row[6],
                deadline: row[7],
                legs: row[8],
                seenAt: row[9],
                seenDay: row[10]
            )
        }
    }

    private static func prune(_ database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM usage WHERE at < (SELECT at FROM usage ORDER BY at DESC LIMIT 1 OFFSET ?)
                """,
            arguments: [mostUsageRows]
        )
    }
}
