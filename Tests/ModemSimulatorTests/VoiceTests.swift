import ModemSimulator
import NetworkSimulator
import Testing

/// The voice ttys of simulated modems: clock, sound both ways, faults.
@Suite struct VoiceTests {
    private static let number = "+493023125099"

    private static func dialogue(
        _ family: ModemFamily,
        _ faults: VoiceFault...,
        voice: FarVoice = .ordinary
    ) -> Dialogue {
        var profile = ModemProfile(family)
        profile.faults = faults.map { .voice($0) }
        var network = SimulatedNetwork.standard
        network.subscribers[number] = .immediateAnswer
        network.voices[number] = voice
        return Dialogue(profile, network: network)
    }

    /// A call that is answered, and its sound switched on as the family wants it.
    private static func talking(
        _ family: ModemFamily,
        _ faults: VoiceFault...,
        voice: FarVoice = .ordinary
    ) -> Dialogue {
        var profile = ModemProfile(family)
        profile.faults = faults.map { .voice($0) }
        var network = SimulatedNetwork.standard
        network.subscribers[number] = .immediateAnswer
        network.voices[number] = voice
        var modem = Dialogue(profile, network: network)
        modem.send("ATE0")
        modem.send("ATD\(number);", wait: .milliseconds(500))
        modem.send(arm(family), wait: .zero)
        return modem
    }

    private static func arm(_ family: ModemFamily) -> String {
        switch family {
        case .huawei: "AT^DDSETEX=2"
        case .simcom: "AT+CPCMREG=1"
        default: "AT+QPCMV=1,0"
        }
    }

