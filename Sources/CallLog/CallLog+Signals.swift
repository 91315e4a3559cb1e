package import FoundationEssentials
internal import GRDB
package import GatewayAPI

/// How a modem stood in one minute.
package struct StoredSignal: Sendable, Hashable {
    /// The modem's name.
    package var modem: String
    /// In dBm; nil where it told none.
    package var dBm: Int?
    /// Whether the network had it.
    package var isRegistered: Bool

    package init(modem: String, dBm: Int?, isRegistered: Bool) {
        self.modem = modem
        self.dBm = dBm
        self.isRegistered = isRegistered
    }
}

extension CallLogMigration {
    /// Signals of modems; `minute` counts minutes since 1970.
    static let signals = CallLogMigration("signals-1") { database in
        try database.execute(
            sql: """
                CREATE TABLE signals (
                    minute INTEGER NOT NULL,
                    modem TEXT NOT NULL,
                    dbm INTEGER,
                    registered INTEGER NOT NULL,
                    PRIMARY KEY (minute, modem)
                ) STRICT, WITHOUT ROWID;
                """
        )
    }
}

extension CallLog {
    /// How long they are kept: a week, one a minute, is 10,080 rows a modem.
    package static let signalDays = 7
    /// The most spans of one answer.
    private static let mostSpans = 288

    /// Writes down how modems stand in this minute, and forgets what is older than a week.
    package func note(_ signals: [StoredSignal], at now: Date) throws(CallLogError) {
        let minute = Self.minute(now)
        try guarded {
            try write { database in
                for signal in signals {
                    try database.execute(
                        sql: "INSERT OR REPLACE INTO signals (minute, modem, dbm, registered) VALUES (?, ?, ?, ?)",
                        arguments: [minute, signal.modem, signal.dBm, signal.isRegistered]
                    )
                }
                try database.execute(
                    sql: "DELETE FROM signals WHERE minute <= ?",
                    arguments: [minute - Self.signalDays * 1440]
                )
            }
        }
    }

    /// How a modem stood in the last hours, in at most 288 spans, oldest first; those without a value are left out.
    package func signals(of modem: String, hours: Int, at now: Date) throws(CallLogError) -> [SignalSpan] {
        let (minute, minutes) = (Self.minute(now), hours * 60)
        let step = max(1, minutes / Self.mostSpans)
        return try guarded {
            try read { database in
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT minute / ?1 * ?1, CAST(round(avg(dbm)) AS INTEGER), min(dbm), max(dbm), count(*), sum(registered)
                        FROM signals WHERE minute > ?2 AND modem = ?3 GROUP BY minute / ?1 ORDER BY 1
                        """,
                    arguments: [step, minute - minutes, modem]
                )
                .map { row in
                    SignalSpan(
                        at: Date(timeIntervalSince1970: Double(row[0] as Int) * 60),
                        signal: row[1],
                        lowest: row[2],
                        highest: row[3],
                        minutes: row[4],
                        registered: row[5]
                    )
                }
            }
        }
    }

    private static func minute(_ date: Date) -> Int { Int(date.timeIntervalSince1970 / 60) }
}
