internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import Modem
internal import Settings
internal import Synchronization

// What a call's machine wants of its sound: to hear the PBX's prompt, to play digits and announcements.
extension CallSound {
    /// Things that may wait for the leg's sound.
    private static let limit = 16

    func perform(_ command: SoundCommand, tell: @escaping @Sendable (LegEvent) -> Void) {
        enum Next {
            case now(AudioPort.ID)
            case wait
            case fail(String)
        }
        let next = state.withLock { state -> Next in
            state.listener = tell
            if state.isOver { return .fail("the call is over") }
            if let lack = state.lack { return .fail(lack) }
            // Where the leg's sound is still being opened, what waits is done first.
            if let port = state.legPort, state.wanted.isEmpty { return .now(port) }
            guard state.wanted.count < Self.limit else { return .fail("too much waits for the call's sound") }
            state.wanted.append(Wanted(command: command, tell: tell))
            return .wait
        }
        switch next {
        case .now(let port): perform(Wanted(command: command, tell: tell), at: port)
        case .wait: self.tell(.wanted)
        case .fail(let reason): command.fail(reason, tell)
        }
    }

    /// The sound of a call whose caller is asked to leave a message: `STATE_DIR/voicemail/CALL.wav`.
    convenience init(messageOf call: Call) {
        let path = "\(call.tools.configuration.voicemailDirectory)/\(call.id.name).wav"
        self.init(CallEndpoint(.record(path)), of: call, notice: [.phrase(.message), .phrase(.beep)])
    }

    /// Does what waited for the leg's sound.
    func performWanted(at port: AudioPort.ID) {
        while let wanted = state.withLock({ $0.wanted.isEmpty ? nil : $0.wanted.removeFirst() }) {
            perform(wanted, at: port)
        }
    }

    /// Takes that the leg has no sound.
    func fail(_ reason: String) {
        let wanted = state.withLock { state in
            state.lack = reason
            defer { state.wanted = [] }
            return state.wanted
        }
        for wanted in wanted { wanted.command.fail(reason, wanted.tell) }
        settle(isOpen: false)
        tell(.legFailed(reason))
    }

    /// Takes what is heard in the leg's sound.
    func heard(_ event: SoundEvent) { state.withLock { $0.listener }?(.heard(event)) }

    private func perform(_ wanted: Wanted, at port: AudioPort.ID) {
        guard let loop = try? desk.loop() else { return wanted.command.fail("the service is stopping", wanted.tell) }
        let busy = "the audio loop has too much to do"
        switch wanted.command {
        case .awaitPrompt: if !loop.awaitPrompt(of: port) { wanted.command.fail(busy, wanted.tell) }
        case .tone(let digit, _, _):
            guard loop.send(digit, to: port) else { return wanted.command.fail(busy, wanted.tell) }
            // As the generator plays it: the tone, and the silence behind it.
            wanted.tell(.toneTaken(.milliseconds(200)))
        case .hush: _ = loop.announce(nil, to: port)
        case .announce(let words, let repeats):
            let shelf = hooks.shelf
            open { _ in
                do throws(AnnouncementError) {
                    let player = AnnouncementPlayer(try shelf.samples(of: words), repeats: repeats)
                    if !loop.announce(player, to: port) { wanted.command.fail(busy, wanted.tell) }
                } catch { wanted.command.fail("\(error)", wanted.tell) }
            }
        }
    }
}
