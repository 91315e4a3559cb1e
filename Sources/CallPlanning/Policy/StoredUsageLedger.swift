package import CallLog
package import DialPlan
internal import FoundationEssentials

/// The usage in the call log's database, which every gsmbridge of one user shares.
package struct StoredUsageLedger: UsageLedger {
    private let writer: CallLogWriter

    /// Creates a ledger.
    ///
    /// - Parameter writer: the way to the database.
    package init(writer: CallLogWriter) {
        self.writer = writer
    }

    /// Decides and changes in one transaction; throws ``CallLogError``.
    package func transaction<T: Sendable>(
        since day: LocalDate,
        _ body: @escaping @Sendable (Usage) -> (T, [UsageChange])
    ) async throws -> T {
        try await writer.perform { log throws(CallLogError) in
            try log.changeUsage(since: day.packed) { rows, loss in
                let (value, changes) = body(Usage(rows.map(UsageEntry.init), gap: loss?.description))
                let rows = changes.map { change -> UsageRowChange in
                    switch change {
                    case .reserve(let entry): .insert(UsageRow(entry))
                    case .settle(let entry): .settle(UsageRow(entry))
                    case .see(let entry): .see(UsageRow(entry))
                    case .remove(let call): .remove(call: call)
                    }
                }
                return (value, rows)
            }
        }
    }

    /// Reads the usage; throws ``CallLogError``.
    package func usage(since day: LocalDate) async throws -> Usage {
        try await writer.perform { log throws(CallLogError) in
            Usage(try log.usage(since: day.packed).map(UsageEntry.init), gap: try log.openLoss()?.description)
        }
    }
}

extension UsageRow {
    fileprivate init(_ entry: UsageEntry) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Nothing in a leg can fail to be encoded; an empty list would count the call by its sums all the same.
        let legs = (try? encoder.encode(entry.legs)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
        self.init(
            call: entry.call,
            at: entry.at,
            day: entry.day,
            modem: entry.modem,
            seconds: entry.seconds,
            cost: entry.cost.micros,
            isOpen: entry.isOpen,
            deadline: entry.deadline,
            legs: legs,
            seenAt: entry.seen?.at,
            seenDay: entry.seen?.day
        )
    }
}

extension UsageEntry {
    fileprivate init(_ row: UsageRow) {
        let legs = row.legs == "[]" ? [] : try? JSONDecoder().decode([ReservedLeg].self, from: Data(row.legs.utf8))
        self.init(
            call: row.call,
            at: row.at,
            day: row.day,
            modem: row.modem,
            seconds: row.seconds,
            cost: Money(micros: row.cost),
            legs: legs ?? [],
            isOpen: row.isOpen,
            deadline: row.deadline,
            seen: row.seenAt.flatMap { at in row.seenDay.map { Sighting(at: at, day: $0) } }
        )
    }
}
