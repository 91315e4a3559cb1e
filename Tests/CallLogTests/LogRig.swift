import FoundationEssentials
import GRDB
import GatewayAPI
import Glibc
import Synchronization
import TestSupport

@testable import CallLog

/// A state directory that is gone after the test, and calls to put into its log.
final class LogRig: Sendable {
    let directory: String
    private let base: TemporaryDirectory

    init() throws {
        base = try TemporaryDirectory()
        directory = base.path + "/state"
    }

    var path: String { directory + "/" + CallLog.fileName }

    var names: [String] { TemporaryDirectory.names(in: directory) }

    func open(_ options: CallLog.Options = CallLog.Options()) throws -> CallLog {
        try CallLog.open(directory: directory, options: options)
    }

    /// The permission bits of a file in the state directory, or of that itself.
    func mode(_ name: String? = nil) -> UInt32 {
        var status = stat()
        return stat(name.map { directory + "/" + $0 } ?? directory, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    /// Bytes of a file in the state directory.
    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: directory + "/" + name))) }

    /// Writes a call as the first version of the log had it, whatever has been added since.
    ///
    /// - Returns: what is known of it in later versions.
    static func save(_ record: CallRecord, in log: CallLog) throws -> CallRecord {
        let isComplete = try log.read(CallLogMigration.applied).contains(CallLogMigration.quality.name)
        guard !isComplete else {
            try log.save(record)
            return record
        }
        try log.write { database in
            try database.execute(
                sql: """
                    INSERT INTO calls (call, method, direction, target, number, pbx, modem, imei, imsi, requested_at,
                        dialing_at, alerting_at, connected_at, handed_over_at, ended_at, talk_ms, outcome, cause, ended_by,
                        payer, tones, pbx_reference, detail, is_emergency)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    record.call.bytes, record.method, record.direction, record.target, record.number, record.pbx,
                    record.modem, record.imei, record.imsi, record.requestedAt.milliseconds,
                    record.dialingAt?.milliseconds, record.alertingAt?.milliseconds, record.connectedAt?.milliseconds,
                    record.handedOverAt?.milliseconds, record.endedAt?.milliseconds,
                    record.seconds.map { Int64($0 * 1000) }, record.outcome, record.cause, record.by, record.payer,
                    record.tones, record.pbxReference, record.detail, record.isEmergency,
                ]
            )
            let id = database.lastInsertedRowID
            for (position, leg) in record.legs.enumerated() {
                try database.execute(
                    sql: """
                        INSERT INTO legs (call_id, position, number, direction, modem, imsi, started_at, ended_at, payer)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        id, position, leg.number, leg.direction, leg.modem, leg.imsi, leg.startedAt?.milliseconds,
                        leg.endedAt?.milliseconds, leg.payer,
                    ]
                )
            }
        }
        var known = record
        for index in known.legs.indices { (known.legs[index].kind, known.legs[index].imei) = (nil, nil) }
        return known
    }

    static let noon = Date(timeIntervalSince1970: 1_795_435_200)

    /// An ended call, `age` before noon, of 60 answered seconds.
    static func call(
        _ age: Double,
        target: String = "+4930123456",
        method: String = "callthrough",
        modem: String = "o2",
        outcome: String = "completed"
    ) -> CallRecord {
        let start = noon.addingTimeInterval(-age)
        var record = CallRecord(call: UUID(), method: method, direction: "outgoing", requestedAt: start)
        record.target = target
        record.number = method == "direct" ? target : "+4922166966966"
        record.pbx = method == "direct" ? nil : "office"
        record.modem = modem
        record.imei = "353535011100003"
        record.imsi = "262031111110000"
        record.dialingAt = start.addingTimeInterval(0.25)
        record.alertingAt = start.addingTimeInterval(1)
        if outcome == "completed" {
            record.connectedAt = start.addingTimeInterval(3)
            record.handedOverAt = start.addingTimeInterval(6)
            record.seconds = 60
        } else {
            record.seconds = 0
        }
        record.endedAt = start.addingTimeInterval(63)
        record.outcome = outcome
        record.cause = 16
        record.by = "remote"
        record.payer = method == "direct" ? "sim" : "sim+pbx"
        record.tones = 12
        record.pbxReference = "c-1"
        record.detail = "normal end"
        var leg = CallRecord.Leg(number: record.number, direction: "outgoing", payer: "sim")
        leg.modem = modem
        leg.imei = record.imei
        leg.startedAt = record.dialingAt
        leg.endedAt = record.endedAt
        record.legs = [leg]
        if method != "direct" {
            record.legs.append(CallRecord.Leg(kind: .pbx, number: target, direction: "outgoing", payer: "pbx"))
        }
        return record
    }
}
