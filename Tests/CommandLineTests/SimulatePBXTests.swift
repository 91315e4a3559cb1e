import ModemSimulator
import NetworkSimulator
import PBXSimulator
import SimulatedTerminals
import Testing

@testable import Simulation
@testable import gsmbridge

@Suite("What simulate is told about its PBX")
struct SimulatePBXTests {
    @Test(
        "faults of the PBX are read",
        arguments: [
            ("slow=3s", SimulatedPBXFault.http(.slow(.seconds(3)), nil, times: nil)),
            ("status=503:health", .http(.status(503), .health, times: nil)),
            ("lost-reply:callback:1", .http(.lostReply, .callback, times: 1)),
            ("too-many=2:claim", .http(.tooMany(retryAfter: 2), .claim, times: nil)),
            ("half-body:ari:3", .http(.halfBody, .ari, times: 3)), ("no-ring", .ring(.never)),
            ("late-ring=10s", .ring(.late(.seconds(10)))), ("ring-from=030999", .ring(.elsewhere(from: "+4930999"))),
        ]
    )
    func faults(_ text: String, _ fault: SimulatedPBXFault) throws {
        #expect(try SimulatedPBXFault.reading(text) == fault)
    }

    @Test(
        "what is none is refused",
        arguments: [
            "", ":", "slow=s", "slow=-1s", "status=200", "status", "garbage=1", "garbage:", "garbage:claim:x",
            "garbage:claim:1:2", "no-ring=1", "no-ring:claim", "ring-from=", "late-ring",
        ]
    )
    func mistakes(_ text: String) {
        #expect(throws: (any Error).self) { try SimulatedPBXFault.reading(text) }
    }

    @Test(
        "what a person types is understood",
        arguments: [
            ("call 030555123", OutsideCommand.call(from: "030555123", to: nil, keys: nil)),
            ("  call anonymous +4922166966950 ", .call(from: "anonymous", to: "+4922166966950", keys: nil)),
            ("call 0301 +49171 12#", .call(from: "0301", to: "+49171", keys: "12#")),
            ("hangup held-1", .hangUp("held-1")), ("held", .list), ("call", .help), ("dance", .help), ("", nil),
        ]
    )
    func commands(_ line: String, _ command: OutsideCommand?) {
        #expect(OutsideCommand(line) == command)
    }

    @Test("a person makes somebody call, looks who is held, and lets them hang up")
    func outside() throws {
        var world = SimulatedWorld()
        _ = world.addModem(ModemProfile(.generic))
        let host = try PseudoTerminalHost(world: world)
        func type(_ line: String) -> String? { OutsideCommand(line)?.perform(in: host) }
        #expect(type("held") == "nobody is held")
        #expect(type("call 030555123") == nil)
        #expect(type("held") == "held-1: +4930555123 to +4922166966950")
        #expect(type("call 030555123 +49301") != nil)
        #expect(type("hangup held-2") != nil)
        #expect(type("hangup held-1") == nil)
        #expect(type("held") == "nobody is held")
    }
}
