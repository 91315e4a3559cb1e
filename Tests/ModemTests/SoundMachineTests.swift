import ATProtocol
import Modem
import TestSupport
import Testing

/// The sound's machine by itself: its table, and any input in any state.
@Suite struct SoundMachineTests {
    private static let now = ContinuousClock.now

    private static let way: SoundWay = {
        var way = SoundWay(.tty)
        way.prepare = [ATCommand("AT+PREPARE")]
        way.arm = [ATCommand("AT+FIRST"), ATCommand("AT+ARM")]
        way.settles = .milliseconds(100)
        way.attempts = 3
        way.remedy = [ATCommand("AT+MEND")]
        way.disarm = [ATCommand("AT+OFF")]
        way.refusalTellsWear = true
        return way
    }()

    @Test("commands go out in their order, each after the last was answered, and the last decides")
    func order() {
        var machine = SoundMachine()
        #expect(machine.wanted(Self.way, at: Self.now) == [])
        #expect(machine.answered(at: Self.now) == [])
        #expect(machine.nextDue == Self.now + .milliseconds(100))
        let due = Self.now + .milliseconds(100)
        #expect(machine.timePassed(at: due) == [.send(ATCommand("AT+PREPARE"), number: 1)])
        #expect(machine.replied(.refused("ERROR"), to: 1, at: due) == [.send(ATCommand("AT+FIRST"), number: 2)])
        #expect(machine.replied(.taken, to: 1, at: due) == [], "an answer counts once")
        #expect(machine.replied(.refused("ERROR"), to: 2, at: due) == [.send(ATCommand("AT+ARM"), number: 3)])
        #expect(machine.replied(.taken, to: 3, at: due) == [.opened])
        #expect(machine.isOn && !machine.isWorn)
        #expect(machine.ended() == [.tell(ATCommand("AT+OFF"))])
        #expect(machine.ended() == [])
    }

    @Test("one that is worn is known by a first refusal, and no longer after a restart")
    func wear() {
        var machine = SoundMachine()
        var now = Self.now
        _ = machine.answered(at: now)
        now += .seconds(1)
        _ = machine.wanted(Self.way, at: now)
        for number in 1...2 { _ = machine.replied(.taken, to: number, at: now) }
        #expect(machine.replied(.refused("ERROR"), to: 3, at: now) == [])
        now += .milliseconds(300)
        #expect(machine.timePassed(at: now) == [.send(ATCommand("AT+FIRST"), number: 4)], "prepared once")
        _ = machine.replied(.taken, to: 4, at: now)
        #expect(machine.replied(.taken, to: 5, at: now) == [.opened])
        #expect(machine.isWorn)
        machine.restarted()
        #expect(!machine.isWorn)
    }

    @Test("any input in any state: one outcome for each wish, nothing sent without a call, all undone at the end")
    func random() {
        for round in 0..<300 {
            var random = SeededGenerator(seed: UInt64(round))
            var machine = SoundMachine()
            var now = Self.now
            var isUp = false
            var sent = 0
            var isTouched = false
            for _ in 0..<40 {
                now += .milliseconds(Int.random(in: 0...400, using: &random))
                let steps: [SoundMachine.Step]
                switch Int.random(in: 0..<8, using: &random) {
                case 0: steps = machine.wanted(Self.way, at: now)
                case 1:
                    isUp = true
                    steps = machine.answered(at: now)
                case 2: steps = machine.replied(.taken, to: sent, at: now)
                case 3: steps = machine.replied(.refused("ERROR"), to: sent, at: now)
                case 4: steps = machine.timePassed(at: now)
                case 5: steps = machine.repair(at: now)
                case 6: steps = machine.unwanted()
                default:
                    steps = machine.ended()
                    isUp = false
                }
                for step in steps {
                    switch step {
                    case .send(_, let number):
                        #expect(isUp, "sent without a call, round \(round)")
                        #expect(number == sent + 1)
                        sent = number
                        isTouched = true
                    case .tell:
                        #expect(isTouched, "disarmed what was not armed, round \(round)")
                        isTouched = false
                    case .opened, .repaired: #expect(isUp && machine.isOn)
                    case .refused, .lost, .over: break
                    }
                }
            }
            _ = machine.ended()
            #expect(machine.nextDue == nil && !machine.isOn)
        }
    }
}
