import CallModel
import Modem
import ModemSimulator
import NetworkSimulator
import Synchronization
import Testing

/// The sound of calls on simulated modems: switched on after the answer, mended once, switched off at the end.
@Suite struct SoundTests {
    static func profile(_ family: SimulatedFamily, _ faults: SimulatedFault...) -> ModemProfile {
        var profile = ModemProfile(family)
        profile.faults = faults
        return profile
    }

    static let voice = LegSound.tty(path: "/dev/voice", rate: 8000)

    @Test(
        "the sound flows after the answer, and is off after the call",
        arguments: [.huawei, .simcom, .quectel] as [SimulatedFamily]
    )
    func flows(_ family: SimulatedFamily) throws {
        let sound = try #require(SoundRig(Self.profile(family)))
        sound.dial()
        sound.pass(.seconds(2))
        #expect(sound.results == [.success(Self.voice)])
        // Two seconds without half of one for the arming: 16 bytes a millisecond.
        #expect(sound.rig.soundBytes.count > 24_000)
        #expect(sound.isSounding)
        sound.hangUp()
        #expect(!sound.isSounding)
        let armed = ["^DDSETEX=2", "+CPCMREG=1", "+QPCMV=1,0"]
        let number = sound.commands.lastIndex { armed.contains($0) }
        let answered = sound.commands.firstIndex { $0.hasPrefix("D") }
        #expect(try #require(answered) < #require(number), "armed before it was dialled")
        // A second call has sound as well.
        let before = sound.rig.soundBytes.count
        sound.dial()
        sound.pass(.seconds(2))
        #expect(sound.results == [.success(Self.voice), .success(Self.voice)])
        #expect(sound.rig.soundBytes.count > before + 24_000)
        sound.hangUp()
        #expect(sound.rig.withWorld { world, _ in world.violations } == [])
    }

    @Test(
        "what is armed is disarmed",
        arguments: [(.simcom, "+CPCMREG=0"), (.quectel, "+QPCMV=0")] as [(SimulatedFamily, String)]
    )
    func disarmed(_ family: SimulatedFamily, _ command: String) throws {
        let sound = try #require(SoundRig(Self.profile(family)))
        sound.dial()
        sound.pass(.seconds(1))
        let before = sound.commands.count
        sound.hangUp()
        #expect(sound.commands[before...].contains(command))
        // Without sound nothing is armed, and nothing disarmed.
        let silent = try #require(SoundRig(Self.profile(family)))
        silent.dial(opens: false)
        silent.pass(.seconds(1))
        silent.hangUp()
        #expect(!silent.commands.contains { $0.hasPrefix("+CPCMREG") || $0.hasPrefix("+QPCMV") })
    }

    @Test("sound that is wanted while it rings waits for the answer")
    func early() throws {
        let sound = try #require(SoundRig(Self.profile(.simcom)))
        sound.dial(opensEarly: true)
        sound.pass(.seconds(1))
        #expect(sound.results == [.success(Self.voice)])
        #expect(sound.commands.count { $0 == "+CPCMREG=1" } == 1)
        sound.hangUp()
    }

    @Test("SIMCom's sound that is ready only after 5 s is got within its 12 s, and says that the stick is worn")
    func late() throws {
        let sound = try #require(SoundRig(Self.profile(.simcom, .voice(.late(.seconds(5))))))
        sound.dial()
        sound.pass(.seconds(4))
        #expect(sound.results == [])
        sound.pass(.seconds(3))
        #expect(sound.results == [.success(Self.voice)])
        #expect(sound.rig.session.assumeIsolated { $0.soundIsWorn })
        sound.hangUp()
    }

    @Test("a healthy stick is not called worn, and a call after a restart begins anew")
    func worn() throws {
        let sound = try #require(SoundRig(Self.profile(.simcom, .voice(.worn))))
        sound.dial()
        sound.pass(.seconds(1))
        #expect(!sound.rig.session.assumeIsolated { $0.soundIsWorn })
        sound.hangUp()
        sound.dial()
        sound.pass(.seconds(1))
        #expect(sound.results == [.success(Self.voice), .success(Self.voice)])
        #expect(sound.rig.session.assumeIsolated { $0.soundIsWorn })
        sound.hangUp()
        #expect(sound.rig.session.assumeIsolated { $0.soundIsWorn }, "it is known after the call too")
    }

