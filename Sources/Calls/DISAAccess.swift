internal import CallFlows
internal import CallModel
internal import DialPlan
internal import Modem
package import Settings
internal import Synchronization
package import TextCoding

/// What the service gives to callers who call on through it.
package struct DISAAccess: Sendable {
    /// Who they are.
    var from: CallerMatch
    /// The modem that they ring, by its name, or `any`.
    var line: String
    var pin: Secret
    /// Makes of a number that was keyed what is to be dialled, under the policy.
    var order: @Sendable (String) async throws -> DialOrder

    /// Creates one from what is set, and the PIN as it was read.
    package init(
        _ settings: Configuration.DISA,
        pin: Secret,
        order: @escaping @Sendable (String) async throws -> DialOrder
    ) {
        from = CallerMatch(settings.from.map(\.description))
        line = settings.line
        self.pin = pin
        self.order = order
    }

    /// Whether a call that rings on this modem is one of theirs.
    func fits(_ caller: String?, on modem: String?) -> Bool {
        (line == "any" || line == modem) && from.matches(caller)
    }
}

/// Who has keyed a wrong PIN, for as long as the service runs.
final class PINWard: Sendable {
    private let wards = Mutex(PINGuard())

    /// Whether a caller is not answered for now.
    func isLocked(_ caller: String, at now: ContinuousClock.Instant = .now) -> Bool {
        wards.withLock { $0.isLocked(caller, at: now) }
    }

    /// Compares what a caller has keyed.
    func check(
        _ keyed: DISAMachine.Secret,
        against pin: Secret,
        caller: String,
        at now: ContinuousClock.Instant = .now
    ) -> (isRight: Bool, isLocked: Bool) {
        wards.withLock { $0.check(keyed.reveal(), against: pin.reveal(), caller: caller, at: now) }
    }
}
