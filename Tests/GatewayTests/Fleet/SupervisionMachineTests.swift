import TestSupport
import Testing

@testable import Lines

@Suite("The supervision machine")
struct SupervisionMachineTests {
    typealias Machine = SupervisionMachine

    static let start = ContinuousClock.now

    /// A machine with every rung, to which events happen one after the other.
    struct Bench {
        var machine = Machine()
        var now = SupervisionMachineTests.start
        var actions: [Machine.Action] = []

        init(_ rungs: Set<Machine.Rung> = Set(Machine.Rung.allCases)) { machine.rungs = rungs }

        @discardableResult
        mutating func handle(_ event: Machine.Event, after pause: Duration = .zero) -> [Machine.Action] {
            now += pause
            let new = machine.handle(event, at: now)
            actions += new
            return new
        }

        /// Lets time pass up to the deadline.
        @discardableResult
        mutating func wait() -> [Machine.Action] {
            if let deadline = machine.deadline { now = max(now, deadline) }
            return handle(.timer)
        }

        mutating func makeReady() {
            handle(.appeared)
            handle(.opened)
            handle(.broughtUp)
            handle(.checked(nil))
        }
    }

    @Test("the way to a ready modem")
    func wayUp() {
        var bench = Bench()
        #expect(bench.handle(.appeared) == [.tell(.found), .begin(.open)])
        #expect(bench.handle(.opened) == [.begin(.bringUp)])
        #expect(bench.handle(.broughtUp) == [.tell(.ready), .begin(.check(.full))])
        #expect(bench.handle(.checked(nil)) == [])
        #expect(bench.machine.isReady)
        #expect(bench.wait() == [.begin(.check(.alive))])
        bench.handle(.checked(nil))
        #expect(bench.wait() == [.begin(.check(.alive))])
        bench.handle(.checked(nil))
        #expect(bench.wait() == [.begin(.check(.full))])
    }

    @Test("a modem that has restarted is set up anew, after the call where it has one")
    func restarted() {
        var bench = Bench()
        bench.makeReady()
        #expect(bench.handle(.restarted) == [.abandon, .begin(.bringUp)])
        bench.handle(.broughtUp)
        bench.handle(.checked(nil))
        bench.handle(.leased)
        #expect(bench.handle(.restarted) == [])
        #expect(bench.handle(.givenBack(isClean: true)) == [.begin(.bringUp)])
    }

    @Test("a modem whose sound is worn is restarted by its own command when it is given back, once an hour")
    func soundIsWorn() {
        var bench = Bench()
        bench.makeReady()
        bench.machine.rungs = [.restart]
        #expect(bench.handle(.soundIsWorn) == [], "it has no command of its own")
        bench.machine.rungs = [.familyReset, .restart]
        bench.handle(.leased)
        #expect(bench.handle(.soundIsWorn) == [], "not in a call")
        bench.handle(.givenBack(isClean: true))
        #expect(bench.handle(.soundIsWorn).contains(.begin(.perform(.familyReset))))
        bench.handle(.rungDone(true))
        bench.handle(.vanished)
        bench.makeReady()
        #expect(bench.handle(.soundIsWorn, after: .seconds(60)) == [], "where that did not help, nothing does")
        #expect(bench.handle(.soundIsWorn, after: .seconds(3600)).contains(.begin(.perform(.familyReset))))
    }

    @Test("one that restarts when all is set and the last looks are due is set up anew too")
    func restartedAtTheEnd() {
        var bench = Bench()
        bench.handle(.appeared)
        bench.handle(.opened)
        #expect(bench.handle(.restarted, after: .seconds(3)) == [.abandon, .begin(.bringUp)])
        #expect(bench.handle(.broughtUp).contains(.tell(.ready)))
    }

    @Test("one that restarts again and again is left alone for longer and longer, whenever it does so")
    func bootLoop() {
        for isReady in [true, false] {
            var bench = Bench()
            bench.handle(.appeared)
            bench.handle(.opened)
            let end = bench.now + .seconds(3600)
            while bench.now < end {
                switch bench.machine.state {
                case .bringingUp:
                    if isReady { bench.handle(.broughtUp, after: .seconds(2)) }
                    bench.handle(.restarted, after: .seconds(2))
                case .opening: bench.handle(.opened, after: .milliseconds(100))
                case .resting: bench.wait()
                default: Issue.record("\(bench.machine.state)")
                }
            }
            // Six in each round, and rests of 1, 2, 4, 8, 16 and 32 min between the rounds.
            #expect(bench.actions.count { $0 == .begin(.bringUp) } <= 45)
            #expect(bench.actions.count { $0 == .alarm(Machine.Trouble.loop.reason) } == 1)
            #expect(bench.actions.contains(.tell(.degraded(Machine.Trouble.loop.reason))))
        }
    }

