import CallFlows
import CallModel
import CallRecords
import FoundationEssentials
import GatewayAPI
import Testing

@testable import CallLog
@testable import Calls

@Suite("Whether a call that a crash left up goes on")
struct AdoptionTests {
    private static let call = UUID()
    private static let answered = Date(timeIntervalSince1970: 1_800_000_000)
    private static let dialled = "+4922166966966"

    /// A call of a dead program, as far as it had come.
    private struct Left {
        var step = JournalStep.Kind.dial
        var method = CallMethod.callthrough
        var isHandedOver = true
        var isAnswered = true
        var isOver = false
        var others = false
        var hasRecord = true
        var listed = Adoption.Listed(direction: .outgoing, number: AdoptionTests.dialled)
        var granted: Int64?
        var after: Double = 60

        func decide() throws -> Adoption {
            var record = CallRecord(
                call: AdoptionTests.call,
                method: method.rawValue,
                direction: "outgoing",
                requestedAt: AdoptionTests.answered
            )
            record.number = AdoptionTests.dialled
            record.connectedAt = isAnswered ? AdoptionTests.answered : nil
            record.handedOverAt = isHandedOver ? AdoptionTests.answered : nil
            record.endedAt = isOver ? AdoptionTests.answered : nil
            var entries = [AdoptionTests.entry(step, AdoptionTests.call)]
            if others { entries.insert(AdoptionTests.entry(.dial, UUID()), at: 0) }
            return try Adoption(
                entries,
                hasRecord ? record : nil,
                listed: listed,
                limit: .seconds(3600),
                granted: granted.map { .seconds($0) },
                at: AdoptionTests.answered.addingTimeInterval(after)
            )
        }
    }

    private static func entry(_ kind: JournalStep.Kind, _ call: UUID) -> JournalEntry {
        JournalEntry(
            id: 1,
            step: JournalStep(kind, call: call, number: dialled),
            process: ProcessIdentity(id: 1, start: 1, boot: "b"),
            intendedAt: answered
        )
    }

    @Test("a call that was handed over goes on for the rest of its time")
    func goesOn() throws {
        let adoption = try Left().decide()
        #expect(adoption.answeredFor == .seconds(60))
        #expect(adoption.lasts == .seconds(3600))
        #expect(try Left(granted: 120).decide().lasts == .seconds(120))
        #expect(try Left(listed: Adoption.Listed(direction: .outgoing, number: nil)).decide().entries.count == 1)
        #expect(
            try Left(listed: Adoption.Listed(direction: .outgoing, number: "022166966966")).decide().entries.count == 1
        )
        #expect(try Left(method: .direct, isHandedOver: false).decide().record.call == Self.call)
        let incoming = Adoption.Listed(direction: .incoming, number: nil)
        for step in [JournalStep.Kind.answer, .askPBX] {
            #expect(try Left(step: step, isHandedOver: false, listed: incoming).decide().record.call == Self.call)
        }
    }

    @Test(
        "whatever is in doubt is hung up",
        arguments: [
            Left(isHandedOver: false), Left(isAnswered: false), Left(isOver: true), Left(others: true),
            Left(hasRecord: false),
            Left(step: .claim), Left(listed: Adoption.Listed(direction: .incoming, number: dialled)),
            Left(step: .answer), Left(listed: Adoption.Listed(direction: .outgoing, number: "+4930123456")),
            Left(granted: 30), Left(after: 3600), Left(after: -1),
            Left(method: .direct, isHandedOver: false, isAnswered: false), Left(method: .reverse, isHandedOver: false),
        ]
    )
    private func doubtful(left: Left) {
        #expect(throws: Adoption.Refusal.self) { try left.decide() }
    }

    @Test("nothing written down is nothing to go on with")
    func nothing() {
        #expect(throws: Adoption.Refusal.self) {
            try Adoption(
                [],
                nil,
                listed: Adoption.Listed(direction: .outgoing, number: nil),
                limit: .seconds(60),
                granted: nil,
                at: Self.answered
            )
        }
    }
}
