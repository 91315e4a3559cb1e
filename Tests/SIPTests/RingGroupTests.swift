import TestSupport
import Testing

@testable import SIP

@Suite("Phones that ring for one call") struct RingGroupTests {
    @Test("the first to answer has it, the others stop as answered elsewhere, and a second answer is hung up")
    func first() {
        var group = RingGroup([1, 2, 3])
        #expect(group.isOpen)
        #expect(group.answered(2) == [.taken(2), .cancel(1, isElsewhere: true), .cancel(3, isElsewhere: true)])
        #expect(!group.isOpen)
        #expect(group.answered(3) == [.hangUp(3)])
        #expect(group.ended(1) == [] && !group.isOver)
        #expect(group.ended(2) == [.left] && group.isOver)
    }

    @Test("nobody takes it when the last has refused, once")
    func nobody() {
        var group = RingGroup([1, 2])
        #expect(group.ended(1) == [])
        #expect(group.ended(2) == [.nobody] && group.isOver)
        #expect(group.ended(2) == [] && group.answered(2) == [])
    }

    @Test("stopped, all are cancelled, who has it is hung up, and nothing more is told")
    func stopped() {
        var group = RingGroup([1, 2])
        #expect(group.stop() == [.cancel(1, isElsewhere: false), .cancel(2, isElsewhere: false)])
        #expect(group.answered(1) == [.hangUp(1)])
        #expect(group.ended(2) == [] && group.isOver)
        var taken = RingGroup([1])
        _ = taken.answered(1)
        #expect(taken.stop() == [.hangUp(1)] && taken.ended(1) == [])
    }

    @Test("in any order, one has it at most, and each end is told once")
    func random() {
        for seed in RandomRounds(500) {
            var random = SeededGenerator(seed: seed)
            var group = RingGroup([1, 2, 3, 4])
            var (taken, ends) = (0, 0)
            for _ in 0..<20 {
                let dialog = DialogID.random(in: 1...5, using: &random)
                let steps =
                    switch Int.random(in: 0..<8, using: &random) {
                    case 0: seed % 3 == 0 ? group.stop() : []
                    case 1, 2, 3: group.answered(dialog)
                    default: group.ended(dialog)
                    }
                for step in steps {
                    switch step {
                    case .taken: taken += 1
                    case .nobody, .left: ends += 1
                    case .cancel, .hangUp: break
                    }
                }
            }
            #expect(taken <= 1 && ends <= 1, "seed \(seed)")
        }
    }

    @Test("a display shows the number and the name, and nothing that is not theirs")
    func display() {
        #expect(SIPAgent.caller("+4930123", "Ann", host: "192.0.2.1") == "\"Ann\" <sip:+4930123@192.0.2.1>")
        #expect(SIPAgent.caller("+4930123", nil, host: "192.0.2.1") == "\"+4930123\" <sip:+4930123@192.0.2.1>")
        #expect(SIPAgent.caller(nil, "Ann", host: "h") == "\"Anonymous\" <sip:anonymous@anonymous.invalid>")
        let hostile = SIPAgent.caller("+4930123", "A\"\r\nVia: x\\", host: "192.0.2.1")
        #expect(hostile == "\"AVia: x\" <sip:+4930123@192.0.2.1>")
        #expect(SIPAgent.caller("1>\r\nx", nil, host: "h") == "\"Anonymous\" <sip:anonymous@anonymous.invalid>")
    }
}
