package import FoundationEssentials
internal import GRDB
package import GatewayAPI

extension CallLogMigration {
    /// When a message was first seen to be dated in the future.
    static let messagesSeen = CallLogMigration("messages-3") { database in
        try database.execute(
            sql: "ALTER TABLE messages ADD COLUMN seen_at INTEGER; ALTER TABLE messages ADD COLUMN seen_day INTEGER"
        )
    }
}

/// How many messages may be sent, part by part.
package struct MessageLimits: Sendable, Hashable {
    /// Within an hour; nil for any number.
    package var perHour: Int?
    /// On a day of the calendar.
    package var perDay: Int?
    /// In a month of the calendar.
    package var perMonth: Int?
    /// The price of a part, in millionths of the currency.
    package var price: Int64?
    /// What the messages of a month may cost, in millionths of the currency.
    package var costPerMonth: Int64?

    /// Creates limits that let everything pass.
    package init() {}
}

/// A message that is about to be sent.
package struct OutgoingRecord: Sendable, Hashable {
    /// Its id.
    package var message: UUID
    /// Where to, in international format where there is one.
    package var number: String
    /// Its text.
    package var text: String
    /// The modem's name.
    package var modem: String?
    /// How many parts it has.
    package var parts: Int
    /// The day on the wall, such as 20260729.
    package var day: Int
    /// The first day of its month.
    package var firstOfMonth: Int

    /// Creates a record.
    package init(message: UUID, number: String, text: String, modem: String?, parts: Int, day: Int, firstOfMonth: Int) {
        self.message = message
        self.number = number
        self.text = text
        self.modem = modem
        self.parts = parts
        self.day = day
        self.firstOfMonth = firstOfMonth
    }
}

/// What came of writing a message down that is to be sent.
package enum Queued: Sendable, Hashable {
    /// It may be sent.
    case taken(MessageRecord)
    /// One of this id was there before.
    case repeated
    /// A limit is used up; which, with its value.
    case limit(String)
}

// Messages that are sent. A part is written down before it is given to a modem, and what is not known to be settled is never
// given to one again.
extension CallLog {
    /// Writes a message down that is to be sent, if the limits let it pass: one transaction, so that no burst passes them.
    package func queue(
        _ record: OutgoingRecord,
        limits: MessageLimits,
        at now: Date = Date()
    ) throws(CallLogError) -> Queued {
        try guarded {
            try write { database in
                let isKnown = try Bool.fetchOne(
                    database,
                    sql: "SELECT EXISTS (SELECT 1 FROM messages WHERE message = ?)",
                    arguments: [record.message.bytes]
                )
                if isKnown == true { return .repeated }
                if let limit = try Self.limit(record, limits, at: now, in: database) { return .limit(limit) }
                try database.execute(
                    sql: """
                        INSERT INTO messages (message, direction, number, text, modem, at, day, state, parts)
                        VALUES (?, 'outgoing', ?, ?, ?, ?, ?, 'queued', ?)
                        """,
                    arguments: [
                        record.message.bytes, record.number, record.text, record.modem, now.milliseconds, record.day,
                        record.parts,
                    ]
                )
                let id = database.lastInsertedRowID
                for place in 1...max(1, record.parts) {
                    try database.execute(
                        sql: "INSERT INTO message_parts (message_id, place, state) VALUES (?, ?, 'queued')",
                        arguments: [id, place]
                    )
                }
                guard let written = try Self.record(id, in: database) else { return .repeated }
                return .taken(written)
            }
        }
    }

