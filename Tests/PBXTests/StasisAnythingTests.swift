import FoundationEssentials
import TestSupport
import Testing
import TextCoding

@testable import PBX

// Whatever happens in whatever order.
extension StasisMachineTests {
    @Test(
        "whatever happens in whatever order: nobody is joined twice or forgotten",
        arguments: 0..<200 as Range<UInt64>
    )
    func anything(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var bench = try Bench()
        var there: Set<String> = []
        var joined: [String: Int] = [:]
        for step in 0..<120 {
            let id = "c\(Int.random(in: 0..<12, using: &random))"
            switch Int.random(in: 0..<12, using: &random) {
            case 10:
                // Too many at once are refused.
                let own = ["+4915112345678", nil].randomElement(using: &random) ?? nil
                guard let ticket = try? bench.announce("+4930\(step)", by: own, key: UUID()) else { continue }
                if let token = ticket.token, let call = there.sorted().randomElement(using: &random) {
                    try bench.types(token.reveal() + "#", in: call)
                }
            case 11:
                // The SIM's call comes for the caller that it claimed, not for whom it was announced before.
                _ = try? bench.announce("+4930999999", by: "+4915112345678", key: UUID())
                guard let held = there.filter({ $0.contains("h") }).sorted().randomElement(using: &random),
                    (try? bench.claim(held, key: UUID())) != nil
                else { continue }
                let before = bench.commands.count
                try bench.enters("x\(step)d", "dialin", from: "015112345678")
                let led = bench.commands.dropFirst(before).contains { if case .lead = $0 { true } else { false } }
                #expect(!led)
                there.insert("x\(step)d")
            case 0...1:
                if there.insert("\(id)h\(step)").inserted { try bench.enters("\(id)h\(step)", "held") }
            case 2...3:
                there.insert("\(id)d\(step)")
                try bench.enters(
                    "\(id)d\(step)",
                    "dialin",
                    from: ["+4915112345678", ""].randomElement(using: &random) ?? ""
                )
            case 4:
                guard let held = there.filter({ $0.contains("h") }).sorted().randomElement(using: &random) else {
                    continue
                }
                // One that is gone, or somebody else's, may be refused.
                _ = try? bench.claim(
                    held,
                    by: ["+4915112345678", nil].randomElement(using: &random) ?? nil,
                    key: UUID(),
                    withToken: Bool.random(using: &random)
                )
            case 5...6:
                guard let gone = there.sorted().randomElement(using: &random) else { continue }
                there.remove(gone)
                try bench.leaves(gone)
            case 7: bench.passes(.seconds(Int.random(in: 0..<30, using: &random)))
            case 8:
                guard let command = bench.commands.randomElement(using: &random) else { continue }
                bench.finishes(command, Bool.random(using: &random))
            default:
                bench.machine.closed()
                bench.machine.opening()
                let snapshot = StasisSnapshot(channels: Set(try there.map { try Rig.reference($0) }))
                bench.note(bench.machine.opened(snapshot, at: bench.now))
            }
        }
        for case .lead(let channel, _, _) in bench.commands { joined[channel.text, default: 0] += 1 }
        for case .join(let held, let dialIn, _, _) in bench.commands {
            joined[held.text, default: 0] += 1
            joined[dialIn.text, default: 0] += 1
        }
        #expect(joined.values.allSatisfy { $0 == 1 })
        for id in there { try bench.leaves(id) }
        bench.passes(.seconds(300))
        #expect(bench.machine.isIdle)
        // Each caller that was told of has one end.
        let told = bench.events.filter { if case .held = $0.kind { true } else { false } }.map(\.call)
        for call in told {
            let ends = bench.events.filter { $0.call == call && ["ended", "expired"].contains($0.kind.name) }
            #expect(ends.count == 1, "\(call): \(ends)")
        }
    }
}
