package import FoundationEssentials
internal import GRDB
internal import GatewayAPI

// Texts and numbers of messages that are no longer kept.
extension CallLog {
    /// Removes texts that are older than some days, and the last digits of their numbers.
    ///
    /// - Returns: how many messages were masked.
    @discardableResult
    package func maskMessages(olderThan seconds: Double, at now: Date = Date()) throws(CallLogError) -> Int {
        let limit = now.addingTimeInterval(-max(seconds, 0)).milliseconds
        var masked = 0
        while true {
            let count = try guarded { try write { try Self.maskMessages($0, before: limit) } }
            masked += count
            guard count == 500 else { return masked }
        }
    }

    private static func maskMessages(_ database: Database, before limit: Int64) throws -> Int {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT id, number FROM messages
                WHERE is_masked = 0 AND at < ? AND state <> 'queued' ORDER BY at LIMIT 500
                """,
            arguments: [limit]
        )
        for row in rows {
            let number: String? = row["number"]
            try database.execute(
                sql: """
                    UPDATE messages SET number = ?, text = NULL, data = NULL, is_masked = 1, is_told = 1 WHERE id = ?
                    """,
                arguments: [number.map(masked), row["id"] as Int64]
            )
            try database.execute(
                sql: "UPDATE message_parts SET octets = NULL, units = NULL WHERE message_id = ?",
                arguments: [row["id"] as Int64]
            )
        }
        return rows.count
    }

    /// Covers the parts of messages that still lack some, and of which only a cover is shown, when they are a day old: an order
    /// is not followed by then, and what there is of its code need not wait for the rest.
    ///
    /// - Parameter cover: what is shown of such a message.
    package func coverFragments(shownAs cover: String, at now: Date = Date()) throws(CallLogError) {
        try guarded {
            let covered = try write { database in
                try database.execute(
                    sql: """
                        UPDATE message_parts SET units = :cover WHERE units <> :cover AND message_id IN (
                            SELECT id FROM messages WHERE state = 'incomplete' AND text = :shown AND at < :limit
                        )
                        """,
                    arguments: [
                        "cover": Self.octets(of: Array(cover.utf16)), "shown": cover,
                        "limit": now.milliseconds - 86_400_000,
                    ]
                )
                return database.changesCount
            }
            // What is overwritten still stands in the write-ahead log until that is emptied.
            if covered > 0 { pool.writeWithoutTransaction { _ = try? $0.checkpoint(.truncate) } }
        }
    }

    /// Forgets what was written with a number; that there were messages stays, so that limits stay right.
    ///
    /// - Returns: how many messages had it.
    package func eraseMessages(number: String) throws(CallLogError) -> Int {
        try guarded {
            let count = try write { database in
                let ids = try Int64.fetchAll(
                    database,
                    sql: "SELECT id FROM messages WHERE number = ? AND state <> 'queued'",
                    arguments: [number]
                )
                for id in ids {
                    try database.execute(
                        sql: """
                            UPDATE messages SET number = NULL, text = NULL, data = NULL, is_masked = 1, is_told = 1
                            WHERE id = ?
                            """,
                        arguments: [id]
                    )
                    try database.execute(
                        sql: "UPDATE message_parts SET octets = NULL, units = NULL WHERE message_id = ?",
                        arguments: [id]
                    )
                }
                try Self.forgetWebhooks(with: number, in: database)
                return ids.count
            }
            pool.writeWithoutTransaction { _ = try? $0.checkpoint(.truncate) }
            return count
        }
    }
}
