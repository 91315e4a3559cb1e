import ModemSimulator
import NetworkSimulator
import TestSupport
import Testing

@Suite("The simulated PBX under random use")
struct PBXRandomTests {

    @Test("nobody stays behind, and nobody is joined with two", arguments: 0..<40)
    func leaks(_ seed: Int) {
        var chance = SeededGenerator(seed: UInt64(seed) &* 7919 &+ 1)
        let recognition = SimulatedPBX.Recognition.allCases[seed % 3]
        var rig = PBXRig {
            $0.recognition = recognition
            $0.joinsUnclaimed = seed % 2 == 0
            $0.honoursKeys = seed % 5 != 0
        }
        let targets = ["+4930123456", "+493023125001", "+493012345678", PBXRig.modemNumber, "112"]
        for _ in 0..<60 {
            let id =
                "\(["held", "call", "ticket"].randomElement(using: &chance) ?? "")-\(Int.random(in: 1...20, using: &chance))"
            switch Int.random(in: 0..<14, using: &chance) {
            case 0, 1:
                let patience = Int.random(in: 1...60, using: &chance)
                let now = rig.dialogue.now
                rig.dialogue.world
                    .callFromOutside(from: "030555", to: PBXRig.holding, givesUpAfter: .seconds(patience), at: now)
            case 2: _ = rig.ask(.originate(party: nil, target: targets.randomElement(using: &chance), id: nil), key: id)
            case 3: _ = rig.ask(.claim(held: id, caller: nil), key: "\(id) claim")
            case 4: _ = rig.ask(.release(held: id, reason: "declined"))
            case 5: _ = rig.ask(.hangUp(id))
            case 6: _ = rig.ask(.announce(target: targets.randomElement(using: &chance) ?? "", caller: nil))
            case 7: _ = rig.ask(.connect(id, "call-\(Int.random(in: 1...20, using: &chance))"))
            case 8: rig.dialogue.send("ATA")
            case 9: rig.dialogue.send("AT+CHUP")
            case 10: rig.dialogue.send("ATD\(rig.pbx.tickets.last?.dial ?? "+4922166966966");")
            case 11:
                for digit in (rig.pbx.tickets.last?.token ?? "0301") + "#" {
                    rig.dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(200))
                }
            case 12: rig.dialogue.world.outsideHangsUp(id, at: rig.dialogue.now)
            default: _ = rig.ask(.status(id))
            }
            rig.dialogue.pass(.milliseconds(Int.random(in: 0...4000, using: &chance)))
            for call in rig.dialogue.world.calls where call.isLive && call.isJoined {
                guard let peer = call.peer else {
                    Issue.record("\(call) is joined with nobody")
                    continue
                }
                #expect(rig.dialogue.world.calls.last { $0.id == peer }?.peer == call.id, "seed \(seed)")
            }
        }
        rig.dialogue.send("AT+CHUP")
        rig.dialogue.pass(.seconds(1200))
        rig.dialogue.send("AT+CHUP")
        rig.dialogue.pass(.seconds(5))
        let left = rig.dialogue.world.calls.filter(\.isLive)
        #expect(left.isEmpty, "seed \(seed): \(left)")
        #expect(rig.pbx.held.allSatisfy { !$0.isWaiting && $0.state != .joined }, "seed \(seed)")
        #expect(rig.pbx.originations.allSatisfy { $0.state == .ended }, "seed \(seed)")
        #expect(rig.pbx.tickets.allSatisfy { $0.state != .open }, "seed \(seed)")
    }
}
