package import FoundationEssentials
internal import GRDB
package import GatewayAPI

/// Which calls of the log are meant; nil stands for all.
package struct CallFilter: Sendable, Hashable {
    /// Requested at this time or later.
    package var since: Date?
    /// Requested before this time.
    package var until: Date?
    /// With this target, or this number on the wire, in international format.
    package var number: String?
    /// On the modem with this name.
    package var modem: String?
    /// Made or taken in this way.
    package var method: String?
    /// Which came out like this; ``CallLogQuery/live`` for those that have not ended.
    package var outcome: String?
    /// `incoming` or `outgoing`.
    package var direction: String?
    /// Incoming ones that ended without an answer, and no others.
    package var isMissed = false

    /// Creates a filter that lets everything through.
    package init() {}

    /// The conditions on `calls`, without the one on the number, and their arguments.
    var conditions: (clauses: [String], arguments: StatementArguments) {
        var clauses: [String] = []
        var arguments = StatementArguments()
        let add = { (clause: String, value: (any DatabaseValueConvertible)?) in
            guard let value else { return }
            clauses.append(clause)
            arguments += [value]
        }
        add("requested_at >= ?", since?.milliseconds)
        add("requested_at < ?", until?.milliseconds)
        add("modem = ?", modem)
        add("method = ?", method)
        add("direction = ?", isMissed ? "incoming" : direction)
        if isMissed { clauses.append("ended_at IS NOT NULL AND connected_at IS NULL") }
        if outcome == CallLogQuery.live {
            clauses.append("ended_at IS NULL")
        } else {
            add("outcome = ?", outcome)
        }
        return (clauses, arguments)
    }
}

extension CallLog {
    /// A place in the list of calls, behind which the next page begins.
    package struct Position: Sendable, Hashable {
        let requestedAt: Int64
        let id: Int64
    }

    /// Some calls of the list, newest first.
    package struct Page: Sendable {
        package var calls: [CallRecord]
        /// Where the next page begins; nil when this is the last one.
        package var next: Position?
    }

    /// The calls that a filter lets through, newest first, with their legs where asked for.
    ///
    /// Each page costs the same, however far back it lies: pages are found by time, not by counting.
    ///
    /// - Parameters:
    ///   - filter: which calls.
    ///   - limit: the most calls of a page, at least 1.
    ///   - position: where the page begins; nil for the newest calls.
    ///   - withLegs: whether the legs are read as well.
    package func calls(
        _ filter: CallFilter = CallFilter(),
        limit: Int = 50,
        after position: Position? = nil,
        withLegs: Bool = false
    ) throws(CallLogError) -> Page {
        try guarded {
            try read { try Self.page($0, filter, limit: max(limit, 1), after: position, withLegs: withLegs) }
        }
    }

    /// The place of a call in the list, to begin behind it; nil when there is no such call.
    package func position(of call: UUID) throws(CallLogError) -> Position? {
        try guarded {
            try read { database in
                try Row.fetchOne(
                    database,
                    sql: "SELECT id, requested_at FROM calls WHERE call = ?",
                    arguments: [call.bytes]
                )
                .map { Position(requestedAt: $0["requested_at"], id: $0["id"]) }
            }
        }
    }

    /// One call with its legs.
    package func call(_ call: UUID) throws(CallLogError) -> CallRecord? {
        try guarded {
            try read { database in
                guard
                    let row = try Row.fetchOne(
                        database,
                        sql: "SELECT * FROM calls WHERE call = ?",
                        arguments: [call.bytes]
                    )
                else { return nil }
                var record = CallRecord(row: row)
                record?.legs = try CallRecord.legs(of: row["id"], in: database)
                return record
            }
        }
    }

    /// The calls whose id begins with these hexadecimal digits, at most two.
    ///
    /// - Parameter prefix: 1 to 32 hexadecimal digits; dashes do not count.
    package func calls(beginningWith prefix: String) throws(CallLogError) -> [UUID] {
        let digits = prefix.utf8.filter { $0 != UInt8(ascii: "-") }.map { UInt8($0) }
        guard (1...32).contains(digits.count), let low = Self.bytes(digits, filledWith: UInt8(ascii: "0")),
            let high = Self.bytes(digits, filledWith: UInt8(ascii: "f"))
        else { return [] }
        return try guarded {
            try read { database in
                try Data.fetchAll(
                    database,
                    sql: "SELECT call FROM calls WHERE call BETWEEN ? AND ? LIMIT 2",
                    arguments: [low, high]
                )
                .compactMap { UUID(bytes: $0) }
            }
        }
    }

    private static func bytes(_ digits: [UInt8], filledWith filler: UInt8) -> Data? {
        let all = digits + [UInt8](repeating: filler, count: 32 - digits.count)
        var bytes = Data()
        for index in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(String(decoding: all[index...(index + 1)], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }

    private static func page(
        _ database: Database,
        _ filter: CallFilter,
        limit: Int,
        after position: Position?,
        withLegs: Bool
    ) throws -> Page {
        var (clauses, arguments) = filter.conditions
        if let position {
            clauses.append("(requested_at, id) < (?, ?)")
            arguments += [position.requestedAt, position.id]
        }
        let order = "ORDER BY requested_at DESC, id DESC LIMIT ?"
        let select = { (columns: String, index: String, more: [String]) in
            let all = more + clauses
            return
                "SELECT \(columns) FROM calls \(index) \(all.isEmpty ? "" : "WHERE ")\(all.joined(separator: " AND ")) \(order)"
        }
        let sql: String
        if let number = filter.number {
            // Each half along its own index, already in order: one condition with OR would sort every call of a number,
            // and SQLite might as well go through every call with some outcome instead.
            let half = { (column: String) in
                "SELECT * FROM (\(select("id, requested_at", "INDEXED BY calls_by_\(column)", ["\(column) = ?"])))"
            }
            sql = """
                SELECT calls.* FROM (\(half("target")) UNION \(half("number"))) AS found JOIN calls USING (id)
                ORDER BY calls.requested_at DESC, calls.id DESC LIMIT ?
                """
            let each = StatementArguments([number]) + arguments + [limit + 1]
            arguments = each + each + [limit + 1]
        } else {
            sql = select("*", "", [])
            arguments += [limit + 1]
        }
        let rows = try Row.fetchAll(database, sql: sql, arguments: arguments)
        var page = Page(calls: [], next: nil)
        for row in rows.prefix(limit) {
            guard var record = CallRecord(row: row) else { continue }
            if withLegs { record.legs = try CallRecord.legs(of: row["id"], in: database) }
            page.calls.append(record)
        }
        if rows.count > limit, let last = rows.prefix(limit).last {
            page.next = Position(requestedAt: last["requested_at"], id: last["id"])
        }
        return page
    }
}
