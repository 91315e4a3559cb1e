internal import GRDB

/// A webhook that waits for its receiver, as it is kept over restarts.
package struct KeptWebhook: Sendable, Hashable {
    /// Which webhook of which receiver it is.
    package struct Key: Sendable, Hashable {
        /// The webhook's identity.
        package var id: String
        /// The receiver, by a name that says nothing of its URL.
        package var destination: String

        package init(id: String, destination: String) {
            self.id = id
            self.destination = destination
        }
    }

    /// Which one it is.
    package var key: Key
    /// Its place in the order of its receiver.
    package var position: Int64
    /// What is sent.
    package var body: [UInt8]
    /// When it was made, in milliseconds since 1970 in UTC.
    package var madeAt: Int64
    /// How often it was tried.
    package var attempts: Int
    /// When it is to be tried next, in milliseconds since 1970 in UTC.
    package var dueAt: Int64

    package init(key: Key, position: Int64, body: [UInt8], madeAt: Int64, attempts: Int, dueAt: Int64) {
        self.key = key
        self.position = position
        self.body = body
        self.madeAt = madeAt
        self.attempts = attempts
        self.dueAt = dueAt
    }
}

extension CallLogMigration {
    /// Webhooks that wait; a number may be in their bodies.
    static let webhooks = CallLogMigration("webhooks-1") { database in
        try database.execute(
            sql: """
                CREATE TABLE webhooks (
                    id TEXT NOT NULL,
                    destination TEXT NOT NULL,
                    position INTEGER NOT NULL,
                    body TEXT NOT NULL,
                    made_at INTEGER NOT NULL,
                    attempts INTEGER NOT NULL,
                    due_at INTEGER NOT NULL,
                    PRIMARY KEY (destination, id)
                ) STRICT, WITHOUT ROWID;
                """
        )
    }
}

extension CallLog {
    /// Every webhook that waits, each receiver's in their order.
    package func webhooks() throws(CallLogError) -> [KeptWebhook] {
        try guarded {
            try read { database in
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT id, destination, position, body, made_at, attempts, due_at FROM webhooks
                        ORDER BY destination, position
                        """
                )
                .map { row in
                    KeptWebhook(
                        key: KeptWebhook.Key(id: row[0], destination: row[1]),
                        position: row[2],
                        body: Array((row[3] as String).utf8),
                        madeAt: row[4],
                        attempts: row[5],
                        dueAt: row[6]
                    )
                }
            }
        }
    }

    /// Writes down what waits now, and forgets what does not wait any more; all or nothing.
    package func keepWebhooks(_ waiting: [KeptWebhook], forget: [KeptWebhook.Key]) throws(CallLogError) {
        try guarded {
            try write { database in
                for webhook in waiting {
                    try database.execute(
                        sql: """
                            INSERT INTO webhooks (id, destination, position, body, made_at, attempts, due_at)
                            VALUES (?, ?, ?, ?, ?, ?, ?)
                            ON CONFLICT (destination, id) DO UPDATE SET
                                attempts = excluded.attempts, due_at = excluded.due_at
                            """,
                        arguments: [
                            webhook.key.id, webhook.key.destination, webhook.position,
                            String(decoding: webhook.body, as: UTF8.self), webhook.madeAt, webhook.attempts,
                            webhook.dueAt,
                        ]
                    )
                }
                for key in forget {
                    try database.execute(
                        sql: "DELETE FROM webhooks WHERE destination = ? AND id = ?",
                        arguments: [key.destination, key.id]
                    )
                }
            }
        }
    }

    /// Removes what still waits and has a number in it.
    static func forgetWebhooks(with number: String, in database: Database) throws {
        try database.execute(sql: "DELETE FROM webhooks WHERE instr(body, ?) > 0", arguments: [number])
    }
}
