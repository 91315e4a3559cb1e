internal import Synchronization

/// The last known balance of each SIM, and below which nothing costly is done: shared by who asks for it and who decides.
package final class BalanceBook: Sendable {
    private struct State {
        var known: [String: StoredBalance] = [:]
        var stops: [String: Int64] = [:]
    }

    private let state = Mutex(State())

    /// Creates a book in which nothing is known.
    package init() {}

    /// Sets below which the SIMs of modems, by name, are spared, in millionths of the currency.
    package func spare(below stops: [String: Int64]) { state.withLock { $0.stops = stops } }

    /// Whether a limit is set at all, so that what is known matters.
    package var isNeeded: Bool { state.withLock { !$0.stops.isEmpty } }

    /// Takes what a SIM has; an entry without an amount leaves the one before.
    package func note(_ balance: StoredBalance) {
        state.withLock { state in
            if balance.micros != nil || state.known[balance.modem] == nil { state.known[balance.modem] = balance }
        }
    }

    /// What a modem's SIM had last; nil where that was never told.
    package subscript(modem: String) -> StoredBalance? {
        state.withLock { state in state.known[modem].flatMap { $0.micros == nil ? nil : $0 } }
    }

    /// Why nothing costly is done with a modem; nil where its balance suffices, or is not known.
    package func refusal(of modem: String) -> String? {
        state.withLock { state in
            guard let stop = state.stops[modem], let known = state.known[modem], let micros = known.micros,
                micros < stop
            else { return nil }
            let (amount, limit) = (Self.words(micros), Self.words(stop))
            return "the balance of \(modem) is \(amount) \(known.currency), below its stop_below of \(limit)"
                + " (another card, or topped up? gsmbridge balance \(modem) --ask)"
        }
    }

    /// An amount with two places, cut.
    private static func words(_ micros: Int64) -> String {
        let cents = micros.magnitude / 10_000
        return "\(micros < 0 ? "-" : "")\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }
}
