internal import Crypto
package import FoundationEssentials
internal import GRDB
package import GatewayAPI

/// One part of a message that came.
package struct IncomingPart: Sendable, Hashable {
    /// Its place among the parts of a long message.
    package struct Place: Sendable, Hashable {
        /// What the parts have in common; references of 8 and of 16 bits are apart.
        package var reference: Int
        /// How many parts there are.
        package var count: Int
        /// Which one this is, from 1.
        package var place: Int

        /// Creates a place.
        package init(reference: Int, count: Int, place: Int) {
            self.reference = reference
            self.count = count
            self.place = place
        }
    }

    /// The card that it came to.
    package var sim: String
    /// The modem's name.
    package var modem: String?
    /// The octets as the modem gave them: the same octets are the same message, however often they come.
    package var octets: String
    /// Who sent it.
    package var number: String
    /// UTF-16 units of its text; nil for what is no text.
    package var units: [UInt16]?
    /// What is no text.
    package var data: [UInt8]?
    /// When the service centre took it.
    package var sentAt: Date?
    /// Its place; nil for a message of one part.
    package var place: Place?

    /// Creates a part.
    package init(sim: String, modem: String?, octets: String, number: String) {
        self.sim = sim
        self.modem = modem
        self.octets = octets
        self.number = number
    }
}

extension CallLogMigration {
    /// Messages and their parts.
    ///
    /// Times are milliseconds since 1970 in UTC, ids the 16 bytes of the UUID, units UTF-16 with the high byte first. A part
    /// that came is known by its octets, and since `messages-2` by their hash, for as long as its text is kept.
    static let messages = CallLogMigration("messages-1") { database in
        try database.execute(
            sql: """
                CREATE TABLE messages (
                    id INTEGER PRIMARY KEY,
                    message BLOB NOT NULL UNIQUE,
                    direction TEXT NOT NULL,
                    number TEXT,
                    text TEXT,
                    data BLOB,
                    modem TEXT,
                    sim TEXT,
                    at INTEGER NOT NULL,
                    day INTEGER NOT NULL DEFAULT 0,
                    sent_at INTEGER,
                    state TEXT NOT NULL,
                    parts INTEGER NOT NULL,
                    reference INTEGER,
                    reason TEXT,
                    exit_status INTEGER,
                    is_told INTEGER NOT NULL DEFAULT 1,
                    is_masked INTEGER NOT NULL DEFAULT 0
                ) STRICT;
                CREATE INDEX messages_by_time ON messages (at);
                CREATE INDEX messages_by_number ON messages (number, at) WHERE number IS NOT NULL;
                CREATE INDEX messages_open ON messages (state, at) WHERE state IN ('incomplete', 'queued');
                CREATE INDEX messages_untold ON messages (at) WHERE is_told = 0;
                CREATE INDEX messages_in_detail ON messages (at) WHERE is_masked = 0;
                CREATE TABLE message_parts (
                    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
                    place INTEGER NOT NULL,
                    state TEXT NOT NULL,
                    octets TEXT,
                    units BLOB,
                    reference INTEGER,
                    PRIMARY KEY (message_id, place)
                ) STRICT, WITHOUT ROWID;
                CREATE UNIQUE INDEX message_octets ON message_parts (octets) WHERE octets IS NOT NULL;
                CREATE INDEX message_references ON message_parts (reference) WHERE reference IS NOT NULL;
                """
        )
    }
}

extension CallLogMigration {
    /// The octets of parts give way to their hash: they hold texts, and the codes of orders.
    static let messageKeys = CallLogMigration("messages-2") { database in
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT message_id, place, octets FROM message_parts WHERE octets IS NOT NULL"
        )
        for row in rows {
            let octets: String = row[2]
            try database.execute(
                sql: "UPDATE message_parts SET octets = ? WHERE message_id = ? AND place = ?",
                arguments: [CallLog.key(octets), row[0] as Int64, row[1] as Int64]
            )
        }
    }
}

// Messages that came.
extension CallLog {
    /// How long the parts of one message may be apart: a reference is used again at some time.
    private static let partsWithin: Int64 = 3 * 86_400_000

