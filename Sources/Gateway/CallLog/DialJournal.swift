internal import CallFlows
package import CallLog
internal import CallModel

/// Writes down that a number is about to be dialled, before it is.
package protocol DialJournal: Sendable {
    /// Returns when it is on the disk.
    ///
    /// - Throws: ``CallLogError``; then nothing may be dialled.
    func willDial(_ number: String) async throws(CallLogError)

    /// Takes whether the dial command went to the modem; never blocks.
    func didDial(sent: Bool)
}

extension CallEnd {
    /// The end of a call that is not made because it can't be written down: nobody would know of it after a crash.
    init(unrecorded failure: CallLogError) {
        self.init(outcome: .policy, by: .local, detail: "a call that can't be written down isn't made: \(failure)")
    }
}
