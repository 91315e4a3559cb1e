internal import ATProtocol
internal import CallModel

/// A message of the modem's, reduced to what it says of a call that comes in.
///
/// Families that report who rings do so by ``CallReport``s.
struct RingNews: Sendable, Equatable {
    enum Source: Sendable, Equatable {
        /// `RING`, `+CRING: VOICE`.
        case bell
        /// `+CRING: REL ASYNC` and the like: a call for data or fax.
        case otherBell
        /// `+CLIP`, which comes behind a ring.
        case callerLine
        /// A family's report, or `+CCWA`.
        case report
    }

    var source: Source
    var index: Int?
    /// The caller, where the message tells.
    var caller: IncomingCall.Caller?

    init?(_ indication: Indication) {
        switch indication {
        case .ring(let kind):
            self.init(Self.isVoice(kind) ? .bell : .otherBell)
        case .callerLine(let line): self.init(.callerLine, nil, Self.caller(line))
        case .callWaiting(let line): self.init(.report, nil, Self.caller(line))
        case .listed(.some(let entry)):
            guard entry.isVoice || entry.mode == 9, entry.direction == .incoming,
                entry.state == .incoming || entry.state == .waiting
            else { return nil }
            self.init(.report, entry.index, entry.number.map { .number($0) })
        case .report(let report) where report.event == .ringing && report.direction != .outgoing:
            self.init(.report, report.index, report.number.map { .number($0) })
        default: return nil
        }
    }

    private init(_ source: Source, _ index: Int? = nil, _ caller: IncomingCall.Caller? = nil) {
        self.source = source
        self.index = index
        self.caller = caller
    }

    /// The kinds of `+CRING` (27.007 §6.11) that are not for talking.
    private static func isVoice(_ kind: String?) -> Bool {
        guard let kind = kind?.uppercased() else { return true }
        return !["ASYNC", "SYNC", "REL ASYNC", "REL SYNC", "FAX", "GPRS", "PACKET"].contains { kind.hasPrefix($0) }
    }

    private static func caller(_ line: CallerLine) -> IncomingCall.Caller {
        if let number = line.number { return .number(number) }
        return line.validity == .withheld ? .withheld : .unavailable
    }
}
