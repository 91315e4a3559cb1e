import ModemSimulator
import NetworkSimulator
import Testing

/// A PBX, a modem, and the people behind both.
struct PBXRig {
    static let outside = "+4930555123"
    static let holding = "+4922166966950"
    static let modemNumber = "+491713920000"
    static let target = "+4930123456"

    var dialogue = Dialogue(ModemProfile(.generic))

    init(_ set: (inout SimulatedPBX.Settings) -> Void = { _ in }) {
        set(&dialogue.world.pbx.settings)
        dialogue.send("ATE0")
        dialogue.send("AT+CLIP=1")
        _ = dialogue.lines()
    }

    var pbx: SimulatedPBX { dialogue.world.pbx }

    /// Lets somebody call the PBX, which holds the caller.
    mutating func caller(givesUpAfter: Duration? = nil) throws -> String {
        let now = dialogue.now
        let id = dialogue.world.callFromOutside(
            from: Self.outside,
            to: Self.holding,
            givesUpAfter: givesUpAfter,
            at: now
        )
        return try #require(id)
    }

    mutating func ask(_ request: SimulatedPBX.Request, key: String? = nil) -> SimulatedPBX.Reply {
        dialogue.world.ask(request, key: key, at: dialogue.now)
    }

    mutating func ticket(_ request: SimulatedPBX.Request) throws -> SimulatedPBX.Ticket {
        let reply = ask(request)
        guard case .ticket(let ticket) = reply else {
            Issue.record("\(reply)")
            throw PBXRigFailure()
        }
        return ticket
    }

    /// What happened at the PBX, by its words.
    var story: [String] {
        dialogue.events.compactMap {
            guard case .pbx(let event) = $0 else { return nil }
            return event.name
        }
    }

    /// Who was joined with whom.
    var pairs: [[String]] {
        dialogue.events.compactMap {
            guard case .pbx(.joined(_, _, let caller, let target)) = $0 else { return nil }
            return [caller, target]
        }
    }

    /// Every leg that the network still holds up.
    var live: Int { dialogue.world.calls.count { $0.isLive } }
}

struct PBXRigFailure: Error {}