    /// The limit that a message would pass; a part counts from the moment when it is queued, unless it was not sent.
    ///
    /// One that is dated later than now counts from when that was first seen, as calls do (``UsageRow/seenAt``): a clock that is
    /// set back opens nothing, and one that was wrong once closes no limit for years.
    ///
    /// - Parameter modem: Whose SIM the limits are of; nil for those of the box.
    private static func limit(
        _ record: OutgoingRecord,
        _ limits: MessageLimits,
        of modem: String? = nil,
        at now: Date,
        in database: Database
    ) throws -> String? {
        guard limits != MessageLimits() else { return nil }
        let key = modem.map { "modems.\($0).messages" } ?? "messages"
        let isAhead = "(at > :now OR day > :today)"
        let moment: [String: (any DatabaseValueConvertible)?] = ["now": now.milliseconds, "today": record.day]
        try database.execute(
            sql: """
                UPDATE messages SET seen_at = :now, seen_day = :today
                WHERE direction = 'outgoing' AND \(isAhead)
                    AND (seen_at IS NULL OR seen_at > :now OR seen_day > :today)
                """,
            arguments: StatementArguments(moment)
        )
        func used(_ column: String, _ bound: Int64) throws -> Int {
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM messages JOIN message_parts ON message_id = messages.id
                    WHERE direction = 'outgoing' AND message_parts.state <> 'refused' AND \(column) >= :bound
                        AND (NOT \(isAhead) OR min(\(column), seen_\(column)) >= :bound)
                        AND (:modem IS NULL OR messages.modem = :modem AND messages.message <> :own AND EXISTS (
                            SELECT 1 FROM message_parts AS begun
                            WHERE begun.message_id = messages.id AND begun.state NOT IN ('queued', 'refused')
                        ))
                    """,
                arguments: StatementArguments(
                    moment.merging(["bound": bound, "modem": modem, "own": record.message.bytes]) { $1 }
                )
            ) ?? 0
        }
        if let most = limits.perHour, try used("at", now.milliseconds - 3_600_000) + record.parts > most {
            return "\(key).max_per_hour: \(most)"
        }
        if let most = limits.perDay, try used("day", Int64(record.day)) + record.parts > most {
            return "\(key).max_per_day: \(most)"
        }
        guard limits.perMonth != nil || limits.costPerMonth != nil else { return nil }
        let month = try used("day", Int64(record.firstOfMonth)) + record.parts
        if let most = limits.perMonth, month > most { return "\(key).max_per_month: \(most)" }
        if let most = limits.costPerMonth, Int64(month) * (limits.price ?? 0) > most {
            return "\(key).max_cost_per_month"
        }
        return nil
    }

    /// Notes that the first part of a message is about to be given to a modem, durably, if the limits of its SIM let the message pass.
    ///
    /// - Returns: the limit that it would pass, with its value; then nothing was noted.
    package func beginMessage(
        _ record: OutgoingRecord,
        over modem: String,
        limits: MessageLimits,
        at now: Date = Date()
    ) throws(CallLogError) -> String? {
        let passed = try guarded {
            try write { try Self.limit(record, limits, of: modem, at: now, in: $0) }
        }
        // Between the two nothing else is sent over this modem: it is lent to this message.
        if passed == nil { try beginPart(1, of: record.message, modem: modem) }
        return passed
    }

    /// Notes that a part is about to be given to a modem, durably.
    package func beginPart(_ place: Int, of message: UUID, modem: String?) throws(CallLogError) {
        try guarded {
            try write { database in
                try Self.settle(place, of: message, "sending", reference: nil, in: database)
                try database.execute(
                    sql: "UPDATE messages SET modem = ? WHERE message = ?",
                    arguments: [modem, message.bytes]
                )
            }
        }
    }

    /// Notes that a part was not given to its modem after all, and waits again.
    package func partWaits(_ place: Int, of message: UUID) throws(CallLogError) {
        try guarded { try write { try Self.settle(place, of: message, "queued", reference: nil, in: $0) } }
    }

    /// Notes that the network has a part, and under which reference it will report of it.
    package func partWasSent(_ place: Int, of message: UUID, reference: Int?) throws(CallLogError) {
        try guarded { try write { try Self.settle(place, of: message, "sent", reference: reference, in: $0) } }
    }

    private static func settle(
        _ place: Int,
        of message: UUID,
        _ state: String,
        reference: Int?,
        in database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE message_parts SET state = ?, reference = ?
                WHERE place = ? AND message_id = (SELECT id FROM messages WHERE message = ?)
                """,
            arguments: [state, reference, place, message.bytes]
        )
    }

    /// Ends a message that was to be sent; parts that were not given to a modem are no longer counted.
    ///
    /// - Returns: the message as it stands then.
    @discardableResult
    package func conclude(
        _ message: UUID,
        _ state: MessageRecord.State,
        exit: Int32,
        reason: String?
    ) throws(CallLogError) -> MessageRecord? {
        try guarded {
            try write { try Self.conclude(message, state, exit: exit, reason: reason, in: $0) }
        }
    }