    private static func samples(_ bytes: [UInt8]) -> [Int16] {
        stride(from: 0, to: bytes.count - 1, by: 2)
            .map { Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8) }
    }

    @Test(
        "a voice tty is silent until it is armed in a call",
        arguments: [.huawei, .simcom, .quectel] as [ModemFamily]
    )
    func silent(_ family: ModemFamily) {
        var modem = Self.dialogue(family)
        modem.send("ATE0")
        modem.send(Self.arm(family), wait: .seconds(1))
        #expect(modem.sound.isEmpty)
        modem.send("ATD\(Self.number);", wait: .seconds(1))
        #expect(modem.sound.isEmpty)
        if family == .quectel { modem.send("AT+QPCMV=0") }
        modem.send(Self.arm(family), wait: .seconds(1))
        #expect(modem.sound.count >= 15_000 && modem.sound.count <= 16_640)
        modem.send("AT+CHUP", wait: .seconds(1))
        let count = modem.sound.count
        modem.pass(.seconds(1))
        #expect(modem.sound.count == count)
    }

    @Test("Quectel's sound of an earlier call carries nothing until it is toggled")
    func stale() {
        var modem = Self.talking(.quectel)
        modem.pass(.seconds(1))
        modem.send("AT+CHUP", wait: .seconds(1))
        let count = modem.sound.count
        modem.send("ATD\(Self.number);", wait: .seconds(1))
        modem.send("AT+QPCMV=1,0", wait: .seconds(1))
        #expect(modem.sound.count == count)
        modem.send("AT+QPCMV=0")
        modem.send("AT+QPCMV=1,0", wait: .seconds(1))
        #expect(modem.sound.count > count + 14_000)
    }

    @Test("a clock that is 200 millionths off is that", arguments: [200, -200, 0])
    func drift(_ ppm: Int) {
        var modem = Self.talking(.huawei, .drift(ppm: ppm), voice: .silent)
        modem.pass(.seconds(500))
        let right = 25_000
        let frames = modem.sound.count / 320
        #expect(abs(frames - (right - right * ppm / 1_000_000)) <= 1)
    }

    @Test("the far side hears what is written, and echoes it")
    func echo() {
        var modem = Self.talking(.huawei, voice: .echo(after: .milliseconds(200)))
        let tone = (0..<8000).map { Int16(8000 * ($0 % 16 < 8 ? 1 : -1)) }
        let bytes = tone.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        for start in stride(from: 0, to: bytes.count, by: 320) {
            modem.world.receiveSound(Array(bytes[start..<start + 320]), from: 0, at: modem.now)
            modem.pass(.milliseconds(20))
        }
        modem.pass(.seconds(1))
        let heard = modem.world.heard(call: 1)
        #expect(heard.count { $0.magnitude == 8000 } == 8000)
        #expect(Self.samples(modem.sound).count { $0.magnitude == 8000 } == 8000)
        #expect(modem.world.voiceFigures(of: 0).spoken == 8000)
        #expect(modem.events.contains { if case .sound = $0 { true } else { false } })
    }

    @Test("digits in the sound are heard, each once")
    func digits() {
        var modem = Self.talking(.simcom)
        let voice = FarVoice.digits("1590*#AD", after: .seconds(1))
        modem.world.network.voices["+4930999"] = voice
        // What another number says is written by the program, as it would send digits in its sound.
        let bytes = Self.spoken(voice, samples: 32_000)
        for start in stride(from: 0, to: bytes.count, by: 640) {
            modem.world.receiveSound(Array(bytes[start..<min(start + 640, bytes.count)]), from: 0, at: modem.now)
            modem.pass(.milliseconds(40))
        }
        modem.pass(.seconds(1))
        #expect(modem.world.calls.first?.digits == "1590*#AD")
    }

    /// What a voice says, by way of a call to it.
    private static func spoken(_ voice: FarVoice, samples: Int) -> [UInt8] {
        var modem = talking(.huawei, voice: voice)
        modem.pass(.milliseconds(samples / 8 + 100))
        return modem.sound
    }

    @Test("two modems of one world hear each other")
    func crossed() {
        var network = SimulatedNetwork.standard
        network.voices = [:]
        var modems = Dialogue(ModemProfile(.huawei, number: 0), ModemProfile(.simcom, number: 1), network: network)
        modems.send("ATE0")
        modems.send("ATE0", modem: 1)
        modems.send("ATD\(ModemProfile(.simcom, number: 1).ownNumber);", wait: .seconds(1))
        modems.send("ATA", modem: 1, wait: .seconds(1))
        modems.send("AT^DDSETEX=2")
        modems.send("AT+CPCMREG=1", modem: 1)
        let before = modems.sound.count
        for _ in 0..<50 {
            modems.world.receiveSound(Array(repeating: 0x20, count: 320), from: 0, at: modems.now)
            modems.pass(.milliseconds(20))
        }
        // 0x2020 is what the one says, and only the other can hear it.
        #expect(Self.samples(Array(modems.sound[before...])).count { $0 == 0x2020 } > 6000)
    }

    @Test("faults of the sound strike as they are named")
    func faults() {
        var odd = Self.talking(.huawei, .oddByte)
        odd.pass(.seconds(1))
        #expect(odd.sound.count % 320 == 1)
        var stale = Self.talking(.huawei, .stale(.milliseconds(300)))
        stale.pass(.milliseconds(5))
        #expect(stale.sound.count == 4800)
        var stall = Self.talking(.huawei, .stall(.seconds(2)))
        stall.pass(.milliseconds(1500))
        let before = stall.sound.count
        stall.pass(.seconds(1))
        #expect(stall.sound.count == before)
        stall.pass(.seconds(1))
        #expect(stall.sound.count >= 55_000, "what came meanwhile comes at once")
        var deaf = Self.talking(.huawei, .deadUplink)
        deaf.world.receiveSound(Array(repeating: 0x20, count: 3200), from: 0, at: deaf.now)
        deaf.pass(.seconds(1))
        #expect(!deaf.world.takesSound(0))
        #expect(deaf.world.voiceFigures(of: 0).spoken == 0)
        var mute = Self.talking(.huawei, .deadDownlink)
        mute.pass(.seconds(1))
        #expect(mute.sound.isEmpty)
        var gone = Self.talking(.huawei, .unplug(.seconds(1)), .replug(.seconds(1)))
        gone.pass(.milliseconds(1500))
        #expect(gone.plugging == [.voicePort(modem: 0, isThere: false)])
        gone.pass(.seconds(1))
        #expect(gone.plugging.last == .voicePort(modem: 0, isThere: true))
        #expect(gone.world.liveCalls(of: 0) == 1)
    }

    @Test(
        "each fault of the sound is read from its text",
        arguments: [
            ("voice-drift:-200", VoiceFault.drift(ppm: -200)), ("voice-late:5s", .late(.seconds(5))),
            ("voice-worn", .worn),
            ("voice-stall:100ms", .stall(.milliseconds(100))), ("voice-swapped", .swapped),
            ("voice-unplug:1s", .unplug(.seconds(1))),
        ]
    )
    func texts(_ text: String, _ fault: VoiceFault) throws {
        #expect(try SimulatedFault(parsing: text) == .voice(fault))
        #expect(throws: SimulatedFaultError.self) { try SimulatedFault(parsing: "voice-drift:fast") }
        #expect(throws: SimulatedFaultError.self) { try SimulatedFault(parsing: "voice-worn:1s") }
    }
}
