import NetworkSimulator

/// What the far side of a call has heard, and what it has still to say.
struct Talk: Sendable {
    /// From the answer on; bounded.
    var heard: [Int16] = []
    /// What another modem's call says to this one; bounded.
    var inbox: [Int16] = []
    var ear = DigitEar()
    /// Samples that were loud enough to be noticed.
    var audible = 0

    /// Half an hour.
    static let limit = 1800 * FarVoice.rate
    /// 80 ms, so that the clocks of two modems need not agree.
    static let inboxLimit = FarVoice.rate * 8 / 100
    /// 40 dB below full scale.
    static let audibleFrom = 328

    /// Hears samples at a place of the call, and returns the digits in them.
    mutating func hear(_ samples: [Int16], at place: Int) -> [Character] {
        // Before the sound was on there was silence.
        if heard.count < place { heard += Array(repeating: 0, count: place - heard.count) }
        heard.removeLast(heard.count - place)
        heard += samples
        audible += samples.count { $0.magnitude >= Self.audibleFrom }
        return ear.hear(samples)
    }
}

// The sound of calls: clocked by the modem, as its network is.
extension SimulatedWorld {
    /// What the far side of a call has heard so far, from its answer on; bounded to half an hour.
    package func heard(call: Int) -> [Int16] {
        if let talk = talks[call], !talk.heard.isEmpty { return talk.heard }
        return table[call]?.peer.flatMap { talks[$0]?.heard } ?? []
    }

    /// What the sound of a modem has come to.
    package func voiceFigures(of modem: Int) -> VoiceFigures {
        modems.indices.contains(modem) ? modems[modem].voiceFigures : VoiceFigures()
    }

    /// Whether a modem has a voice tty at all.
    package func hasVoicePort(_ modem: Int) -> Bool {
        modems.indices.contains(modem) && modems[modem].dialect.voice != nil
    }

    /// Whether sound runs over the voice tty of a modem.
    package func isSounding(_ modem: Int) -> Bool { modems.indices.contains(modem) && modems[modem].voice != nil }

    /// Whether a modem takes what is written to its voice tty; else it stays in the tty, whose buffer the kernel bounds.
    package func takesSound(_ modem: Int) -> Bool {
        guard modems.indices.contains(modem), let habit = modems[modem].dialect.voice else { return false }
        guard let line = modems[modem].voice else { return true }
        return !modems[modem].faults.contains(.deadUplink) && line.waiting.count < habit.room
    }

    /// Takes what a program wrote to the voice tty of a modem.
    package mutating func receiveSound(
        _ bytes: [UInt8],
        from modem: Int,
        at now: ContinuousClock.Instant
    ) {
        let now = run(until: now)
        guard modems.indices.contains(modem), let habit = modems[modem].dialect.voice else { return }
        guard var line = modems[modem].voice else {
            modems[modem].voiceFigures.unheard += bytes.count
            return
        }
        line.waiting += bytes
        modems[modem].voiceFigures.mostWaiting = max(modems[modem].voiceFigures.mostWaiting, line.waiting.count)
        if let pause = habit.pause, !line.isPaused, line.waiting.count > pause.above {
            line.isPaused = true
            announce("+QPCMV: 0,0", modem, after: .zero, now)
        }
        modems[modem].voice = line
    }

    // MARK: Beginning and end

    /// Begins or ends the flow, after a command or an answer.
    mutating func refreshVoice(_ modem: Int, _ now: ContinuousClock.Instant) {
        guard let habit = modems[modem].dialect.voice else { return }
        let call = modems[modem].calls.first { $0.status == .active }
        guard let call, let answeredAt = call.connectedAt, modems[modem].dialect.voiceIsOn(modems[modem]) else {
            modems[modem].voice = nil
            return
        }
        guard modems[modem].voice == nil else { return }
        let line = VoiceLine(since: now, offset: FarVoice.samples(answeredAt.duration(to: now)))
        modems[modem].voice = line
        let faults = modems[modem].faults
        if faults.contains(.oddByte) { outputs.append(.sound(modem: modem, [0x55])) }
        if let stale = faults.staleVoice {
            let noise = (0..<FarVoice.samples(stale)).flatMap { Self.bytes(of: $0 % 7 < 3 ? 9000 : -7000) }
            outputs.append(.sound(modem: modem, noise))
        }
        agenda.add(
            .modem(modem, .voice(since: now)),
            at: line.due(habit.chunk, slow: faults.voiceDrift)
        )
        guard let gone = faults.voiceUnplug, !modems[modem].voiceHasStuck else { return }
        agenda.add(.modem(modem, .voicePort(isThere: false)), at: now + gone)
        if let back = faults.voiceReplug { agenda.add(.modem(modem, .voicePort(isThere: true)), at: now + gone + back) }
    }

    mutating func endVoice(_ modem: Int) { modems[modem].endVoice() }

    mutating func moveVoicePort(_ modem: Int, isThere: Bool, _ now: ContinuousClock.Instant) {
        guard modems[modem].voiceIsPlugged != isThere else { return }
        modems[modem].voiceIsPlugged = isThere
        outputs.append(.voicePort(modem: modem, isThere: isThere))
    }

    // MARK: Flow

