internal import CallFlows
package import CallLog
package import CallModel
package import FoundationEssentials
package import GatewayAPI

/// The decision whether a call that a dead program left up goes on as a call of this one; pure, from what is written down and
/// what the modem lists.
///
/// Only what is beyond doubt goes on: one note, a record that says that everything was said and done that the call needs, a
/// modem that lists that call and no other, and time that is left of its limit. Nothing is ever dialled or sent for it.
package struct Adoption: Sendable, Equatable {
    /// Why a call does not go on; one clause.
    package struct Refusal: Error, Equatable, CustomStringConvertible {
        package let description: String

        package init(_ reason: String) { description = reason }
    }

    /// What the modem lists.
    package struct Listed: Sendable, Equatable {
        package var direction: CallDirection
        package var number: String?

        package init(direction: CallDirection, number: String?) {
            self.direction = direction
            self.number = number
        }
    }

    /// What is known of the call.
    package var record: CallRecord
    /// The notes that the dead program left open for it, oldest first.
    package var entries: [JournalEntry]
    /// How long it has been answered.
    package var answeredFor: Duration
    /// How long it may last in all.
    package var lasts: Duration

    /// Decides.
    ///
    /// - Parameters:
    ///   - entries: the open notes of dead programs about this modem, oldest first.
    ///   - record: what is known of the call of the last of them.
    ///   - listed: the only call that the modem lists, which is active.
    ///   - limit: how long a call may last.
    ///   - granted: how long this one may, by what was reserved for it; nil where nothing was.
    ///   - now: the time.
    package init(
        _ entries: [JournalEntry],
        _ record: CallRecord?,
        listed: Listed,
        limit: Duration,
        granted: Duration?,
        at now: Date
    ) throws(Refusal) {
        guard let step = entries.last?.step else { throw Refusal("nothing is written down about it") }
        guard entries.allSatisfy({ $0.step.call == step.call }) else {
            throw Refusal("there are notes of several calls")
        }
        guard let record, record.call == step.call else { throw Refusal("there is no record of it") }
        guard record.endedAt == nil else { throw Refusal("its record is closed") }
        let (direction, isComplete): (CallDirection, Bool) =
            switch step.kind {
            case .dial: (.outgoing, record.method == CallMethod.direct.rawValue || record.handedOverAt != nil)
            case .answer, .askPBX: (.incoming, true)
            case .claim: (.outgoing, false)
            }
        guard listed.direction == direction else { throw Refusal("the modem lists a call of the other direction") }
        guard isComplete, let connectedAt = record.connectedAt else {
            throw Refusal("it was not handed over when its program ended")
        }
        if let known = record.number, let number = listed.number, !CallerMatch([known]).matches(number) {
            throw Refusal("the modem lists a call with another number")
        }
        let answered = now.timeIntervalSince(connectedAt)
        guard answered >= 0 else { throw Refusal("the clock was set back since it was answered") }
        let lasts = Double(min(limit, granted ?? limit).components.seconds)
        guard answered < lasts else { throw Refusal("its time is up") }
        self.record = record
        self.entries = entries
        answeredFor = .milliseconds(Int64(answered * 1000))
        self.lasts = .milliseconds(Int64(lasts * 1000))
    }
}
