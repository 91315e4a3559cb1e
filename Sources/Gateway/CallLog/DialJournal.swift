public import CallLog

/// Writes down that a number is about to be dialled, before it is.
public protocol DialJournal: Sendable {
    /// Returns when it is on the disk.
    ///
    /// - Throws: ``CallLogError``; then nothing may be dialled.
    func willDial(_ number: String) async throws(CallLogError)

    /// Takes whether the dial command went to the modem; never blocks.
    func didDial(sent: Bool)
}