    @Test("one that restarts now and then is set up anew at once each time")
    func restartsApart() {
        var bench = Bench()
        bench.makeReady()
        for _ in 0..<20 {
            #expect(bench.handle(.restarted, after: .seconds(90)) == [.abandon, .begin(.bringUp)])
            bench.handle(.broughtUp, after: .seconds(2))
            bench.handle(.checked(nil))
        }
    }

    @Test("a deaf modem goes up the whole ladder, rung by rung, to an alarm")
    func ladder() {
        var bench = Bench()
        bench.makeReady()
        bench.handle(.checked(.deaf("deaf")), after: .seconds(5))
        var begun: [Machine.Work] = []
        for _ in 0..<60 where bench.machine.state != .resting(.deaf("deaf"), gaveUp: true) {
            for action in bench.wait() {
                guard case .begin(let work) = action else { continue }
                begun.append(work)
                switch work {
                case .open: bench.handle(.failed(.deaf("deaf")))
                case .perform: bench.handle(.rungDone(true))
                case .bringUp, .check: break
                }
                // What failing begins at once is begun too.
                while case .recovering(let rung, _) = bench.machine.state {
                    begun.append(.perform(rung))
                    bench.handle(.rungDone(true))
                }
            }
        }
        let rungs = begun.compactMap { work in if case .perform(let rung) = work { rung } else { nil } }
        #expect(rungs == [.restart, .familyReset, .usb])
        #expect(bench.actions.contains(.alarm("deaf")))
        #expect(bench.actions.filter { $0 == .tell(.degraded("deaf")) }.count == 1)
    }

    @Test("each surrender doubles the rest, up to an hour, and success begins anew")
    func backOff() {
        var bench = Bench([])
        bench.handle(.appeared)
        var rests: [Duration] = []
        for _ in 0..<200 where rests.count < 9 {
            bench.handle(.failed(.deaf("deaf")))
            if case .resting(_, gaveUp: true) = bench.machine.state, let deadline = bench.machine.deadline {
                rests.append(deadline - bench.now)
            }
            bench.wait()
        }
        #expect(rests == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds(60 * $0) })
        #expect(bench.actions.filter { $0 == .alarm("deaf") }.count == 1)
        bench.handle(.opened)
        bench.handle(.broughtUp)
        bench.handle(.checked(nil), after: .seconds(61))
        bench.handle(.lineLost)
        bench.wait()
        bench.handle(.failed(.deaf("deaf")))
        #expect(bench.machine.state == .resting(.deaf("deaf"), gaveUp: false))
    }

    @Test("a port that somebody else has is waited for without touching the modem")
    func taken() {
        var bench = Bench()
        bench.handle(.appeared)
        for _ in 0..<50 {
            bench.handle(.failed(.unopenable("taken")))
            bench.wait()
        }
        #expect(!bench.actions.contains { if case .begin(.perform) = $0 { true } else { false } })
        #expect(bench.now - Self.start < .seconds(50 * 31))
    }

    @Test("a modem that was told to restart is expected back, and given up after a minute")
    func restart() {
        var bench = Bench([.restart])
        bench.makeReady()
        bench.handle(.checked(.deaf("deaf")))
        while bench.machine.state != .recovering(.restart, .deaf("deaf")) {
            bench.wait()
            bench.handle(.failed(.deaf("deaf")))
        }
        #expect(bench.handle(.rungDone(true)) == [.close])
        #expect(bench.handle(.vanished, after: .seconds(1)) == [])
        var gone = bench
        #expect(bench.handle(.appeared, after: .seconds(20)) == [.begin(.open)])
        let end = gone.wait()
        #expect(gone.machine.state == .absent)
        #expect(gone.now - bench.now <= .seconds(60))
        #expect(end.contains { if case .alarm = $0 { true } else { false } })
    }

    @Test("a lost line is taken for an unplugged stick when that is told soon, and opened again when not")
    func lostLine() {
        var bench = Bench()
        bench.makeReady()
        #expect(bench.handle(.lineLost) == [.abandon, .close])
        var other = bench
        #expect(bench.handle(.vanished, after: .milliseconds(50)) == [.abandon, .close, .tell(.lost(nil))])
        #expect(other.wait().last == .begin(.open))
    }

