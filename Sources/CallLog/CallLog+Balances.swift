package import FoundationEssentials
internal import GRDB
internal import GatewayAPI

/// What a SIM had at a time.
package struct StoredBalance: Sendable, Hashable {
    /// The modem's name.
    package var modem: String
    /// When it was asked for.
    package var at: Date
    /// Millionths of the currency; nil where the answer had none.
    package var micros: Int64?
    /// What it is counted in.
    package var currency: String

    /// Creates one.
    package init(modem: String, at: Date, micros: Int64?, currency: String) {
        self.modem = modem
        self.at = at
        self.micros = micros
        self.currency = currency
    }
}

extension CallLogMigration {
    /// Balances of SIMs, in millionths of their currency.
    static let balances = CallLogMigration("balances-1") { database in
        try database.execute(
            sql: """
                CREATE TABLE balances (
                    modem TEXT NOT NULL,
                    at INTEGER NOT NULL,
                    micros INTEGER,
                    currency TEXT NOT NULL,
                    PRIMARY KEY (modem, at)
                ) STRICT, WITHOUT ROWID;
                """
        )
    }
}

extension CallLog {
    /// The most balances of one modem that are kept.
    private static let mostBalances = 1000

    /// Writes a balance down, or that it was asked for and not told.
    package func note(_ balance: StoredBalance) throws(CallLogError) {
        try guarded {
            try write { database in
                try database.execute(
                    sql: "INSERT OR REPLACE INTO balances (modem, at, micros, currency) VALUES (?, ?, ?, ?)",
                    arguments: [balance.modem, balance.at.milliseconds, balance.micros, balance.currency]
                )
                try database.execute(
                    sql: """
                        DELETE FROM balances WHERE modem = ? AND at <= (
                            SELECT at FROM balances WHERE modem = ? ORDER BY at DESC LIMIT 1 OFFSET ?
                        )
                        """,
                    arguments: [balance.modem, balance.modem, Self.mostBalances]
                )
            }
        }
    }

    /// Every entry of a modem, or of all, newest first.
    package func balances(of modem: String?, limit: Int) throws(CallLogError) -> [StoredBalance] {
        try guarded {
            try read { database in
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT modem, at, micros, currency FROM balances WHERE ?1 IS NULL OR modem = ?1
                        ORDER BY at DESC LIMIT ?2
                        """,
                    arguments: [modem, limit]
                )
                .map { StoredBalance(modem: $0[0], at: Date(milliseconds: $0[1]), micros: $0[2], currency: $0[3]) }
            }
        }
    }

    /// The latest known amount of each modem.
    package func knownBalances() throws(CallLogError) -> [StoredBalance] {
        try guarded {
            try read { database in
                try Row.fetchAll(
                    database,
                    sql: "SELECT modem, max(at), micros, currency FROM balances WHERE micros IS NOT NULL GROUP BY modem"
                )
                .map { StoredBalance(modem: $0[0], at: Date(milliseconds: $0[1]), micros: $0[2], currency: $0[3]) }
            }
        }
    }

    /// The latest entry of each modem.
    package func latestBalances() throws(CallLogError) -> [StoredBalance] {
        try guarded {
            try read { database in
                try Row.fetchAll(
                    database,
                    sql: "SELECT modem, max(at), micros, currency FROM balances GROUP BY modem"
                )
                .map { StoredBalance(modem: $0[0], at: Date(milliseconds: $0[1]), micros: $0[2], currency: $0[3]) }
            }
        }
    }
}
