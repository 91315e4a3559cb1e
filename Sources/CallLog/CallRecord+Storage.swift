internal import CallModel
internal import FoundationEssentials
internal import GRDB
internal import GatewayAPI

extension UUID {
    /// The 16 bytes, as they are stored.
    var bytes: Data { withUnsafeBytes(of: uuid) { Data($0) } }

    /// Reads the 16 bytes; nil for anything else.
    init?(bytes: Data) {
        guard bytes.count == 16 else { return nil }
        var value: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes) }
        self.init(uuid: value)
    }
}

extension CallRecord {
    private static let columns = [
        "call", "method", "direction", "target", "number", "pbx", "modem", "imei", "imsi", "requested_at",
        "dialing_at", "alerting_at", "connected_at", "handed_over_at", "ended_at", "talk_ms", "outcome", "cause",
        "ended_by", "payer", "tones", "pbx_reference", "detail", "is_emergency",
    ]

    /// Inserts, or replaces what was there of the same call; what retention has masked stays masked.
    ///
    /// The same call is one of the same id that was asked for at the same moment: an id that is used again overwrites
    /// nothing.
    private static let saving = """
        INSERT INTO calls (\(columns.joined(separator: ", ")))
        VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
        ON CONFLICT (call) DO UPDATE SET
        \(columns.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
        WHERE is_masked = 0 AND requested_at = excluded.requested_at
        RETURNING id
        """

    private static let legColumns = [
        "call_id", "position", "kind", "number", "direction", "modem", "imei", "imsi", "address", "started_at",
        "alerting_at", "answered_at", "ended_at", "cause", "ended_by", "payer", "quality",
    ]

    private static let savingLeg = """
        INSERT OR REPLACE INTO legs (\(legColumns.joined(separator: ", ")))
        VALUES (\(legColumns.map { _ in "?" }.joined(separator: ", ")))
        """

    /// Writes the record and its legs, in the place of what was there of the same call.
    ///
    /// - Returns: false, with nothing changed, where the log has another call of this id, or has masked it.
    @discardableResult
    func save(in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: Self.saving)
        let values: [(any DatabaseValueConvertible)?] = [
            call.bytes, method, direction, target, number, pbx, modem, imei, imsi, requestedAt.milliseconds,
            dialingAt?.milliseconds, alertingAt?.milliseconds, connectedAt?.milliseconds, handedOverAt?.milliseconds,
            endedAt?.milliseconds, seconds.map { Int64(($0 * 1000).rounded()) }, outcome, cause, by, payer, tones,
            pbxReference, detail, isEmergency,
        ]
        guard let id = try Int64.fetchOne(statement, arguments: StatementArguments(values)) else { return false }
        guard !legs.isEmpty else { return true }
        let legStatement = try database.cachedStatement(sql: Self.savingLeg)
        for (position, leg) in legs.enumerated() {
            let values: [(any DatabaseValueConvertible)?] = [
                id, position, leg.kind?.rawValue, leg.number, leg.direction, leg.kind == .sip ? leg.account : leg.modem,
                leg.imei, leg.imsi, leg.address,
                leg.startedAt?.milliseconds, leg.alertingAt?.milliseconds, leg.answeredAt?.milliseconds,
                leg.endedAt?.milliseconds, leg.cause, leg.by, leg.payer,
                leg.quality.flatMap { try? WireFormat.encode($0) }.map { String(decoding: $0, as: UTF8.self) },
            ]
            try legStatement.execute(arguments: StatementArguments(values))
        }
        return true
    }

    /// Reads a row of `calls`, without legs; nil when its id is no UUID.
    init?(row: Row) {
        guard let call = UUID(bytes: row["call"]) else { return nil }
        let time = { (column: String) -> Date? in (row[column] as Int64?).map(Date.init(milliseconds:)) }
        self.init(
            call: call,
            method: row["method"],
            direction: row["direction"],
            requestedAt: Date(milliseconds: row["requested_at"])
        )
        target = row["target"]
        number = row["number"]
        pbx = row["pbx"]
        modem = row["modem"]
        imei = row["imei"]
        imsi = row["imsi"]
        dialingAt = time("dialing_at")
        alertingAt = time("alerting_at")
        connectedAt = time("connected_at")
        handedOverAt = time("handed_over_at")
        endedAt = time("ended_at")
        seconds = (row["talk_ms"] as Int64?).map { Double($0) / 1000 }
        outcome = row["outcome"]
        cause = row["cause"]
        by = row["ended_by"]
        payer = row["payer"]
        tones = row["tones"]
        pbxReference = row["pbx_reference"]
        detail = row["detail"]
        isEmergency = row["is_emergency"]
        isMasked = row["is_masked"]
    }

    /// Reads the legs of a call, by the call's row.
    static func legs(of id: Int64, in database: Database) throws -> [Leg] {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT * FROM legs WHERE call_id = ? ORDER BY position",
            arguments: [id]
        )
        return rows.map { row in
            let kind = (row["kind"] as String?).flatMap(Leg.Kind.init(rawValue:))
            let time = { (column: String) -> Date? in (row[column] as Int64?).map(Date.init(milliseconds:)) }
            var leg = Leg(kind: kind, number: row["number"], direction: row["direction"], payer: row["payer"])
            if kind == .sip { leg.account = row["modem"] } else { leg.modem = row["modem"] }
            leg.imei = row["imei"]
            leg.imsi = row["imsi"]
            leg.address = row["address"]
            leg.startedAt = time("started_at")
            leg.alertingAt = time("alerting_at")
            leg.answeredAt = time("answered_at")
            leg.endedAt = time("ended_at")
            leg.cause = row["cause"]
            leg.by = row["ended_by"]
            let quality = row["quality"] as String?
            leg.quality = quality.flatMap { try? WireFormat.decode(SoundQuality.self, from: Array($0.utf8)) }
            return leg
        }
    }
}
