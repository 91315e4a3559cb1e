import CallModel
import FoundationEssentials
import Testing

@testable import SIPCalls
@testable import Settings

@Suite("Steps of a rule whose time comes as something else happens") struct PeopleRingsTests {
    private let call = UUID()

    /// A ring of a rule with two further steps, whose first people ring.
    private func begun() throws -> (PeopleRings, UInt64) {
        var rule = Configuration.IncomingRule()
        rule.ring = [.phone("desk")]
        rule.then = [
            Configuration.IncomingRule.Step(after: .seconds(10), ring: [.phone("hall")]),
            Configuration.IncomingRule.Step(after: .seconds(20), ring: [.phone("attic")]),
        ]
        var people = PeopleRings()
        let first = people.begin(call, by: rule)
        let ring = try #require(first)
        #expect(people.begin(call, by: rule) == nil, "a call rings once")
        return (people, ring.number)
    }

    @Test("a step whose time comes as one has taken the call rings nobody")
    func taken() throws {
        var (people, number) = try begun()
        people.live[call]?.taker = .phone("desk")
        #expect(people.step(number, 0) == nil && people.step(number, nil) == nil)
        #expect(people.live[call]?.steps == 0)
    }

    @Test("a step whose time comes as the call is given up, or is over, rings nobody")
    func givenUp() throws {
        var (people, number) = try begun()
        people.live[call]?.isGivenUp = true
        #expect(people.step(number, 0) == nil)
        people.live[call] = nil
        #expect(people.step(number, 0) == nil && people.isIdle(number))
    }

    @Test("where all refuse as a step's time comes, it rings once, and the next one in its turn")
    func refused() throws {
        var (people, number) = try begun()
        #expect(people.step(number, nil)?.people == [.phone("hall")])
        #expect(people.step(number, 0) == nil, "it rings already")
        // They are about to ring: that nobody rings now is no end.
        #expect(!people.isIdle(number))
        people.live[call]?.beginning = 0
        #expect(people.isIdle(number))
        #expect(people.step(number, 1)?.people == [.phone("attic")])
        #expect(people.step(number, nil) == nil, "there is none left")
    }

    @Test("a step of those before has no say where another one is rung alone")
    func another() throws {
        var (people, number) = try begun()
        people.live[call]?.atBox = [.browser]
        let another = people.goOn(call, with: .phone("home"))
        let next = try #require(another)
        #expect(next.number != number && people.step(number, 0) == nil && people.step(next.number, 0) == nil)
        people.live[call]?.beginning = 0
        #expect(people.isIdle(next.number))
    }

    @Test("who is at the box is waited for")
    func atBox() throws {
        var (people, number) = try begun()
        people.live[call]?.atBox = [.alsa(device: nil)]
        #expect(!people.isIdle(number))
    }
}
