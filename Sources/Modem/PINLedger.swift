/// Remembers which cards a PIN was tried on, so that no restart loop can burn a card's three tries.
///
/// An attempt is written down *before* it is made and crossed out when the card accepts.
public protocol PINLedger: Sendable {
    /// Whether a PIN was tried on this card and not accepted.
    ///
    /// - Parameter card: the ICCID, or the modem's IMEI where the locked card does not tell its number.
    func hasFailedAttempt(card: String) async -> Bool
    /// Writes an attempt down. Throws where that is not possible; then no attempt may be made.
    func recordAttempt(card: String) async throws
    /// The card accepted: crosses the attempt out.
    func clearAttempt(card: String) async
}
