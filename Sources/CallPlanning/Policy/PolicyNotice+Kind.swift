package import DialPlan
package import FoundationEssentials
package import GatewayAPI

extension PolicyNotice {
    /// What there is to know.
    package enum Kind: Sendable, Hashable {
        /// Four fifths of a limit are used up.
        case nearlyUsedUp(LimitGauge)
        /// A call may not last as long as it was meant to.
        case cut(String)
        /// A call has outlasted its reservation by so many seconds.
        case outlasted(seconds: Int)
        /// What a call came to could not be written down, so that it counts at its worst.
        case unsettled(String)

        /// One line for a person.
        fileprivate var words: String {
            switch self {
            case .nearlyUsedUp(let gauge): "four fifths of a limit are used up: \(gauge)"
            case .cut(let words): "the call is \(words)"
            case .outlasted(let seconds): "the call has lasted \(seconds) s longer than was reserved; it counts in full"
            case .unsettled(let reason):
                "what the call came to can't be written down, so it counts at its worst: \(reason)"
            }
        }
    }

    package init(_ kind: Kind, call: UUID, at: Date = Date()) {
        self.init(kind.words, call: call, at: at)
        guard case .nearlyUsedUp(let gauge) = kind else { return }
        limit = gauge.key
        used = gauge.used
        allowed = gauge.allowed
    }
}
