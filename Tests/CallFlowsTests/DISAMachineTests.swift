import CallModel
import TestSupport
import Testing

@testable import CallFlows

@Suite("A caller who calls on through the box")
struct DISAMachineTests {
    private let pin: [DISAMachine.Step] = [.say([.phrase(.pin)]), .arm(at(20_000))]

    private func key(_ keys: String, _ machine: inout DISAMachine, at time: Int) -> [DISAMachine.Step] {
        var last: [DISAMachine.Step] = []
        for digit in keys { last = machine.handle(.digit(digit), at: at(time)) }
        return last
    }

    @Test("a PIN, a number, a call")
    func whole() {
        var machine = DISAMachine()
        #expect(machine.start(at: at(0)) == pin)
        #expect(key("12A34#", &machine, at: 1_000) == [.check(DISAMachine.Secret("1234"))])
        #expect(
            machine.handle(.checked(isRight: true, isLocked: false), at: at(1_000))
                == [.say([.phrase(.target)]), .arm(at(21_000))]
        )
        // A slip is taken back by the star.
        #expect(
            key("07*030123456#", &machine, at: 2_000) == [
                .say([.signal(.ringback)], repeats: true), .place("030123456"), .arm(at(92_000)),
            ]
        )
        #expect(key("1#", &machine, at: 3_000).isEmpty)
        #expect(machine.handle(.joined, at: at(4_000)) == [.say([])])
        #expect(machine.handle(.timer, at: at(92_000)).isEmpty && key("#", &machine, at: 92_000).isEmpty)
    }

    @Test("a wrong PIN is asked for again, and one that locks ends the call")
    func wrong() {
        var machine = DISAMachine()
        _ = machine.start(at: at(0))
        _ = key("1#", &machine, at: 0)
        #expect(
            machine.handle(.checked(isRight: false, isLocked: false), at: at(0))
                == [.say([.phrase(.wrong), .phrase(.pin)]), .arm(at(20_000))]
        )
        _ = key("2#", &machine, at: 0)
        #expect(
            machine.handle(.checked(isRight: false, isLocked: true), at: at(0)).first == .say([.phrase(.wrong)])
        )
        #expect(machine.isOver && key("1#", &machine, at: 0).isEmpty)
    }

    @Test("whoever keys nothing is hung up, whoever forgets the hash is not")
    func silence() {
        var silent = DISAMachine()
        _ = silent.start(at: at(0))
        #expect(silent.handle(.timer, at: at(20_000)) == [.hangUp("no PIN was keyed")])
        var machine = DISAMachine()
        _ = machine.start(at: at(0))
        _ = key("1234", &machine, at: 0)
        #expect(machine.handle(.timer, at: at(20_000)) == [.check(DISAMachine.Secret("1234"))])
        _ = machine.handle(.checked(isRight: true, isLocked: false), at: at(20_000))
        _ = key("030", &machine, at: 16_000)
        #expect(machine.handle(.timer, at: at(41_000)).contains(.place("030")))
    }

    @Test("three numbers that can't be reached are enough")
    func unreached() {
        var machine = DISAMachine()
        _ = machine.start(at: at(0))
        _ = key("1#", &machine, at: 0)
        _ = machine.handle(.checked(isRight: true, isLocked: false), at: at(0))
        for round in 1...3 {
            _ = key("030#", &machine, at: round)
            #expect(machine.handle(.refused, at: at(round)).isEmpty == false)
            #expect(machine.isOver == (round == 3))
        }
    }

    @Test("no step shows the PIN")
    func secrecy() {
        var machine = DISAMachine()
        _ = machine.start(at: at(0))
        let steps = key("9173#", &machine, at: 0)
        #expect(!"\(steps) \(String(reflecting: steps))".contains("9173"))
    }

    @Test("three wrong PINs lock a caller for an hour, in however many calls, and nobody else")
    func locks() {
        var wards = PINGuard()
        for (number, time) in [0, 10_000, 20_000].enumerated() {
            let verdict = wards.check("0000", against: "1234", caller: "+49301", at: at(time))
            #expect(!verdict.isRight && verdict.isLocked == (number == 2))
        }
        #expect(wards.check("1234", against: "1234", caller: "+49301", at: at(30_000)) == (false, true))
        #expect(wards.check("1234", against: "1234", caller: "+49302", at: at(30_000)) == (true, false))
        #expect(wards.check("1234", against: "1234", caller: "+49301", at: at(3_620_001)) == (true, false))
        // A right one clears the count.
        for _ in 0..<5 {
            _ = wards.check("1", against: "1234", caller: "+49303", at: at(0))
            _ = wards.check("1", against: "1234", caller: "+49303", at: at(0))
            #expect(wards.check("1234", against: "1234", caller: "+49303", at: at(0)).isRight)
        }
    }

    @Test("each further wrong PIN locks for twice as long, and is remembered for a day")
    func locksLonger() {
        var wards = PINGuard()
        let hour = 3_600_000
        for _ in 0..<3 { _ = wards.check("0000", against: "1234", caller: "+49301", at: at(0)) }
        #expect(!wards.isLocked("+49301", at: at(hour)))
        #expect(wards.check("0000", against: "1234", caller: "+49301", at: at(hour)) == (false, true))
        #expect(wards.isLocked("+49301", at: at(3 * hour - 1)))
        #expect(!wards.isLocked("+49301", at: at(3 * hour)))
        #expect(wards.check("0000", against: "1234", caller: "+49301", at: at(28 * hour)) == (false, false))
    }

    @Test("a caller who keys on and on is hung up when the time for all keys is over")
    func keysOnAndOn() {
        var machine = DISAMachine()
        _ = machine.start(at: at(0))
        for second in stride(from: 15, through: 75, by: 15) {
            #expect(key("*", &machine, at: second * 1000) == [.arm(at(min(second + 20, 90) * 1000))])
        }
        #expect(machine.handle(.timer, at: at(90_000)) == [.hangUp("no PIN was keyed")])
    }

    @Test(
        "PINs are the same only where they are",
        arguments: [
            ("1234", "1234", true), ("", "", false), ("1234", "12345", false), ("12345", "1234", false),
            ("1235", "1234", false),
        ]
    )
    func same(keyed: String, pin: String, isSame: Bool) {
        #expect(PINGuard.isSame(keyed, pin) == isSame)
    }

    @Test(
        "under random events no number is placed without a right PIN, and the call ends",
        arguments: 0..<400 as Range<UInt64>
    )
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var machine = DISAMachine()
        var (now, due, isChecking, isOpen, places) = (0, ContinuousClock.Instant?.none, false, false, 0)
        var violations = [String]()
        func take(_ steps: [DISAMachine.Step]) {
            for step in steps {
                switch step {
                case .check: isChecking = true
                case .place:
                    if !isOpen { violations.append("placed without a PIN") }
                    places += 1
                case .arm(let instant): due = instant
                case .say, .hangUp: break
                }
            }
        }
        take(machine.start(at: at(0)))
        for _ in 0..<200 where !machine.isOver {
            switch Int.random(in: 0..<40, using: &random) {
            case 0: take(machine.handle(.joined, at: at(now)))
            case 1, 2: take(machine.handle(.refused, at: at(now)))
            case 3: take(machine.handle(.timer, at: due ?? at(now)))
            case 4, 5:
                let isRight = Bool.random(using: &random)
                if isChecking, isRight { isOpen = true }
                isChecking = false
                take(machine.handle(.checked(isRight: isRight, isLocked: false), at: at(now)))
            default:
                take(
                    machine.handle(.digit(Array("0123456789*#A")[Int.random(in: 0..<13, using: &random)]), at: at(now))
                )
            }
            now += 100
        }
        #expect(violations.isEmpty && places <= DISAMachine.numberTries)
        take(machine.handle(.gone, at: at(now)))
        #expect(machine.isOver && machine.handle(.timer, at: at(now)).isEmpty)
    }
}
