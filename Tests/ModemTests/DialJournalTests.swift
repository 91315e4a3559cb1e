import CallFlows
import CallLog
import CallModel
import CallRecords
import Calls
import ModemSimulator
import Synchronization
import Testing

/// What stands between a call and its first dial command.
@Suite struct DialJournalTests {
    /// Notes what it is told, and refuses when it is to.
    private final class Journal: DialJournal {
        let rig: CallRig
        let refusal: CallLogError?
        let told = Mutex<[String]>([])

        init(_ rig: CallRig, refusal: CallLogError? = nil) {
            self.rig = rig
            self.refusal = refusal
        }

        func willDial(_ number: String) async throws(CallLogError) {
            let calls = rig.withWorld { world, _ in world.calls.count }
            told.withLock { $0.append("will dial \(number), \(calls) calls before") }
            if let refusal { throw refusal }
        }

        func didDial() { told.withLock { $0.append("did dial") } }
    }

    @Test("the journal is told before the dial command, and then that it was sent", arguments: SimulatedFamily.allCases)
    func order(_ family: SimulatedFamily) {
        let rig = CallRig(ModemProfile(family))
        let journal = Journal(rig)
        let outcome = rig.call(journal: journal)
        #expect(outcome.end?.outcome == .completed)
        let told = journal.told.withLock { $0 }
        #expect(told == ["will dial +4922166966966, 0 calls before", "did dial"])
    }

    @Test("what can't be written down is never dialled, and ends as refused with the reason")
    func refused() {
        let rig = CallRig(ModemProfile(.quectel))
        let journal = Journal(rig, refusal: .diskFull("/var/lib/gsmbridge/calls.sqlite"))
        let outcome = rig.call(journal: journal)
        #expect(outcome.end?.outcome == .policy)
        #expect(outcome.end?.by == .local)
        #expect(outcome.end?.detail?.contains("the disk is full; free some space") == true)
        #expect(outcome.progress.count == 1, "no word of dialling: \(outcome.progress)")
        #expect(rig.withWorld { world, _ in world.calls.isEmpty })
        #expect(journal.told.withLock { $0.count } == 1)
    }

    @Test("an interruption during the dial command's preparation is told as not dialled")
    func interrupted() {
        let rig = CallRig(ModemProfile(.quectel))
        let journal = Journal(rig)
        let outcome = rig.call(interruptAfter: .zero, journal: journal)
        #expect(outcome.end?.outcome == .interrupted)
        let calls = rig.withWorld { world, _ in world.calls.count }
        #expect(journal.told.withLock { $0 }.contains("did dial") == (calls == 1))
    }
}