    private static func conclude(
        _ message: UUID,
        _ state: MessageRecord.State,
        exit: Int32,
        reason: String?,
        in database: Database
    ) throws -> MessageRecord? {
        try database.execute(
            sql: "UPDATE messages SET state = ?, reason = ?, exit_status = ? WHERE message = ? AND state = 'queued'",
            arguments: [state.rawValue, reason, exit, message.bytes]
        )
        // The part that was refused was given to the modem and is not on its way.
        let unsent = state == .unknown ? "state = 'queued'" : "state IN ('queued', 'sending')"
        try database.execute(
            sql: """
                UPDATE message_parts SET state = 'refused'
                WHERE \(unsent) AND message_id = (SELECT id FROM messages WHERE message = ?)
                """,
            arguments: [message.bytes]
        )
        return try records(database, "WHERE message = ?", [message.bytes]).first
    }

    /// Settles what an earlier run left open, which is never sent by itself: a part that was given to a modem and has no answer
    /// makes its message *unknown*; one whose parts were all taken was sent; any other was not, or not in whole.
    ///
    /// - Returns: the messages as they stand then.
    package func recoverMessages() throws(CallLogError) -> [MessageRecord] {
        try guarded {
            try write { database in
                let open = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT message, parts,
                            (SELECT count(*) FROM message_parts WHERE message_id = messages.id AND state = 'sending'),
                            (SELECT count(*) FROM message_parts WHERE message_id = messages.id AND state = 'queued')
                        FROM messages WHERE state = 'queued'
                        """
                )
                return try open.compactMap { row in
                    guard let message = UUID(bytes: row[0]) else { return nil }
                    let (parts, onTheirWay, waiting): (Int, Int, Int) = (row[1], row[2], row[3])
                    let end: (state: MessageRecord.State, exit: Int32, reason: String?) =
                        if onTheirWay > 0 {
                            (.unknown, 14, "the service ended while it was being sent")
                        } else if waiting == 0 {
                            (.sent, 0, nil)
                        } else if waiting < parts {
                            (.failed, 1, "the service ended when \(parts - waiting) of \(parts) parts were sent")
                        } else {
                            (.failed, 1, "the service ended before it was sent")
                        }
                    return try Self.conclude(message, end.state, exit: end.exit, reason: end.reason, in: database)
                }
            }
        }
    }

    /// Joins a report with its message.
    ///
    /// - Parameters:
    ///   - reference: what the modem told when it sent the part.
    ///   - modem: the modem's name.
    ///   - ending: the last digits of the recipient, which the network may write otherwise than we did.
    ///   - isDelivered: what it reports.
    ///   - arrival: when the report came: it is of no message that was queued later.
    /// - Returns: the message, and whether it is delivered or has failed with this; nil where there is none.
    package func takeReport(
        reference: Int,
        modem: String?,
        ending: String,
        isDelivered: Bool,
        at arrival: Date = Date()
    ) throws(CallLogError) -> (record: MessageRecord, isNews: Bool)? {
        try guarded {
            try write { database in
                let row = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT messages.id, place, messages.state FROM message_parts JOIN messages ON messages.id = message_id
                        WHERE message_parts.reference = ? AND direction = 'outgoing' AND message_parts.state = 'sent'
                            AND modem IS ? AND (number LIKE '%' || ? OR number IS NULL)
                            AND at <= ?
                        ORDER BY at DESC LIMIT 1
                        """,
                    arguments: [reference, modem, ending, arrival.milliseconds]
                )
                guard let row else { return nil }
                let id: Int64 = row[0]
                try database.execute(
                    sql: "UPDATE message_parts SET state = ? WHERE message_id = ? AND place = ?",
                    arguments: [isDelivered ? "delivered" : "undelivered", id, row[1] as Int]
                )
                let open = try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM message_parts WHERE message_id = ? AND state <> 'delivered'",
                    arguments: [id]
                )
                let isNews = row[2] != "queued" && (!isDelivered || open == 0)
                if isNews {
                    try database.execute(
                        sql: "UPDATE messages SET state = ?, reason = ? WHERE id = ?",
                        arguments: [
                            isDelivered ? "delivered" : "failed",
                            isDelivered ? nil : "the network could not deliver it", id,
                        ]
                    )
                }
                return try Self.record(id, in: database).map { ($0, isNews) }
            }
        }
    }
}