    /// Writes a part down, durably: when this returns, it may be deleted where it came from.
    ///
    /// - Parameters:
    ///   - part: the part.
    ///   - now: when it came.
    ///   - cover: the text that is kept and shown instead of one of several parts; nil where that may be. It is asked of
    ///     what there is as well while parts are missing.
    /// - Returns: the message that is whole with it; nil where parts are missing, or it was known.
    package func take(
        _ part: IncomingPart,
        at now: Date = Date(),
        cover: (_ text: String, _ isComplete: Bool) -> String? = { _, _ in nil }
    ) throws(CallLogError) -> MessageRecord? {
        try guarded {
            try write { database in
                let key = Self.key("\(part.sim):\(part.octets)")
                guard
                    try Bool.fetchOne(
                        database,
                        sql: "SELECT EXISTS (SELECT 1 FROM message_parts WHERE octets = ?)",
                        arguments: [key]
                    ) == false
                else { return nil }
                let id = try Self.message(for: part, at: now, in: database)
                let units = part.units.map { Self.octets(of: $0) }
                try database.execute(
                    sql:
                        "INSERT INTO message_parts (message_id, place, state, octets, units) VALUES (?, ?, 'received', ?, ?)",
                    arguments: [id, part.place?.place ?? 1, key, units ?? part.data.map { Data($0) }]
                )
                return try Self.assemble(id, isText: part.units != nil, cover, in: database)
            }
        }
    }

