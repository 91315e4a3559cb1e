import ModemSimulator
import NetworkSimulator
import TestSupport
import Testing

@Suite("Whatever is thrown at a world")
struct RandomInputTests {
    private static let commands = [
        "AT", "ATE0", "ATE1", "ATV0", "ATV1", "ATQ1", "ATQ0", "ATZ", "AT&F", "ATH", "ATA", "ATI", "A/", "ATS0=1",
        "ATD022166966966;", "ATD+4930123456;", "ATD+4922166966976;", "ATD+4922166966973;", "ATD112;", "ATD*100#;",
        "ATD0301", "ATD+491713920001;", "AT+CLCC", "AT+CLCC=1", "AT+CHUP", "AT+CHLD=11", "AT+CHLD=2", "AT+CHLD=1",
        "AT+CHLD=0", "AT+CHLD=3", "AT+VTS=1", "AT+VTS=\"1,2,3\"", "AT+VTS=\"0123456789*#\"", "AT^DTMF=1,5",
        "AT+VTD=255", "AT+CFUN=0", "AT+CFUN=1", "AT+CFUN=1,1", "AT+CFUN=4", "AT+CPIN?", "AT+CPIN=\"1234\"",
        "AT+CPIN=\"0000\"", "AT+CREG=2", "AT+CREG?", "AT+CEREG=1", "AT+COPS?", "AT+CSQ", "AT+CEER", "AT+CLIP=1",
        "AT+CRC=1", "AT+COLP=1", "AT+COLP=0", "AT+CVHU=0", "AT+CVHU=1", "AT+CCWA=1,1", "AT+CCWA=0,0", "AT^CURC=0",
        "AT^DDSETEX=2", "AT+QINDCFG=\"ccinfo\",1", "AT^DSCI=1", "AT+QHUP=16,1", "AT+MORING=1", "AT^SLCC=1",
        "AT^SM20=0", "AT^SM20=1", "AT^SHUP=16,0", "AT#ECAM=1", "AT+UCALLSTAT=1", "AT+QPOWD", "AT+CMEE=2",
        "AT+CSIM=10,\"0020000100\"", "AT+CPCMREG=1", "ATE0;+CSQ;D0301;", "AT=,,,\"", "AT+=?",
        "AT+CHLD=1" + "99999999999999999999",
        "AT+CPIN=99999999999999999999", "ATS99999999999999999999=1", "ATD" + String(repeating: "9", count: 90) + ";",
    ]

    private static let faults = [
        "late-reply:AT+CLCC:2s:*", "lost-reply:AT+VTS:*", "stuck:AT+CEER", "hangup-ignored:AT+CHUP",
        "deaf-after:in_progress", "unplug:handover", "unplug:alerting", "replug-after:1s", "spontaneous-reset:alerting",
        "vts-error:2", "no-clcc", "empty-list:3", "garbage", "split-writes", "glued-writes", "echo-returns",
        "numeric-results",
    ]

    private static func world(_ family: ModemFamily, _ random: inout SeededGenerator) throws -> SimulatedWorld {
        var world = SimulatedWorld(seed: random.next())
        var profile = ModemProfile(family)
        if Bool.random(using: &random) { profile.sim = .pin(code: "1234", tries: 3) }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            guard let fault = faults.randomElement(using: &random) else { continue }
            profile.faults.append(try SimulatedFault(parsing: fault))
        }
        _ = world.addModem(profile)
        _ = world.addModem(ModemProfile(.generic, number: 1))
        return world
    }

    @Test(
        "random commands, rings and pulled plugs never crash it, and it stays bounded",
        arguments: ModemFamily.allCases
    )
    func randomWorld(_ family: ModemFamily) throws {
        for seed in 0..<25 as Range<UInt64> {
            var random = SeededGenerator(
                seed: seed &+ UInt64(family.rawValue.utf8.reduce(7) { $0 &* 31 &+ Int($1) }.magnitude)
            )
            var world = try Self.world(family, &random)
            var now = ContinuousClock.now
            var written = 0
            for _ in 0..<400 {
                let modem = Int.random(in: -1...2, using: &random)
                switch Int.random(in: 0..<20, using: &random) {
                case 0: world.ring(modem: modem, from: Bool.random(using: &random) ? "+49301" : "", at: now)
                case 1: world.unplug(modem, at: now)
                case 2, 3: world.replug(modem, at: now)
                case 4: world.hangUpFarSide(call: Int.random(in: 0...50, using: &random), at: now)
                case 5:
                    let states = NetworkRegistration.allCases
                    if let state = states.randomElement(using: &random) {
                        world.setRegistration(state, of: modem, at: now)
                    }
                case 6:
                    let noise = (0..<Int.random(in: 0...40, using: &random))
                        .map { _ in UInt8.random(in: 0...255, using: &random) }
                    world.receive(noise, from: modem, at: now)
                default:
                    guard let command = Self.commands.randomElement(using: &random) else { continue }
                    world.receive(Array((command + "\r").utf8), from: modem, at: now)
                }
                now += .milliseconds(Int.random(in: 0...2500, using: &random))
                for case .bytes(_, let bytes) in world.advance(to: now) { written += bytes.count }
                if let next = world.nextDeadline { #expect(next > now) }
                #expect(world.liveCalls(of: 0) <= 8, "seed \(seed)")
            }
            #expect(written < 2_000_000)
            #expect(world.violations.count <= 1000)

            // Left alone, every call ends: first the modems hang up, then the network.
            world.unplug(0, at: now)
            world.unplug(1, at: now)
            now += .seconds(200)
            _ = world.advance(to: now)
            #expect(world.calls.allSatisfy { !$0.isLive }, "seed \(seed)")
            #expect(world.nextDeadline == nil, "seed \(seed)")
            #expect(world.calls.allSatisfy { $0.tones.count <= 512 })
        }
    }

    @Test("the times of a call are in order", arguments: ModemFamily.allCases)
    func callTimes(_ family: ModemFamily) throws {
        var random = SeededGenerator(seed: 42)
        var world = try Self.world(family, &random)
        var now = ContinuousClock.now
        for _ in 0..<600 {
            guard let command = Self.commands.randomElement(using: &random) else { continue }
            world.receive(Array((command + "\r").utf8), from: 0, at: now)
            now += .milliseconds(Int.random(in: 10...3000, using: &random))
            _ = world.advance(to: now)
        }
        for call in world.calls {
            let times = [call.dialledAt, call.alertingAt, call.answeredAt, call.endedAt].compactMap { $0 }
            #expect(times == times.sorted())
            #expect((call.endedAt == nil) == call.isLive)
            #expect((call.endedBy == nil) == call.isLive)
        }
    }
}