    @Test(
        "sound that is refused is said with its reason, and the call goes on",
        arguments: [.huawei, .simcom, .quectel] as [SimulatedFamily]
    )
    func refused(_ family: SimulatedFamily) throws {
        let sound = try #require(SoundRig(Self.profile(family, .voice(.refused))))
        sound.dial()
        sound.pass(.seconds(20))
        guard case .failure(.refused(let reason)) = sound.results.first else {
            Issue.record("\(sound.results)")
            return
        }
        #expect(reason.contains("AT"))
        #expect(sound.rig.withWorld { world, _ in world.liveCalls(of: 0) } == 1)
        let tries = sound.commands.count { $0 == "^DDSETEX=2" }
        if family == .huawei { #expect(tries == 2, "retried once") }
        sound.hangUp()
        #expect(sound.rig.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
    }

    @Test(
        "sound that sticks comes back by the family's remedy, once a call",
        arguments: [.huawei, .simcom, .quectel] as [SimulatedFamily]
    )
    func repaired(_ family: SimulatedFamily) throws {
        let sound = try #require(SoundRig(Self.profile(family, .voice(.sticks))))
        sound.dial()
        sound.pass(.seconds(4))
        let stuck = sound.rig.soundBytes.count
        sound.pass(.seconds(1))
        #expect(sound.rig.soundBytes.count == stuck)
        sound.perform(.repairSound)
        sound.pass(.seconds(1))
        #expect(sound.news == [.repaired(Self.voice)])
        #expect(sound.rig.soundBytes.count > stuck + 8000)
        sound.perform(.repairSound)
        sound.pass(.seconds(1))
        guard case .lost = sound.news.last else {
            Issue.record("\(sound.news)")
            return
        }
        #expect(sound.rig.withWorld { world, _ in world.liveCalls(of: 0) } == 1)
        sound.hangUp()
    }

    @Test("a voice tty that comes back under another name is said")
    func renamed() throws {
        let sound = try #require(SoundRig(Self.profile(.huawei)))
        sound.dial()
        sound.pass(.seconds(1))
        sound.places.withLock { $0.tty = "/dev/other" }
        sound.perform(.repairSound)
        sound.pass(.seconds(1))
        #expect(sound.news == [.repaired(.tty(path: "/dev/other", rate: 8000))])
        sound.hangUp()
    }

    @Test("the end of the call ends an opening that still waits")
    func over() throws {
        let sound = try #require(SoundRig(Self.profile(.simcom, .voice(.refused))))
        sound.dial()
        sound.pass(.seconds(1))
        sound.hangUp()
        #expect(sound.results == [.failure(.over)])
    }

    @Test("what nobody wants any more is switched off in the call")
    func closed() throws {
        let sound = try #require(SoundRig(Self.profile(.simcom)))
        sound.dial()
        sound.pass(.seconds(1))
        sound.close()
        sound.pass(.seconds(1))
        #expect(!sound.isSounding)
        #expect(sound.rig.withWorld { world, _ in world.liveCalls(of: 0) } == 1)
        sound.open()
        sound.pass(.seconds(1))
        #expect(sound.isSounding)
        sound.hangUp()
    }

    @Test("Quectel's word that it takes no more is passed on, and so is that it does")
    func pause() throws {
        let sound = try #require(SoundRig(Self.profile(.quectel)))
        sound.dial()
        sound.pass(.seconds(1))
        sound.rig.withWorld { world, now in world.receiveSound(Array(repeating: 0, count: 4800), from: 0, at: now) }
        sound.pass(.seconds(1))
        #expect(sound.news == [.uplink(isPaused: true), .uplink(isPaused: false)])
        sound.hangUp()
    }

    @Test(
        "without sound a call is made as ever, and the reason is one line",
        arguments: [.sim800, .ublox, .telit, .zte] as [SimulatedFamily]
    )
    func none(_ family: SimulatedFamily) throws {
        let sound = try #require(SoundRig(Self.profile(family), places: SoundPlaces()))
        sound.dial()
        sound.pass(.seconds(1))
        guard case .failure(.unavailable(let reason)) = sound.results.first else {
            Issue.record("\(sound.results)")
            return
        }
        #expect(!reason.contains("\n") && !reason.isEmpty)
        sound.hangUp()
        #expect(sound.rig.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
    }

    /// Everything that can go wrong with a voice tty, and whether the sound can be had all the same.
    static let troubles: [(fault: VoiceFault, opens: Bool)] = [
        (.refused, false), (.late(.seconds(20)), false), (.worn, true), (.sticks, true),
        (.stall(.milliseconds(100)), true),
        (.stall(.seconds(2)), true), (.stale(.milliseconds(300)), true), (.deadUplink, true), (.deadDownlink, true),
        (.swapped, true), (.oddByte, true), (.unplug(.milliseconds(500)), true), (.unplug(.zero), true),
        (.drift(ppm: 200), true), (.drift(ppm: -200), true),
    ]

    @Test(
        "whatever happens to the sound, digits go out, the call is hung up for certain, and the next one is made",
        arguments: [.huawei, .simcom, .quectel] as [SimulatedFamily],
        troubles
    )
    func control(_ family: SimulatedFamily, _ trouble: (fault: VoiceFault, opens: Bool)) throws {
        let sound = try #require(SoundRig(Self.profile(family, .voice(trouble.fault))))
        for call in 1...2 {
            sound.dial("+4930123456")
            sound.pass(.seconds(2))
            // It has stopped, as the audio loop would tell.
            sound.perform(.repairSound)
            sound.perform(.tone("5", lasting: .milliseconds(120), isSecret: false))
            sound.pass(.seconds(2))
            let heard = sound.rig.withWorld { world, _ in world.calls.last?.digits }
            #expect(heard == "5", "call \(call)")
            sound.hangUp()
            #expect(sound.rig.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
            #expect(sound.results.count == call, "each opening ends, call \(call): \(sound.results)")
        }
        #expect(sound.results.contains { (try? $0.get()) != nil } == trouble.opens)
        #expect(sound.rig.withWorld { world, _ in world.violations } == [])
    }

    @Test("the stick pulled out with its sound: an opening ends, and nothing is sent to it any more")
    func pulledOut() throws {
        let sound = try #require(SoundRig(Self.profile(.simcom, .voice(.refused))))
        sound.dial()
        sound.pass(.milliseconds(500))
        sound.rig.withWorld { world, now in world.unplug(0, at: now) }
        sound.pass(.seconds(2))
        #expect(sound.results == [.failure(.over)])
        sound.perform(.repairSound)
        sound.pass(.seconds(1))
        #expect(sound.news == [])
    }

    @Test("what is set is used before what the bus shows")
    func choice() throws {
        let bus = { (choice: ModemSound) in SoundPlaces(choice: choice, tty: "/dev/bus", device: "hw:1") }
        let sound = try #require(SoundRig(Self.profile(.quectel), places: SoundPlaces()))
        let offer = sound.rig.session.assumeIsolated { $0.soundOffer }
        func place(_ places: SoundPlaces) -> LegSound? { try? offer.sound(places) }
        #expect(place(bus(ModemSound())) == .alsa(device: "hw:1", rate: 8000))
        #expect(place(bus(ModemSound(way: .tty))) == .tty(path: "/dev/bus", rate: 8000))
        #expect(place(bus(ModemSound(way: .tty, tty: "/dev/own"))) == .tty(path: "/dev/own", rate: 8000))
        #expect(place(bus(ModemSound(tty: "/dev/own"))) == .tty(path: "/dev/own", rate: 8000))
        #expect(place(bus(ModemSound(device: "hw:7"))) == .alsa(device: "hw:7", rate: 8000))
        #expect(place(bus(ModemSound(way: .none))) == nil)
        #expect(place(SoundPlaces()) == nil)
        #expect(place(SoundPlaces(choice: ModemSound(way: .tty))) == nil)
    }
}
