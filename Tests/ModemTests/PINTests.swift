import CallFlows
import CallModel
import Modem
import ModemSimulator
import Synchronization
import Testing

/// A ledger in memory, with a switch that makes it fail.
private final class MemoryLedger: PINLedger {
    struct Full: Error {}

    let remedy = "clear it"
    private let cards = Mutex<Set<String>>([])
    private let isFull: Bool

    init(isFull: Bool = false) { self.isFull = isFull }

    var recorded: Set<String> { cards.withLock { $0 } }
    func hasFailedAttempt(card: String) -> Bool { cards.withLock { $0.contains(card) } }
    func recordAttempt(card: String) throws {
        if isFull { throw Full() }
        _ = cards.withLock { $0.insert(card) }
    }
    func clearAttempt(card: String) { _ = cards.withLock { $0.remove(card) } }
}

/// A card is never brought nearer to its PUK than by the one try that its counter allows.
@Suite struct PINTests {
    private static func rig(_ family: SimulatedFamily, tries: Int, faults: [SimulatedFault] = []) -> CallRig {
        var profile = ModemProfile(family)
        profile.sim = .pin(code: "4321", tries: tries)
        profile.faults = faults
        return CallRig(profile)
    }

    private static func options(_ pin: String, _ ledger: any PINLedger) -> ModemSession.BringUp {
        var options = ModemSession.BringUp()
        options.pin = { pin }
        options.ledger = ledger
        return options
    }

    @Test(
        "the right PIN is entered once, the card is off the record, and the call goes out",
        arguments: SimulatedFamily.allCases
    )
    func right(_ family: SimulatedFamily) {
        let ledger = MemoryLedger()
        let rig = Self.rig(family, tries: 3)
        let outcome = rig.call(bringUp: Self.options("4321", ledger))
        let attempts = rig.withWorld { world, _ in world.pinAttempts(of: 0) }
        if outcome.bringUpError == nil {
            #expect(attempts == ["4321"])
            #expect(outcome.end?.outcome == .completed)
            #expect(ledger.recorded.isEmpty)
        } else {
            // A family that can't tell how many tries are left gets none.
            #expect(attempts == [])
            #expect([.generic, .zte].contains(family), "\(String(describing: outcome.bringUpError))")
        }
    }

    @Test("a wrong PIN is tried once, and never again by any later run", arguments: SimulatedFamily.allCases)
    func wrong(_ family: SimulatedFamily) {
        let ledger = MemoryLedger()
        var attempts = 0
        for round in 0..<3 {
            let rig = Self.rig(family, tries: 3)
            let outcome = rig.call(bringUp: Self.options("1111", ledger))
            #expect(outcome.bringUpError?.category == .sim, "round \(round)")
            attempts += rig.withWorld { world, _ in world.pinAttempts(of: 0).count }
        }
        #expect(attempts <= 1)
    }

    @Test("with fewer than two tries left nothing is tried", arguments: SimulatedFamily.allCases)
    func lastTry(_ family: SimulatedFamily) {
        let rig = Self.rig(family, tries: 1)
        let outcome = rig.call(bringUp: Self.options("4321", MemoryLedger()))
        #expect(outcome.bringUpError?.category == .sim)
        #expect(rig.withWorld { world, _ in world.pinAttempts(of: 0) } == [])
    }

    @Test("without a place to write the attempt down nothing is tried", arguments: SimulatedFamily.allCases)
    func noRecord(_ family: SimulatedFamily) {
        let rig = Self.rig(family, tries: 3)
        let outcome = rig.call(bringUp: Self.options("4321", MemoryLedger(isFull: true)))
        #expect(outcome.bringUpError?.category == .sim)
        #expect(rig.withWorld { world, _ in world.pinAttempts(of: 0) } == [])
    }

    @Test(
        "an attempt whose answer is lost stays on record unless the card turns out to be open",
        arguments: SimulatedFamily.allCases
    )
    func lostAnswer(_ family: SimulatedFamily) throws {
        let ledger = MemoryLedger()
        let fault = try SimulatedFault(parsing: "lost-reply:AT+CPIN=:1")
        let rig = Self.rig(family, tries: 3, faults: [fault])
        _ = rig.call(bringUp: Self.options("4321", ledger))
        #expect(rig.withWorld { world, _ in world.pinAttempts(of: 0).count } <= 1)
    }
}
