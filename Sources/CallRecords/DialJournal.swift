internal import CallFlows
package import CallLog
internal import CallModel

/// Writes down that a number is about to be dialled, before it is.
package protocol DialJournal: Sendable {
    /// Returns when it is on the disk.
    ///
    /// - Throws: ``CallLogError``; then nothing may be dialled.
    func willDial(_ number: String) async throws(CallLogError)

    /// Takes that the dial command has gone out; never blocks.
    func didDial()
}

extension CallEnd {
    /// The end of a call that is not made because it can't be written down: after a crash there would be no trace of it.
    package init(unrecorded failure: CallLogError) {
        self.init(outcome: .policy, by: .local, detail: "a call that can't be written down isn't made: \(failure)")
    }
}