    @Test("a lent modem is left alone by everything but its own end")
    func leased() {
        var bench = Bench()
        bench.makeReady()
        #expect(bench.handle(.leased) == [.abandon])
        #expect(bench.machine.deadline == nil)
        for event: Machine.Event in [
            .timer, .reported, .checked(.deaf("")), .checked(nil), .failed(.deaf("")), .broughtUp, .opened,
            .rungDone(true), .appeared, .retry, .leased,
        ] {
            #expect(bench.handle(event) == [], "\(event)")
        }
        #expect(bench.handle(.givenBack(isClean: false)) == [.begin(.check(.afterCall))])
        #expect(bench.handle(.checked(nil)) == [])
        #expect(bench.machine.isReady)
    }

    // MARK: Anything at any time

    private static let troubles: [Machine.Trouble] = [
        .deaf("d"), .stuck("s"), .unopenable("u"), .lineLost, .card(.absent, "a"), .card(.pin, "p"), .cardFailure("f"),
        .noService("n", isSearching: true), .noService("n", isSearching: false),
    ]

    private static func event(_ random: inout SeededGenerator) -> Machine.Event {
        let trouble = troubles.randomElement(using: &random) ?? .lineLost
        let events: [Machine.Event] = [
            .appeared, .appearedUnusable("x"), .vanished, .opened, .broughtUp, .checked(nil), .checked(trouble),
            .failed(trouble), .rungDone(.random(using: &random)), .lineLost, .reported, .leased,
            .givenBack(isClean: .random(using: &random)), .retry, .timer, .timer, .timer,
        ]
        return events.randomElement(using: &random) ?? .timer
    }

    @Test("whatever happens in whatever order, the machine keeps its promises", arguments: 0..<200)
    func random(_ seed: Int) {
        var random = SeededGenerator(seed: seed)
        let rungs = Set(Machine.Rung.allCases.filter { _ in Bool.random(using: &random) })
        var bench = Bench(rungs)
        var isTold = false
        var performed: [ContinuousClock.Instant] = []
        for _ in 0..<400 {
            let before = bench.machine.state
            let event = Self.event(&random)
            if event == .timer, Bool.random(using: &random), let deadline = bench.machine.deadline {
                bench.now = max(bench.now, deadline)
            }
            let actions = bench.handle(event, after: .milliseconds(Int.random(in: 0...3000, using: &random)))
            for action in actions {
                switch action {
                case .begin(let work):
                    if case .leased = bench.machine.state { Issue.record("\(work) is done to a lent modem") }
                    guard case .perform(let rung) = work else { continue }
                    #expect(rungs.contains(rung))
                    performed.append(bench.now)
                case .tell(.found):
                    #expect(!isTold)
                    isTold = true
                case .tell(.lost):
                    #expect(isTold)
                    isTold = false
                case .tell(.ready), .tell(.degraded): #expect(isTold, "\(before) \(event)")
                case .tell(.signal): Issue.record("the machine knows no signal")
                case .abandon, .close, .alarm: break
                }
            }
            // Whatever takes time has an end.
            switch bench.machine.state {
            case .absent, .unusable, .stopped, .leased: #expect(bench.machine.deadline == nil)
            case .opening, .bringingUp, .ready, .settling, .blocked, .recovering, .awaitingReturn, .resting:
                #expect(bench.machine.deadline != nil, "\(before) \(event) \(bench.machine.state)")
            }
        }
        for (place, instant) in performed.enumerated() {
            let within = performed[place...].prefix { $0 - instant < .seconds(3600) }.count
            #expect(within <= bench.machine.limits.interventionsPerHour)
        }
        #expect(bench.handle(.stop) == [.abandon, .close])
        #expect(bench.handle(.appeared) == [] && bench.handle(.timer) == [])
    }
}

extension SupervisionMachineTests {
    @Test(
        "a person has a modem restarted where nobody has it, by its own command if it has one; elsewhere nothing happens"
    )
    func restartByHand() {
        var bench = Bench()
        bench.makeReady()
        #expect(
            bench.handle(.restart) == [
                .abandon, .tell(.degraded("being restarted by hand")), .begin(.perform(.familyReset)),
            ]
        )
        #expect(bench.handle(.restart) == [])
        bench.handle(.rungDone(true))
        #expect(!bench.machine.isReady)
        bench.handle(.appeared)
        bench.handle(.opened)
        #expect(bench.handle(.broughtUp).contains(.tell(.ready)))
        bench.handle(.leased)
        #expect(bench.handle(.restart) == [])
        #expect(bench.machine.state == .leased(from: .ready))

        var plain = Bench([.radio])
        plain.makeReady()
        #expect(plain.handle(.restart) == [])
        #expect(plain.machine.isReady)
    }
}
