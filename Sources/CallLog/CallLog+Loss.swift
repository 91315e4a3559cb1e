package import FoundationEssentials
internal import GRDB
internal import GatewayAPI

extension CallLog {
    /// A damaged log that was set aside: what its calls used of the limits is not known any more.
    package struct Loss: Sendable, Hashable, CustomStringConvertible {
        /// Where the damaged file is.
        package var path: String
        /// What was found.
        package var finding: String

        /// One line for a person, with the remedy.
        package var description: String {
            "the log of earlier calls was damaged (\(finding)) and is now \(path); "
                + "`gsmbridge calls accept-loss` lets the limits begin anew"
        }
    }

    /// What was lost and has not been accepted yet; nil where nothing was.
    package func openLoss() throws(CallLogError) -> Loss? { try guarded { try read { try Self.openLoss($0) } } }

    /// Lets the limits begin anew although earlier calls are not known any more.
    ///
    /// - Returns: how many losses were accepted.
    package func acceptLoss(at now: Date = Date()) throws(CallLogError) -> Int {
        try guarded {
            try write { database in
                try database.execute(
                    sql: "UPDATE losses SET accepted_at = ? WHERE accepted_at IS NULL",
                    arguments: [now.milliseconds]
                )
                return database.changesCount
            }
        }
    }

    func note(_ loss: Loss, at now: Date = Date()) throws(CallLogError) {
        try guarded {
            try write { database in
                try database.execute(
                    sql: "INSERT INTO losses (path, finding, lost_at) VALUES (?, ?, ?)",
                    arguments: [loss.path, loss.finding, now.milliseconds]
                )
            }
        }
    }

    static func openLoss(_ database: Database) throws -> Loss? {
        try Row.fetchOne(
            database,
            sql: "SELECT path, finding FROM losses WHERE accepted_at IS NULL ORDER BY id DESC LIMIT 1"
        )
        .map { Loss(path: $0[0], finding: $0[1]) }
    }
}

extension CallLogMigration {
    /// Damaged logs that were set aside, and whether a person has accepted that.
    static let losses = CallLogMigration("losses-1") { database in
        try database.execute(
            sql: """
                CREATE TABLE losses (
                    id INTEGER PRIMARY KEY,
                    path TEXT NOT NULL,
                    finding TEXT NOT NULL,
                    lost_at INTEGER NOT NULL,
                    accepted_at INTEGER
                ) STRICT;
                """
        )
    }
}
