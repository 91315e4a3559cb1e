package import FoundationEssentials
internal import GRDB
internal import GatewayAPI

extension CallLog {
    /// The most rows that one transaction of retention touches, so that no call waits for it.
    private static let batch = 500

    /// How many digits of a masked number are hidden, as on itemised bills.
    static let hiddenDigits = 3

    /// The shortest number that is masked; shorter ones are services and calls for help, not personal.
    static let shortestMasked = 7

    /// Masks the people's numbers in ended calls that are older than some days: their last three digits become `•`.
    ///
    /// Times, durations, outcomes, the PBX's own numbers and the totals stay. Settled journal entries of that age are
    /// removed.
    ///
    /// - Parameters:
    ///   - days: how long calls are kept in detail.
    ///   - now: the time.
    /// - Returns: how many calls were masked.
    @discardableResult
    package func mask(olderThan days: Int, at now: Date = Date()) throws(CallLogError) -> Int {
        let limit = now.addingTimeInterval(-86_400 * Double(max(days, 0))).milliseconds
        var masked = 0
        while true {
            let count = try guarded { try write { try Self.maskBatch($0, before: limit) } }
            masked += count
            guard count == Self.batch else { break }
        }
        while try guarded({ try write { try Self.forgetBatch($0, before: limit) } }) == Self.batch {}
        return masked
    }

    /// Forgets a number: it is removed from every call, leg and journal entry, and its bytes from the files.
    ///
    /// The calls themselves stay, without the number, so that totals stay right. A number that is masked already can't
    /// be told from its neighbours any more, and stays masked.
    ///
    /// - Parameter number: in international format, as the log shows it.
    /// - Returns: how many calls had it.
    package func erase(number: String) throws(CallLogError) -> Int {
        try guarded {
            let count = try write { database in
                let calls = try Int.fetchOne(
                    database,
                    sql: """
                        SELECT count(*) FROM (
                            SELECT id FROM calls WHERE target = :n UNION SELECT id FROM calls WHERE number = :n
                            UNION SELECT call_id FROM legs WHERE number = :n
                        )
                        """,
                    arguments: ["n": number]
                )
                for statement in [
                    "UPDATE calls SET target = NULL WHERE target = ?",
                    "UPDATE calls SET number = NULL WHERE number = ?",
                    "UPDATE legs SET number = NULL WHERE number = ?",
                    "UPDATE journal SET number = NULL WHERE number = ? AND settled_at IS NOT NULL",
                ] {
                    try database.execute(sql: statement, arguments: [number])
                }
                try Self.forgetWebhooks(with: number, in: database)
                return calls ?? 0
            }
            // What is overwritten in the database still stands in the write-ahead log until that is emptied.
            pool.writeWithoutTransaction { _ = try? $0.checkpoint(.truncate) }
            return count
        }
    }

    private static func maskBatch(_ database: Database, before limit: Int64) throws -> Int {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT id, method, target, number FROM calls
                WHERE is_masked = 0 AND requested_at < ? AND ended_at IS NOT NULL ORDER BY requested_at LIMIT ?
                """,
            arguments: [limit, batch]
        )
        for row in rows {
            let id: Int64 = row["id"]
            let target: String? = row["target"]
            let number: String? = row["number"]
            // On the wire of every other method is the PBX's number.
            let isPersonal = row["method"] == "direct" || number == target
            let legs = try Row.fetchAll(
                database,
                sql: "SELECT position, number FROM legs WHERE call_id = ?",
                arguments: [id]
            )
            for leg in legs {
                guard let other: String = leg["number"], isPersonal || other != number else { continue }
                try database.execute(
                    sql: "UPDATE legs SET number = ? WHERE call_id = ? AND position = ?",
                    arguments: [masked(other), id, leg["position"] as Int]
                )
            }
            try database.execute(
                sql: "UPDATE calls SET target = ?, number = ?, is_masked = 1 WHERE id = ?",
                arguments: [target.map(masked), isPersonal ? number.map(masked) : number, id]
            )
        }
        return rows.count
    }

    private static func forgetBatch(_ database: Database, before limit: Int64) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM journal WHERE id IN (
                    SELECT id FROM journal WHERE settled_at IS NOT NULL AND intended_at < ? LIMIT ?
                )
                """,
            arguments: [limit, batch]
        )
        return database.changesCount
    }

    /// A number without its last digits.
    package static func masked(_ number: String) -> String {
        guard number.utf8.count >= shortestMasked, number.last != "•" else { return number }
        return number.dropLast(hiddenDigits) + String(repeating: "•", count: hiddenDigits)
    }
}
