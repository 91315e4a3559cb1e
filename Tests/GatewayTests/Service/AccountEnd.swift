import CallModel
import Modem
import Synchronization
import TestSupport

@testable import Calls

/// A leg at an account that is answered at once, with a sound of its own.
final class AccountEnd: AccountLeg {
    private struct State {
        var commands: [LegCommand] = []
        var listener: @Sendable (LegEvent) -> Void = { _ in }
        var isOver = false
        var answer: (@Sendable (any AccountLeg) async -> Bool)?
    }

    let loop: any ModemLoop = EventLoopModemLoop(ModemLoops.next())
    let voice: VoiceTTY
    let wasEarly = false
    let isGone = false
    private let state = Mutex(State())

    init(_ voice: VoiceTTY) { self.voice = voice }

    var commands: [LegCommand] { state.withLock { $0.commands } }
    var isAnswered: Bool { commands.contains(.answer) }

    func perform(_ command: LegCommand) {
        let isOver = state.withLock { state in
            state.commands.append(command)
            return state.isOver
        }
        switch command {
        case .answer: if !isOver { tell(.answered) }
        case .hangUp, .refuse: tell(.hungUp(verified: true))
        case .dial, .tone, .repairSound: break
        }
    }

    func listen(_ take: @escaping @Sendable (LegEvent) -> Void) { state.withLock { $0.listener = take } }

    func tell(_ event: LegEvent) {
        if case .released = event { state.withLock { $0.isOver = true } }
        loop.start { [self] in state.withLock { $0.listener }(event) }
    }

    func openSound() async throws(LegSoundError) -> LegSound { .tty(path: voice.path, rate: 8000) }
    func closeSound() {}
    func verify(_ end: CallEnd) -> CallEnd { end }

    /// What the PBX says to joining it with another; false where it is told nothing.
    func join(_ other: any AccountLeg) async -> Bool? {
        guard let answer = state.withLock({ $0.answer }) else { return false }
        if await answer(other) { return true }
        return state.withLock { $0.isOver } ? nil : false
    }

    /// Has the PBX be asked, and answer so.
    func answersJoin(_ answer: @escaping @Sendable (any AccountLeg) async -> Bool) {
        state.withLock { $0.answer = answer }
    }
}
