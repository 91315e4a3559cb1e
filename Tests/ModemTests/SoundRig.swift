import CallModel
import Modem
import ModemSimulator
import ModemTestSupport
import Synchronization
import Testing

/// A modem that is ready, and legs on it whose sound is opened at the answer, on simulated time.
final class SoundRig: Sendable {
    let rig: CallRig
    private let events = Mutex<[LegEvent]>([])
    private let opened = Mutex<[Result<LegSound, LegSoundError>]>([])
    private let leg = Mutex<ModemLeg?>(nil)
    let places: Mutex<SoundPlaces>

    /// Brings the modem up; nil when that failed.
    init?(_ profile: ModemProfile, places: SoundPlaces = SoundPlaces(tty: "/dev/voice")) {
        rig = CallRig(profile)
        let places = Mutex(places)
        self.places = Mutex(places.withLock { $0 })
        let isReady = Mutex(false)
        let isDone = Mutex(false)
        rig.start { [self] session in
            await session.findSound { [self] in self.places.withLock { $0 } }
            do throws(ModemError) {
                try await session.bringUp()
                isReady.withLock { $0 = true }
            } catch {}
            isDone.withLock { $0 = true }
        }
        rig.drive(until: rig.loop.now + .seconds(600)) { isDone.withLock { $0 } }
        guard isReady.withLock({ $0 }) else { return nil }
    }

    /// The commands that the modem has executed, without their `AT`.
    var commands: [String] { rig.withWorld { world, _ in world.commands(of: 0).map { String($0.dropFirst(2)) } } }
    var figures: VoiceFigures { rig.withWorld { world, _ in world.voiceFigures(of: 0) } }
    var isSounding: Bool { rig.withWorld { world, _ in world.isSounding(0) } }
    /// What was said of the sound, in order.
    var news: [SoundNews] {
        events.withLock { $0.compactMap { if case .sound(let news) = $0 { news } else { nil } } }
    }
    /// How each opening ended.
    var results: [Result<LegSound, LegSoundError>] { opened.withLock { $0 } }

    func pass(_ duration: Duration) { rig.drive(until: rig.loop.now + duration) }

    /// Dials, and opens the sound as soon as it is asked for.
    ///
    /// - Parameter opens: whether the sound is opened before the answer, at it, or not at all.
    func dial(_ number: String = "+4930123456", opensEarly: Bool = false, opens: Bool = true) {
        rig.loop.start { [self] in
            do throws(ModemError) { try await rig.session.prepareToDial() } catch { return }
            let leg = ModemLeg(rig.session, rig.loop)
            self.leg.withLock { $0 = leg }
            leg.listen { [self] event in
                events.withLock { $0.append(event) }
                if event == (opensEarly ? .dialled : .answered), opens { open() }
            }
            leg.perform(.dial(number, blocksFor: .seconds(60)))
        }
        rig.drive(until: rig.loop.now + .seconds(30)) { events.withLock { $0.contains(.answered) } }
    }

    func open() {
        guard let leg = leg.withLock({ $0 }) else { return }
        rig.loop.start { [self] in
            let result: Result<LegSound, LegSoundError>
            do throws(LegSoundError) { result = .success(try await leg.openSound()) } catch { result = .failure(error) }
            opened.withLock { $0.append(result) }
        }
    }

    func perform(_ command: LegCommand) {
        guard let leg = leg.withLock({ $0 }) else { return }
        rig.loop.start { leg.perform(command) }
    }

    func close() { leg.withLock { $0 }?.closeSound() }

    /// Hangs up and waits until that is verified.
    func hangUp() {
        perform(.hangUp)
        rig.drive(until: rig.loop.now + .seconds(120)) {
            events.withLock { $0.contains { if case .hungUp = $0 { true } else { false } } }
        }
        events.withLock { $0 = [] }
        pass(.seconds(5))
    }
}
