package import CallLog

/// A journal in which the dial step has been noted already, as far as that was possible.
package struct NotedJournal: DialJournal {
    private let journal: any DialJournal
    private let failure: CallLogError?

    package init(_ journal: any DialJournal, dialling number: String) async {
        self.journal = journal
        var failure: CallLogError?
        do throws(CallLogError) { try await journal.willDial(number) } catch { failure = error }
        self.failure = failure
    }

    package func willDial(_ number: String) async throws(CallLogError) {
        if let failure { throw failure }
    }

    package func didDial() { journal.didDial() }
}
