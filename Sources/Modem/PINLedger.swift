/// Remembers which cards a PIN was tried on, so that no restart loop can burn a card's three tries.
///
/// An attempt is written down *before* it is made and crossed out when the card accepts.
package protocol PINLedger: Sendable {
    /// What a person has to do before the PIN is tried again on a card that refused it; one clause.
    var remedy: String { get }
    /// Whether a PIN was tried on this card and not accepted. Throws where that can't be known; then none is tried.
    ///
    /// - Parameter card: the ICCID, or the modem's IMEI where the locked card does not tell its number.
    func hasFailedAttempt(card: String) async throws -> Bool
    /// Writes an attempt down. Throws where that is not possible; then none is made.
    func recordAttempt(card: String) async throws
    /// The card accepted: crosses the attempt out.
    func clearAttempt(card: String) async throws
}
