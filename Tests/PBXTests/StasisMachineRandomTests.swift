import DialPlan
import FoundationEssentials
import TestSupport
import Testing

@testable import PBX

/// Held callers at an Asterisk that does what it likes: tells late, twice or wrongly, and fails at will.
@Suite("an application at an Asterisk that does what it likes") struct StasisMachineRandomTests {
    /// What the other end knows, and what it was told to do.
    private struct Peer {
        var bench: StasisMachineTests.Bench
        var random: SeededGenerator
        /// The channels that came in and were not told to be gone.
        var there: Set<String> = []
        /// Those that were let go: hung up, refused, or back in the dialplan.
        var released: Set<String> = []
        /// Who is joined with whom, as far as that was asked for.
        var partners: [String: String] = [:]
        var seen: Set<String> = []
        var outstanding: [StasisCommand] = []
        var read = (commands: 0, events: 0)
        var waiting: Set<String> = []
        var flaws: [String] = []
        /// What happened, for people.
        var trace: [String] = []

        init(seed: UInt64) throws {
            bench = try StasisMachineTests.Bench()
            random = SeededGenerator(seed: seed)
        }

        mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

        mutating func step() throws {
            let id = "c\(pick(0..<12))"
            let kind = pick(0..<16)
            trace.append("step \(kind) \(id)")
            switch kind {
            case 0...4: try enter(id)
            case 5, 6:
                there.remove(id)
                try bench.leaves(id)
            case 7: try bench.types(["1", "12#", "12345678#", "#"][pick(0..<4)], in: id)
            case 8...10:
                let own = ["+4915112345678", nil][pick(0..<2)]
                // Whoever asks too late, or for somebody who is not there, is told so.
                _ = try? bench.claim(id, by: own, key: UUID())
            case 11, 12: bench.passes(.seconds(pick(0..<40)))
            case 13, 14:
                if !outstanding.isEmpty {
                    let command = outstanding.remove(at: pick(0..<outstanding.count))
                    let succeeds = pick(0..<4) > 0
                    trace.append("\(command) \(succeeds ? "succeeds" : "fails")")
                    bench.finishes(command, succeeds)
                }
            default: try reconnect()
            }
            try note()
        }

        private mutating func enter(_ id: String) throws {
            let arguments = [["held"], ["held"], ["dialin"], [], ["other"]][pick(0..<5)]
            let caller = ["4915112345678", "0151 12345678", "03055512345", "", "anonymous"][pick(0..<5)]
            // Nobody comes in again before Asterisk has told that they left.
            if released.contains(id), there.remove(id) != nil { try bench.leaves(id) }
            if there.insert(id).inserted {
                released.remove(id)
                partners[id] = nil
                waiting.remove(id)
            }
            seen.insert(id)
            let isUp = pick(0..<2) == 0
            switch arguments.first {
            case let argument?: try bench.enters(id, argument, isUp: isUp, from: caller)
            case nil: try bench.enters(id, isUp: isUp, from: caller)
            }
        }

        private mutating func reconnect() throws {
            bench.machine.closed()
            bench.machine.opening()
            guard pick(0..<5) > 0 else {
                // A PBX that does not say who is there is believed to have lost nobody.
                bench.note(bench.machine.opened(nil, at: bench.now))
                return
            }
            // Some went while nobody looked.
            for id in there.sorted() where pick(0..<4) == 0 { there.remove(id) }
            let channels = Set(try there.map { try Rig.reference($0) })
            bench.note(bench.machine.opened(StasisSnapshot(channels: channels), at: bench.now))
        }

        /// Follows what the machine wants, and looks whether it may want that.
        mutating func note() throws {
            for command in bench.commands[read.commands...] {
                trace.append("-> \(command)")
                switch command {
                case .hold(let id, _), .listen(let id, _):
                    if released.contains(id.text) { flaws.append("\(id) was let go, and is held or listened to") }
                    outstanding.append(command)
                case .goOn(let id), .hangUp(let id), .turnAway(let id): release(id.text)
                case .join(let held, let dialIn, _, _):
                    for id in [held.text, dialIn.text] {
                        if partners[id] != nil { flaws.append("\(id) is joined twice") }
                        if released.contains(id) { flaws.append("\(id) was let go, and is joined") }
                    }
                    partners[held.text] = dialIn.text
                    partners[dialIn.text] = held.text
                    outstanding.append(command)
                default: break
                }
            }
            read.commands = bench.commands.count
            for event in bench.events[read.events...] {
                let id = event.call.text
                switch event.kind.name {
                case "held":
                    if !waiting.insert(id).inserted { flaws.append("\(id) is told of as held twice") }
                case "expired", "ended": waiting.remove(id)
                default: break
                }
            }
            read.events = bench.events.count
            if outstanding.count > 64 { outstanding.removeFirst(32) }
        }

        private mutating func release(_ id: String) {
            if !seen.contains(id) { flaws.append("\(id) never came, and is let go") }
            released.insert(id)
        }

        /// Nobody is left alone: in the end everybody who is there was let go, or has somebody to talk to.
        mutating func end() throws {
            for _ in 0..<4 {
                bench.passes(.seconds(60))
                try note()
            }
            for id in there.sorted() where !released.contains(id) {
                guard let partner = partners[id], there.contains(partner), !released.contains(partner) else {
                    flaws.append("\(id) is left alone")
                    continue
                }
            }
            for id in there.sorted() { try bench.leaves(id) }
            bench.passes(.seconds(300))
            try note()
            if !bench.machine.isIdle { flaws.append("it remembers somebody though all have gone") }
            if bench.machine.deadline != nil { flaws.append("it waits for something though all have gone") }
        }
    }

    @Test("nobody is joined twice, left alone, or remembered for ever")
    func random() throws {
        for seed in RandomRounds(300) {
            var peer = try Peer(seed: seed)
            for _ in 0..<80 { try peer.step() }
            try peer.end()
            #expect(peer.flaws == [], "seed \(seed): \(peer.trace.joined(separator: "; "))")
            if !peer.flaws.isEmpty { return }
        }
    }
}
