import Logging
import Modem
import ModemSimulator
import ModemTestSupport
import NetworkSimulator
import Synchronization
import Testing

/// A session that is ready and watches for calls, on a simulated modem and a manual clock.
final class RingRig: Sendable {
    struct Entry: Sendable {
        var at: ContinuousClock.Instant
        var update: IncomingUpdate
    }

    let rig: CallRig
    private let entries = Mutex<[Entry]>([])
    private let decisions = Mutex<[IncomingCall]>([])

    var session: ModemSession { rig.session }
    var updates: [IncomingUpdate] { entries.withLock { $0.map(\.update) } }
    /// The calls as they were shown for a decision.
    var asked: [IncomingCall] { decisions.withLock { $0 } }

    /// Brings the modem up; nil when that failed.
    init?(
        _ profile: ModemProfile,
        seed: UInt64 = 1,
        decide: @escaping @Sendable (IncomingCall) -> IncomingDecision = { $0.number == nil ? .later : .answer }
    ) {
        rig = CallRig(profile, seed: seed)
        let isReady = Mutex(false)
        let isDone = Mutex(false)
        rig.start { [self] session in
            await session.watchIncoming { [self] call in
                decisions.withLock { $0.append(call) }
                return decide(call)
            } updates: { [self] update in
                let now = rig.loop.now
                entries.withLock { $0.append(Entry(at: now, update: update)) }
            }
            do throws(ModemError) {
                try await session.bringUp()
                isReady.withLock { $0 = true }
            } catch {}
            isDone.withLock { $0 = true }
        }
        rig.drive(until: rig.loop.now + .seconds(600)) { isDone.withLock { $0 } }
        guard isReady.withLock({ $0 }) else { return nil }
        pass(.seconds(1))
    }

    func pass(_ duration: Duration) {
        rig.drive(until: rig.loop.now + duration)
    }

    /// Somebody calls the modem.
    @discardableResult
    func ring(from caller: String = "+4922166966960", givesUpAfter: Duration = .seconds(30)) -> Int? {
        rig.withWorld { world, now in world.ring(modem: 0, from: caller, at: now, givesUpAfter: givesUpAfter) }
    }

    func hangUpFarSide(_ call: Int) {
        rig.withWorld { world, now in world.hangUpFarSide(call: call, at: now) }
    }

    /// The session hears a line that the simulated modem did not say.
    func receive(_ line: String) {
        let bytes = Array("\r\n\(line)\r\n".utf8)
        rig.loop.start { [session] in
            await session.hear(bytes)
        }
        pass(.milliseconds(10))
    }

    /// Performs something on the session's loop and drives the rig until it is done.
    func perform<T: Sendable>(
        within limit: Duration = .seconds(120),
        _ body: @escaping @Sendable (ModemSession) async -> T
    ) -> T? {
        let result = Mutex<T?>(nil)
        rig.loop.start { [rig] in
            let value = await body(rig.session)
            result.withLock { $0 = value }
        }
        rig.drive(until: rig.loop.now + limit) { result.withLock { $0 != nil } }
        return result.withLock { $0 }
    }

    /// The names of the updates, in order.
    var steps: [String] {
        updates.map { update in
            switch update {
            case .ringing(let call): call.isWaiting ? "waiting" : "ringing"
            case .identified: "identified"
            case .answered: "answered"
            case .answerFailed: "answer failed"
            case .released(_, let end, _): "released: \(end)"
            case .failed: "failed"
            }
        }
    }

    var calls: [SimulatedCall] { rig.withWorld { world, _ in world.calls } }
    var live: Int { rig.withWorld { world, _ in world.liveCalls(of: 0) } }
    var violations: [ProtocolViolation] { rig.withWorld { world, _ in world.violations } }
    var commands: [String] { rig.withWorld { world, _ in world.commands(of: 0) } }
    /// The caller as last told.
    var caller: IncomingCall.Caller? { updates.last?.call.caller }
}

extension ModemSession {
    fileprivate func hear(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { received($0) }
    }
}