    /// One chunk each way.
    mutating func moveVoice(_ modem: Int, since: ContinuousClock.Instant, _ now: ContinuousClock.Instant) {
        guard let habit = modems[modem].dialect.voice, var line = modems[modem].voice, line.since == since,
            let call = modems[modem].calls.first(where: { $0.status == .active })
        else { return }
        let faults = modems[modem].faults
        let elapsed = since.duration(to: now)
        if elapsed >= VoiceFault.strikesAfter, !modems[modem].voiceHasStuck {
            if faults.contains(.sticks) {
                line.isStuck = true
                modems[modem].voiceHasStuck = true
            }
            if let stall = faults.voiceStall {
                line.stalledUntil = now + stall
                modems[modem].voiceHasStuck = true
            }
        }
        line.chunks += 1
        agenda.add(.modem(modem, .voice(since: since)), at: line.due(habit.chunk, slow: faults.voiceDrift))
        modems[modem].voice = line
        guard !line.isStuck else { return }
        if let until = line.stalledUntil {
            guard now >= until else { return }
            modems[modem].voice?.stalledUntil = nil
        }
        // After a stall all that came meanwhile, and what could not be said was silence.
        while let moved = modems[modem].voice?.moved, moved < line.chunks {
            modems[modem].voice?.moved += 1
            moveChunk(
                habit,
                line.offset + moved * habit.chunk / 2,
                isLate: moved + 1 < line.chunks,
                call.call,
                modem,
                now
            )
        }
    }

    private mutating func moveChunk(
        _ habit: VoiceHabit,
        _ place: Int,
        isLate: Bool,
        _ id: Int,
        _ modem: Int,
        _ now: Instant
    ) {
        let count = habit.chunk / 2
        let faults = modems[modem].faults
        let spoken = isLate || faults.contains(.deadUplink) ? [] : takeSpoken(count, modem, now)
        modems[modem].voiceFigures.missing += count - spoken.count
        listen(spoken + Array(repeating: 0, count: count - spoken.count), at: place, id, now)
        let said = say(count, at: place, id)
        guard !faults.contains(.deadDownlink), modems[modem].voiceIsPlugged else { return }
        let bytes = said.flatMap { Self.bytes(of: faults.contains(.swapped) ? $0.byteSwapped : $0) }
        outputs.append(.sound(modem: modem, bytes))
    }

    /// Takes what the program has written, as much as one chunk has room for.
    private mutating func takeSpoken(_ count: Int, _ modem: Int, _ now: Instant) -> [Int16] {
        guard var line = modems[modem].voice, let habit = modems[modem].dialect.voice else { return [] }
        let bytes = line.waiting.prefix(min(2 * count, line.waiting.count & ~1))
        line.waiting.removeFirst(bytes.count)
        if let pause = habit.pause, line.isPaused, line.waiting.count < pause.below {
            line.isPaused = false
            announce("+QPCMV: 1,0", modem, after: .zero, now)
        }
        modems[modem].voice = line
        modems[modem].voiceFigures.spoken += bytes.count / 2
        let isSwapped = modems[modem].faults.contains(.swapped)
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: 2)
            .map { place in
                let sample = Int16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)
                return isSwapped ? sample.byteSwapped : sample
            }
    }

    /// The far side hears something.
    private mutating func listen(_ samples: [Int16], at place: Int, _ id: Int, _ now: Instant) {
        guard let call = table[id], place < Talk.limit else { return }
        let before = talks[id]?.audible ?? 0
        // In place: what was heard is long, and must not be copied for each chunk.
        let digits = talks[id, default: Talk()].hear(samples, at: place)
        let after = talks[id]?.audible ?? 0
        let (second, last) = (after / FarVoice.rate, before / FarVoice.rate)
        if before == 0 && after > 0 || second > last {
            outputs.append(.farSide(.sound(call: id, number: call.number, seconds: second)))
        }
        if let peer = call.peer, call.isJoined, table[peer]?.modem != nil {
            talks[peer, default: Talk()].inbox += samples
            let surplus = (talks[peer]?.inbox.count ?? 0) - Talk.inboxLimit
            if surplus > 0 { talks[peer]?.inbox.removeFirst(surplus) }
        }
        for digit in digits { self.heard(digit, id, now) }
    }

    /// What the far side says at a place of the call.
    private mutating func say(_ count: Int, at place: Int, _ id: Int) -> [Int16] {
        guard let call = table[id] else { return [] }
        if let peer = call.peer, call.isJoined, table[peer]?.modem != nil {
            let said = Array((talks[id]?.inbox ?? []).prefix(count))
            talks[id]?.inbox.removeFirst(said.count)
            return said + Array(repeating: 0, count: count - said.count)
        }
        let speaker = call.isJoined ? call.peer.flatMap { table[$0] } ?? call : call
        let number = call.direction == .incoming ? call.caller : speaker.number
        let voice = network.voice(of: number)
        let heard = talks[id]?.heard ?? []
        return (place..<place + count).map { voice.sample($0, heard: heard) }
    }

    private static func bytes(of sample: Int16) -> [UInt8] {
        let bits = UInt16(bitPattern: sample)
        return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
    }
}

extension SimulatedNetwork {
    /// What a number says when it is called, or when it calls.
    func voice(of number: String) -> FarVoice {
        if let voice = voices[Self.international(number)] { return voice }
        guard let access = accessNumbers[number] else { return .ordinary }
        // The tone by which a PBX says that it listens.
        return .beep(hertz: 425, after: access.promptDelay, lasting: .seconds(1))
    }
}
