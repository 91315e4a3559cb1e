internal import ATProtocol
internal import CallModel
internal import Logging

/// Whether a modem knows a command by which its sound is switched on.
package struct SoundProbe: Sendable, Hashable {
    /// The command without its parameters, such as `AT+CPCMREG`.
    package let command: String
    /// Whether its test form is answered by `OK`.
    package let isKnown: Bool
}

extension ModemSession {
    /// What a session keeps of its sound.
    struct Sound {
        var machine = SoundMachine()
        /// Tells where it may lie; asked anew each time, because ttys and cards change their names.
        var places: @Sendable () async -> SoundPlaces = { SoundPlaces() }
        /// Where it lies in this call.
        var place: LegSound?
        var news: @Sendable (SoundNews) -> Void = { _ in }
        var waiting: [CheckedContinuation<Result<LegSound, LegSoundError>, Never>] = []
        var timer: (due: ContinuousClock.Instant, timer: any ModemTimer)?
        /// What the modem said of its samples.
        var stream: VoiceStream?
        /// The USB interface that it names for them.
        var interface: Int?
        /// Whether the log has it that there is none.
        var lackIsTold = false
    }

    /// Says how the places of the sound are found; without that nothing is known of them.
    package func findSound(by places: @escaping @Sendable () async -> SoundPlaces) { sound.places = places }

    /// The ways in which the modem can hand its sound over; complete after the bring-up.
    package var soundOffer: SoundOffer { SoundOffer(driver, stream: sound.stream, interface: sound.interface) }

    /// Whether calls are likely to have sound here; nothing is switched on for the answer.
    package var maySound: Bool {
        get async { (try? soundOffer.sound(await sound.places())) != nil }
    }

    /// Whether the modem showed in its last call that its sound needs a restart.
    package var soundIsWorn: Bool { sound.machine.isWorn }

    /// Has the sound of the call switched on as soon as it is answered, and says where it lies.
    ///
    /// - Parameter news: called on the modem's loop with what becomes of it later.
    func openSound(news: @escaping @Sendable (SoundNews) -> Void) async throws(LegSoundError) -> LegSound {
        guard !isClosed else { throw .over }
        let places = await sound.places()
        guard !isClosed, !follower.isOver else { throw .over }
        let way: SoundWay
        do throws(LegSoundError) {
            let choice = try soundOffer.choose(places)
            way = choice.way
            sound.place = choice.sound
        } catch {
            if !sound.lackIsTold { log.info("calls have no sound here: \(error)") }
            sound.lackIsTold = true
            throw error
        }
        sound.news = news
        if follower.isTalking { followSound { $0.answered(at: $1) } }
        let result = await withCheckedContinuation { continuation in
            sound.waiting.append(continuation)
            followSound { $0.wanted(way, at: $1) }
        }
        return try result.get()
    }

    /// The sound is not wanted any more.
    func closeSound() { followSound { machine, _ in machine.unwanted() } }

    /// The sound has stopped: tries the family's remedy, once a call.
    func repairSound() { followSound { $0.repair(at: $1) } }

    /// Asks whether the modem knows the commands of its way, by their test form; nothing is switched on.
    package func probeSound(_ places: SoundPlaces) async -> [SoundProbe] {
        var names: [String] = []
        do throws(LegSoundError) {
            for command in try soundOffer.choose(places).way.arm {
                let name = String(command.text.prefix { $0 != "=" })
                if !names.contains(name) { names.append(name) }
            }
        } catch { return [] }
        var probes: [SoundProbe] = []
        for name in names {
            let isKnown = await ask(ATCommand("\(name)=?", reply: .everything)) != nil
            probes.append(SoundProbe(command: name, isKnown: isKnown))
        }
        return probes
    }

    // MARK: What the call does to it

    func soundFollows(_ update: CallUpdate) {
        switch update {
        case .answered: followSound { $0.answered(at: $1) }
        case .released, .failed: followSound { machine, _ in machine.ended() }
        case .dialled, .alerting: break
        }
    }

    func soundFollows(_ update: IncomingUpdate) {
        switch update {
        case .answered: followSound { $0.answered(at: $1) }
        case .released, .failed: if !follower.isTalking { followSound { machine, _ in machine.ended() } }
        case .ringing, .identified, .answerFailed: break
        }
    }

    /// The modem takes no sound for now, or takes it again.
    func uplink(isPaused: Bool) {
        guard sound.machine.isOn else { return }
        sound.news(.uplink(isPaused: isPaused))
    }

    // MARK: Steps

    private func followSound(_ event: (inout SoundMachine, ContinuousClock.Instant) -> [SoundMachine.Step]) {
        for step in event(&sound.machine, loop.now) { perform(step) }
        let due = sound.machine.nextDue
        guard due != sound.timer?.due else { return }
        sound.timer?.timer.cancel()
        sound.timer = due.map { due in
            let timer = loop.schedule(at: due) { [weak self] in
                self?
                    .assumeIsolated { session in
                        session.sound.timer = nil
                        session.followSound { $0.timePassed(at: $1) }
                    }
            }
            return (due, timer)
        }
    }

    private func perform(_ step: SoundMachine.Step) {
        switch step {
        case .send(let command, let number):
            send(command) { result in
                let reply = Self.reply(result)
                self.followSound { $0.replied(reply, to: number, at: $1) }
            }
        case .tell(let command):
            guard !isClosed else { return }
            send(command) { [log] in log.debug("\(command.text): \($0)") }
        case .opened: answerSound(sound.place.map { .success($0) } ?? .failure(.over))
        case .refused(let reason):
            log.warning("\(reason)")
            answerSound(.failure(.refused(reason)))
        case .over: answerSound(.failure(.over))
        case .repaired: loop.start { await self.tellRepaired() }
        case .lost(let reason):
            log.warning("the call has lost its sound: \(reason)")
            sound.news(.lost(reason))
        }
    }

    /// Says where the sound lies now: a tty that went and came has another name.
    private func tellRepaired() async {
        let places = await sound.places()
        guard sound.machine.isOn, let before = sound.place else { return }
        var after = before
        do throws(LegSoundError) { after = try soundOffer.sound(places) } catch { log.debug("\(error)") }
        sound.place = after
        sound.news(.repaired(after))
    }

    private func answerSound(_ result: Result<LegSound, LegSoundError>) {
        for waiter in sound.waiting { waiter.resume(returning: result) }
        sound.waiting = []
    }

    private static func reply(_ result: Result<ATReply, CommandExchange.Failure>) -> SoundMachine.Reply {
        switch result {
        case .success(let reply): reply.isOK ? .taken : .refused("\(reply.result)")
        case .failure(let failure): .refused("\(failure)")
        }
    }
}
