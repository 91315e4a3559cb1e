import CallFlows
import CallModel
import TestSupport
import Testing

@Suite("A row of numbers")
struct CallChainTests {
    @Test("each is called once, until one is reached")
    func reached() {
        var chain = CallChain(["1", "2", "3"])
        #expect(chain.next(after: nil) == .dial("1"))
        #expect(chain.next(after: .noAnswer) == .dial("2"))
        #expect(chain.next(after: .completed) == .finish(.completed))
        #expect(chain.next(after: .busy) == .finish(.busy))
    }

    @Test("behind the last one it ends as that did, whatever the refusal")
    func unreached() {
        var chain = CallChain(["1", "2"])
        #expect(chain.next(after: nil) == .dial("1"))
        #expect(chain.next(after: .policy) == .dial("2"))
        #expect(chain.next(after: .noAnswer) == .finish(.noAnswer))
    }

    @Test("who stops one call stops the row")
    func interrupted() {
        var chain = CallChain(["1", "2"])
        _ = chain.next(after: nil)
        #expect(chain.next(after: .interrupted) == .finish(.interrupted))
        var none = CallChain([])
        #expect(none.next(after: nil) == .finish(.noAnswer))
    }

    @Test("random rows call each number at most once, in order, and end")
    func random() {
        for seed in 0..<500 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let numbers = (0..<Int.random(in: 0...6, using: &random)).map { "\($0)" }
            var chain = CallChain(numbers)
            var (called, step) = ([String](), chain.next(after: nil))
            for _ in 0..<20 {
                guard case .dial(let number) = step else { break }
                called.append(number)
                step = chain.next(after: CallOutcome.allCases.randomElement(using: &random))
            }
            #expect(called == Array(numbers.prefix(called.count)))
            guard case .finish = step else {
                Issue.record("seed \(seed) never ends")
                continue
            }
        }
    }

    @Test("numbers are read with commas between them")
    func written() {
        #expect(CallChain.numbers("030 1234,+49 171 5, 0401") == ["030 1234", "+49 171 5", "0401"])
        for wrong in ["", ",", "1,,2", "1, ", String(repeating: "1,", count: 32) + "1"] {
            #expect(CallChain.numbers(wrong) == nil, "\(wrong)")
        }
    }
}

@Suite("Digits that are heard")
struct HeardDigitsTests {
    @Test("a digit that the modem reports behind its tone counts once, and tones are passed over from then on")
    func once() {
        var digits = HeardDigits()
        var told = [Bool]()
        func take(_ digit: Character, _ source: DigitSource, _ time: Int) {
            told.append(digits.take(digit, from: source, at: at(time)))
        }
        take("1", .tone, 0)
        take("1", .modem, 300)
        take("2", .modem, 1_000)
        take("2", .tone, 1_050)
        take("2", .modem, 2_000)
        #expect(told == [true, false, true, false, true])
    }

    @Test("without reports every tone counts, also the same one again")
    func tones() {
        var digits = HeardDigits()
        for time in stride(from: 0, to: 4_000, by: 200) {
            let isTold = digits.take("5", from: .tone, at: at(time))
            #expect(isTold)
        }
    }

    @Test("in random order no digit is told twice, and none is lost", arguments: 0..<200 as Range<UInt64>)
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var digits = HeardDigits()
        var (told, pressed, now) = (0, 0, 0)
        // A modem that reports each digit up to 900 ms behind its tone, or before it.
        let isReporting = Bool.random(using: &random)
        for _ in 0..<20 {
            let digit = Array("0123456789*#")[Int.random(in: 0..<12, using: &random)]
            pressed += 1
            now += 1_500
            var events = [(now, DigitSource.tone)]
            if isReporting { events.append((now + Int.random(in: -90...900, using: &random), .modem)) }
            for (time, source) in events.sorted(by: { $0.0 < $1.0 }) {
                if digits.take(digit, from: source, at: at(time)) { told += 1 }
            }
        }
        #expect(told == pressed)
    }
}
