internal import FoundationEssentials
internal import GRDB

/// A webhook of a PBX that must not be played again, as it is kept over restarts.
package struct SeenWebhook: Sendable, Hashable {
    /// The PBX's name in the configuration.
    package var pbx: String
    /// Whether it is a call that is over rather than a webhook.
    package var isCall: Bool
    /// What it is recognised by; nothing can be read from it.
    package var fingerprint: [UInt8]
    /// Until when it matters, in milliseconds since 1970 in UTC.
    package var until: Int64

    package init(pbx: String, isCall: Bool, fingerprint: [UInt8], until: Int64) {
        self.pbx = pbx
        self.isCall = isCall
        self.fingerprint = fingerprint
        self.until = until
    }
}

extension CallLogMigration {
    /// Webhooks that came, by their fingerprints.
    static let seenWebhooks = CallLogMigration("seen-webhooks-1") { database in
        try database.execute(
            sql: """
                CREATE TABLE seen_webhooks (
                    pbx TEXT NOT NULL,
                    is_call INTEGER NOT NULL,
                    fingerprint BLOB NOT NULL,
                    until INTEGER NOT NULL,
                    PRIMARY KEY (pbx, is_call, fingerprint)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX seen_webhooks_by_time ON seen_webhooks (pbx, is_call, until);
                """
        )
    }
}

extension CallLog {
    /// How many are kept of each kind of each PBX; then the oldest goes for each new one.
    package static let mostSeenWebhooks = 4096

    /// The webhooks that still matter, oldest first.
    ///
    /// - Parameter now: in milliseconds since 1970 in UTC.
    package func seenWebhooks(now: Int64) throws(CallLogError) -> [SeenWebhook] {
        try guarded {
            try read { database in
                try Row.fetchAll(
                    database,
                    sql: "SELECT pbx, is_call, fingerprint, until FROM seen_webhooks WHERE until > ? ORDER BY until",
                    arguments: [now]
                )
                .map { row in
                    SeenWebhook(pbx: row[0], isCall: row[1], fingerprint: Array(row[2] as Data), until: row[3])
                }
            }
        }
    }

    /// Keeps webhooks that came, and forgets what does not matter any more; all or nothing.
    ///
    /// - Parameter now: in milliseconds since 1970 in UTC.
    package func keepSeenWebhooks(_ seen: [SeenWebhook], now: Int64) throws(CallLogError) {
        try guarded {
            try write { database in
                for webhook in seen {
                    try database.execute(
                        sql: """
                            INSERT INTO seen_webhooks (pbx, is_call, fingerprint, until) VALUES (?, ?, ?, ?)
                            ON CONFLICT (pbx, is_call, fingerprint) DO UPDATE SET until = excluded.until
                            """,
                        arguments: [webhook.pbx, webhook.isCall, Data(webhook.fingerprint), webhook.until]
                    )
                }
                try database.execute(sql: "DELETE FROM seen_webhooks WHERE until <= ?", arguments: [now])
                for kind in Set(seen.map { Kind(pbx: $0.pbx, isCall: $0.isCall) }) {
                    try database.execute(
                        sql: """
                            DELETE FROM seen_webhooks WHERE pbx = ?1 AND is_call = ?2 AND fingerprint IN (
                                SELECT fingerprint FROM seen_webhooks WHERE pbx = ?1 AND is_call = ?2
                                ORDER BY until DESC LIMIT -1 OFFSET ?3
                            )
                            """,
                        arguments: [kind.pbx, kind.isCall, Self.mostSeenWebhooks]
                    )
                }
            }
        }
    }

    private struct Kind: Hashable {
        var pbx: String
        var isCall: Bool
    }
}