    /// UTF-16 units with the high byte first, as parts are kept.
    static func octets(of units: [UInt16]) -> Data { Data(units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }) }

    /// What a part is known by: SHA-256 of its card and octets, which hold its text.
    fileprivate static func key(_ octets: String) -> String {
        SHA256.hash(data: Array(octets.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// The message that a part belongs to, begun where there is none.
    private static func message(for part: IncomingPart, at now: Date, in database: Database) throws -> Int64 {
        if let place = part.place {
            // One that has this part already is another message, which uses the reference again.
            let open = try Int64.fetchOne(
                database,
                sql: """
                    SELECT id FROM messages
                    WHERE state = 'incomplete' AND sim = ? AND number = ? AND reference = ? AND parts = ? AND at >= ?
                        AND NOT EXISTS (SELECT 1 FROM message_parts WHERE message_id = messages.id AND place = ?)
                    ORDER BY at DESC LIMIT 1
                    """,
                arguments: [
                    part.sim, part.number, place.reference, place.count, now.milliseconds - partsWithin, place.place,
                ]
            )
            if let open { return open }
        }
        try database.execute(
            sql: """
                INSERT INTO messages (message, direction, number, modem, sim, at, sent_at, state, parts, reference, is_told)
                VALUES (?, 'incoming', ?, ?, ?, ?, ?, 'incomplete', ?, ?, 0)
                """,
            arguments: [
                UUID().bytes, part.number, part.modem, part.sim, now.milliseconds, part.sentAt?.milliseconds,
                part.place?.count ?? 1, part.place?.reference,
            ]
        )
        return database.lastInsertedRowID
    }

    /// Puts the parts that are there together.
    ///
    /// - Returns: the message where it is whole.
    private static func assemble(
        _ id: Int64,
        isText: Bool,
        _ cover: (String, Bool) -> String?,
        in database: Database
    ) throws -> MessageRecord? {
        let parts = try Data?
            .fetchAll(
                database,
                sql: "SELECT units FROM message_parts WHERE message_id = ? ORDER BY place",
                arguments: [id]
            )
        let whole = parts.compactMap { $0 }.reduce(Data(), +)
        let isComplete =
            try Int.fetchOne(database, sql: "SELECT parts FROM messages WHERE id = ?", arguments: [id]) == parts.count
        let state = isComplete ? "received" : "incomplete"
        if isText {
            let units = stride(from: 0, to: whole.count - 1, by: 2)
                .map { UInt16(whole[whole.startIndex + $0]) << 8 | UInt16(whole[whole.startIndex + $0 + 1]) }
            let text = String(decoding: units, as: UTF16.self)
            let covered = cover(text, isComplete)
            try database.execute(
                sql: "UPDATE messages SET text = ?, state = ? WHERE id = ?",
                arguments: [covered ?? text, state, id]
            )
            // The parts that are there are needed until the last has come.
            if covered != nil, isComplete {
                try database.execute(sql: "UPDATE message_parts SET units = NULL WHERE message_id = ?", arguments: [id])
            }
        } else {
            try database.execute(
                sql: "UPDATE messages SET data = ?, state = ? WHERE id = ?",
                arguments: [whole, state, id]
            )
        }
        return isComplete ? try record(id, in: database) : nil
    }

    /// The messages that came and of which nobody was told yet: those that are whole, and what there is of those whose other
    /// parts did not come for a day.
    package func untoldMessages(at now: Date = Date()) throws(CallLogError) -> [MessageRecord] {
        try guarded {
            try read { database in
                try Self.records(
                    database,
                    "WHERE is_told = 0 AND (state = 'received' OR at < ?) ORDER BY at LIMIT 500",
                    [now.milliseconds - 86_400_000]
                )
            }
        }
    }

    /// Notes that everybody was told of a message.
    package func messageWasTold(_ message: UUID) throws(CallLogError) {
        try guarded {
            try write(isFlushed: false) { database in
                try database.execute(
                    sql: "UPDATE messages SET is_told = 1 WHERE message = ?",
                    arguments: [message.bytes]
                )
            }
        }
    }
}

// Reading.
extension CallLog {
    private static let columns = """
        message, direction, number, text, data, modem, at, sent_at, state, parts, reason, exit_status
        """

    static func record(_ id: Int64, in database: Database) throws -> MessageRecord? {
        try records(database, "WHERE id = ?", [id]).first
    }

    static func records(
        _ database: Database,
        _ condition: String,
        _ arguments: StatementArguments
    ) throws -> [MessageRecord] {
        try Row.fetchAll(database, sql: "SELECT \(columns) FROM messages \(condition)", arguments: arguments)
            .compactMap { row in
                guard let id = UUID(bytes: row[0]) else { return nil }
                var record = MessageRecord(
                    message: id,
                    direction: row[1],
                    state: MessageRecord.State(rawValue: row[8]) ?? .unknown,
                    parts: row[9],
                    at: Date(milliseconds: row[6])
                )
                record.number = row[2]
                record.text = row[3]
                record.data = row[4]
                record.modem = row[5]
                record.sentAt = (row[7] as Int64?).map { Date(milliseconds: $0) }
                record.reason = row[10]
                record.exit = row[11]
                return record
            }
    }

    /// The messages that a query lets through, newest first, and behind which one the next page begins.
    ///
    /// - Parameter number: the query's number as messages have it.
    package func messages(_ query: MessageQuery, number: String?) throws(CallLogError) -> MessagePage {
        try guarded {
            try read { database in
                var conditions: [String] = []
                var arguments: [(any DatabaseValueConvertible)?] = []
                func demand(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
                    guard let value else { return }
                    conditions.append(condition)
                    arguments.append(value)
                }
                demand("at >= ?", query.since?.milliseconds)
                demand("at < ?", query.until?.milliseconds)
                demand("number = ?", number)
                demand("modem = ?", query.modem)
                demand("state = ?", query.state?.rawValue)
                if let after = query.after {
                    demand(
                        "(at, id) < (SELECT at, id FROM messages WHERE message = ?)",
                        UUID(uuidString: after)?.bytes ?? Data()
                    )
                }
                let limit = min(max(query.limit, 1), MessageQuery.longestPage)
                let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
                var found = try Self.records(
                    database,
                    "\(filter) ORDER BY at DESC, id DESC LIMIT \(limit + 1)",
                    StatementArguments(arguments)
                )
                let hasMore = found.count > limit
                if hasMore { found.removeLast() }
                return MessagePage(messages: found, next: hasMore ? found.last?.message.name : nil)
            }
        }
    }

    /// What was written with each number, the newest first; what is masked or erased belongs to none.
    package func messageThreads(limit: Int) throws(CallLogError) -> [MessageThread] {
        try guarded {
            try read { database in
                let rows = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT number, count(*), count(*) FILTER (WHERE state IN ('failed', 'unknown')),
                            (SELECT id FROM messages AS last WHERE last.number = messages.number AND is_masked = 0
                                ORDER BY at DESC, id DESC LIMIT 1)
                        FROM messages WHERE number IS NOT NULL AND is_masked = 0
                        GROUP BY number ORDER BY max(at) DESC, number LIMIT ?
                        """,
                    arguments: [min(max(limit, 1), MessageQuery.longestPage)]
                )
                return try rows.compactMap { row in
                    try Self.record(row[3], in: database)
                        .map { MessageThread(number: row[0], messages: row[1], failed: row[2], last: $0) }
                }
            }
        }
    }

    /// The messages whose ids begin like this, two at most.
    package func messages(beginning reference: String) throws(CallLogError) -> [MessageRecord] {
        let digits = reference.lowercased().filter { $0 != "-" }
        return try guarded {
            try read { database in
                try Self.records(
                    database,
                    "WHERE lower(substr(hex(message), 1, ?)) = ? ORDER BY at DESC LIMIT 2",
                    [digits.count, digits]
                )
            }
        }
    }
}
