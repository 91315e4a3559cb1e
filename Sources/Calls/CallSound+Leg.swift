internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import Modem
internal import Synchronization

// The sound of the leg: opened, opened anew where it has moved, paused.
extension CallSound {
    func openLeg() async {
        guard let leg = state.withLock({ $0.leg }) else { return fail("its line hands none over") }
        let sound: LegSound
        do throws(LegSoundError) { sound = try await leg.openSound() } catch { return fail("\(error)") }
        do throws(AudioPortError) {
            let loop = try desk.loop()
            let port = try await AudioPort.open(sound, id: desk.name())
            listen(to: port.id, .leg, digitsFrom: sound.digitSource)
            let nobody = SilentPort(id: desk.name())
            let conversation = desk.name()
            let isLate = state.withLock { state in
                guard !state.isOver else { return true }
                (state.legPort, state.endPort, state.conversation) = (port.id, nobody.id, conversation)
                return false
            }
            guard !isLate else { return port.abandon() }
            guard loop.join(conversation, port, nobody, detectsDigits: sound.digitSource == .tone) else {
                throw AudioPortError("too many calls have sound already")
            }
            tell(.legOpened)
            settle(isOpen: true)
            performWanted(at: port.id)
        } catch {
            leg.closeSound()
            fail("\(error)")
        }
    }

    func reopenLeg(next sound: LegSound) {
        let (older, isFirst) = state.withLock { state in
            defer { (state.nextLeg, state.isReopeningLeg) = (sound, true) }
            return (state.nextLeg, !state.isReopeningLeg)
        }
        if let older { open { await $0.discard(older) } }
        guard isFirst else { return }
        open { this in
            while let next = this.takeNextLeg() { await this.reopenLeg(next) }
        }
    }

    func takeNextLeg() -> LegSound? {
        state.withLock { state in
            defer { state.nextLeg = nil }
            if state.nextLeg == nil { state.isReopeningLeg = false }
            return state.nextLeg
        }
    }

    /// Closes what nobody wants any more.
    func discard(_ sound: LegSound) async {
        // What can't be opened is closed by that.
        (try? await AudioPort.open(sound, id: desk.name()))?.abandon()
    }

    private func reopenLeg(_ sound: LegSound) async {
        do throws(AudioPortError) {
            let loop = try desk.loop()
            if case .alsa = sound { letGoOfCard(loop) }
            let port = try await AudioPort.open(sound, id: desk.name())
            listen(to: port.id, .leg, digitsFrom: sound.digitSource)
            let old = state.withLock { state -> AudioPort.ID? in
                guard !state.isOver else { return nil }
                defer { state.legPort = port.id }
                return state.legPort
            }
            guard let old else { return port.abandon() }
            desk.listen(to: old, nil)
            _ = loop.replace(old, by: port)
        } catch {
            tell(.leg(.lost("\(error)")))
        }
    }

    /// A card can't be opened twice: silence takes its place meanwhile.
    private func letGoOfCard(_ loop: AudioLoop) {
        let nobody = SilentPort(id: desk.name())
        let old = state.withLock { state -> AudioPort.ID? in
            guard !state.isOver else { return nil }
            defer { state.legPort = nobody.id }
            return state.legPort
        }
        guard let old else { return }
        desk.listen(to: old, nil)
        _ = loop.replace(old, by: nobody)
    }

    func pause(_ isPaused: Bool) {
        guard let port = state.withLock({ $0.legPort }), let loop = try? desk.loop() else { return }
        _ = loop.pause(port, isPaused)
    }
}

extension LegSound {
    /// How keys of the other side come.
    fileprivate var digitSource: DigitSource {
        if case .rtp(let sound) = self, sound.eventType != nil { return .rtp }
        return .tone
    }
}
