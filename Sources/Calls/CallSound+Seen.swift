internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import GatewayAPI
internal import Modem
internal import Synchronization

// What is seen at the ports, and how good the sound was at the end.
extension CallSound {
    func part() async {
        let (conversation, second, leg) = state.withLock { state in
            state.isOver = true
            state.coming?.hangUp()
            return (state.conversation, state.second, state.leg)
        }
        second?.hangUp()
        leg?.closeSound()
        if let next = takeNextLeg() { await discard(next) }
        // What an opening brings that ends later is closed.
        openings.cancel()
        let (line, legPort, endPort, waiting) = state.withLock { state in
            defer { state.waiting = nil }
            return (state.line, state.legPort, state.endPort, state.waiting)
        }
        settle(isOpen: false)
        waiting?.abandon()
        for port in [legPort, endPort, waiting?.id] { port.map { desk.listen(to: $0, nil) } }
        guard let conversation, let loop = try? desk.loop() else { return }
        let sides = await loop.part(conversation)
        guard sides.count == 2 else { return }
        hooks.report(.quality(SoundQuality(of: sides[0], to: sides[1], named: line)))
        second?.take(SoundQuality(of: sides[1], to: sides[0], named: second?.line ?? line))
    }

    func listen(
        to port: AudioPort.ID,
        _ side: CallSoundMachine.Side,
        digitsFrom source: DigitSource = .tone
    ) {
        desk.listen(to: port) { [weak self] kind in
            guard let self else { return }
            switch kind {
            case .stalled(.heard): tell(.seen(side, .silent))
            case .stalled(.played): tell(.seen(side, .blocked))
            case .resumed, .started: tell(.seen(side, .resumed))
            case .played: tell(.seen(side, .played))
            case .ended: tell(.seen(side, .gone))
            case .digit(let digit) where side == .endpoint:
                hooks.report(.dtmf(digit, from: .rtp))
                if keyed.take(digit) { open { await $0.sendKeyed() } }
            case .digit(let digit): hooks.digit(digit, source)
            case .prompt: heard(.prompt)
            case .announced: heard(.announced)
            }
        }
    }

    private func sendKeyed() async {
        while let digits = keyed.next() { await hooks.send(digits) }
    }
}

extension SoundQuality {
    /// What the loop counted at a leg and at the other end.
    init(of leg: AudioQuality, to other: AudioQuality, named line: String) {
        self.init(
            leg: line,
            frames: leg.heardFrames,
            underruns: leg.counts.underruns + other.counts.underruns,
            overruns: leg.counts.overruns + other.counts.overruns,
            slips: leg.counts.slips + other.counts.slips,
            drift: (other.counts.drift * 10).rounded() / 10,
            delayMedian: max(leg.delayMedian ?? 0, other.delayMedian ?? 0),
            delayWorst: max(leg.delayWorst ?? 0, other.delayWorst ?? 0),
            levelIn: (leg.heard.decibels * 10).rounded() / 10,
            levelOut: (leg.played.decibels * 10).rounded() / 10,
            network: leg.network ?? other.network
        )
    }
}
