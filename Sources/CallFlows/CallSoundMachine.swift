package import CallModel

/// The sound of one call, without any I/O: when its leg's sound is opened, when the endpoint comes to it, and what becomes of both.
///
/// | state | answered | in progress | leg open | leg failed | endpoint open | endpoint failed | over |
/// |---|---|---|---|---|---|---|---|
/// | idle | opening the leg, where an endpoint is named | the same | – | – | – | – | over |
/// | opening the leg | – | noted | begun; opening the endpoint where it is due | deaf, told | – | – | over |
/// | waiting for the target | – | opening the endpoint | – | – | – | – | over, parted |
/// | opening the endpoint | – | noted | – | – | joined, told | alone, told, hung up | over, parted |
/// | joined | – | noted | – | – | – | – | over, told, parted |
/// | alone, deaf | – | – | – | – | – | – | over, parted |
///
/// Where nobody is at our end the leg is opened when something is *wanted* of its sound: a prompt, a digit, an announcement. It is alone then,
/// until an endpoint *comes*: then the two are joined.
///
/// An endpoint that can't be had ends the call, which does not count as completed then: nobody would be there, and it would cost money.
/// So does a leg without sound where the endpoint is another party (a second call, an AudioSocket, a SIP leg) or a file
/// that is to be played. A party that goes ends the call, and so does the end of such a file. Any other failure leaves
/// the call alone, and a call for help goes on in any case.
package struct CallSoundMachine: Sendable {
    /// What happened.
    package enum Event: Sendable, Equatable {
        /// The leg was answered.
        case answered
        /// People talk: the target is handed over.
        case inProgress
        /// Something is to be played or heard, with an endpoint at our end or without.
        case wanted
        /// The leg's sound is open.
        case legOpened
        /// The leg has no sound; why.
        case legFailed(String)
        /// What the leg says of its sound.
        case leg(SoundNews)
        /// The endpoint can be joined.
        case endpointOpened
        /// It can't be had; why.
        case endpointFailed(String)
        /// An endpoint that nobody had asked for at the begin is there, and waits to be joined.
        case endpointCame(AudioSpec)
        /// What is seen at the sound of one side.
        case seen(Side, Sight)
        /// The call is over.
        case over
    }

    /// The two sides.
    package enum Side: Sendable, Equatable {
        case leg
        case endpoint
    }

    /// What the audio loop sees of a side.
    package enum Sight: Sendable, Equatable {
        /// Nothing has come from it for 2 s.
        case silent
        /// It has taken nothing for 2 s.
        case blocked
        /// It goes on.
        case resumed
        /// Its file was played to the end.
        case played
        /// It is gone.
        case gone
    }

    /// What is to be done.
    package enum Step: Sendable, Equatable {
        /// Have the leg's sound switched on, and open it.
        case openLeg
        /// It lies here now: open it again.
        case openLegAgain(LegSound)
        /// It lies here now, and nobody wants it: close it.
        case discard(LegSound)
        /// Have the family's remedy tried.
        case repairLeg
        /// Play nothing to the leg, or go on.
        case pauseLeg(Bool)
        /// Open the endpoint.
        case openEndpoint
        /// Let the two hear each other.
        case join
        /// The endpoint leaves; the leg's sound goes on without.
        case leave
        /// End everything, and tell how good it was.
        case part
        /// Tell this.
        case report(SoundReport)
        /// The call, which was answered, does not count as completed.
        case fail(CallOutcome)
        /// Hang up; why, where it is not as it should be.
        case hangUp(String?)
    }

    private enum State: Sendable, Equatable {
        case idle
        case openingLeg
        case waiting
        case openingEndpoint
        case joined
        /// The leg has sound, and nobody is there to hear it.
        case alone
        /// The leg has none.
        case deaf
        case over
    }

    private var spec: AudioSpec
    private let isForHelp: Bool
    private let waitsForKey: Bool
    private var state = State.idle
    private var isInProgress = false
    private var isWanted = false
    private var wasRepaired = false
    /// The halves of each side that stand still now.
    private var stalls: [Side: Int] = [:]

    /// Creates the sound of a call with this endpoint.
    ///
    /// - Parameters:
    ///   - isForHelp: whether help is called: that call is worth something without a word, and stays up.
    ///   - waitsForKey: whether the other side has to press a key before anybody is joined with it.
    package init(_ spec: AudioSpec, isForHelp: Bool = false, waitsForKey: Bool = false) {
        self.spec = spec
        self.isForHelp = isForHelp
        self.waitsForKey = waitsForKey
    }

    /// The name of the leg's side in what is told.
    package static let modem = "modem"

    /// Takes what happened.
    package mutating func handle(_ event: Event) -> [Step] {
        switch event {
        case .answered: return begin()
        case .wanted:
            isWanted = true
            return begin()
        case .inProgress:
            isInProgress = true
            return state == .waiting ? openEndpoint() : begin()
        case .legOpened:
            guard state == .openingLeg else { return [] }
            guard isInProgress || !(spec.waitsForTarget || waitsForKey) else {
                state = .waiting
                return []
            }
            return openEndpoint()
        case .legFailed(let reason): return legFailed(reason)
        case .leg(let news): return told(news)
        case .endpointOpened:
            guard state == .openingEndpoint else { return [] }
            state = .joined
            return [.join, report(.started)]
        case .endpointFailed(let reason):
            guard state == .openingEndpoint else { return [] }
            state = .alone
            return [report(.ended, reason)] + giveUp(reason, as: spec.isServer ? .pbxUnreachable : .lost)
        case .endpointCame(let spec):
            // One that comes too late is closed with the rest.
            guard state == .alone else { return [] }
            self.spec = spec
            state = .joined
            return [.join, report(.started)]
        case .seen(let side, let sight): return seen(sight, at: side)
        case .over: return end()
        }
    }

    private mutating func begin() -> [Step] {
        guard state == .idle, spec != .none || isWanted else { return [] }
        state = .openingLeg
        return [.openLeg]
    }

    private mutating func openEndpoint() -> [Step] {
        guard spec != .none else {
            state = .alone
            return []
        }
        state = .openingEndpoint
        return [.openEndpoint]
    }

    private mutating func legFailed(_ reason: String) -> [Step] {
        guard state != .over, state != .deaf else { return [] }
        let isFirst = state == .openingLeg
        state = isFirst ? .deaf : state
        guard isFirst else { return [report(.ended, reason, of: .leg)] }
        return [report(.ended, reason)] + (spec.needsSound ? giveUp("the call has no sound: \(reason)", as: .lost) : [])
    }

    /// Ends a call in which nobody would hear or speak here: who was called pays for nothing, and no program takes it for a success.
    private func giveUp(_ reason: String, as outcome: CallOutcome) -> [Step] {
        isForHelp ? [] : [.fail(outcome), .hangUp(reason)]
    }

    private mutating func end() -> [Step] {
        let before = state
        state = .over
        switch before {
        case .over: return []
        case .idle, .deaf: return [.part]
        case .joined: return [report(.ended), .part]
        case .openingLeg, .waiting, .openingEndpoint, .alone: return [.part]
        }
    }

    // MARK: What becomes of it

    private var isUp: Bool {
        switch state {
        case .waiting, .openingEndpoint, .joined, .alone: true
        case .idle, .openingLeg, .deaf, .over: false
        }
    }

    private mutating func told(_ news: SoundNews) -> [Step] {
        // What the network says before the answer is for people, and costs nothing.
        if news == .early { return spec.waitsForTarget ? [] : begin() }
        guard isUp else {
            if case .repaired(let sound) = news { return [.discard(sound)] }
            return []
        }
        switch news {
        case .early: return []
        case .repaired(let sound): return [.openLegAgain(sound)]
        case .lost(let reason): return [report(.ended, reason, of: .leg)]
        case .uplink(let isPaused): return [.pauseLeg(isPaused)]
        }
    }

    private mutating func seen(_ sight: Sight, at side: Side) -> [Step] {
        guard isUp, side == .leg || state == .joined else { return [] }
        switch sight {
        case .silent, .blocked:
            stalls[side, default: 0] += 1
            let reason = sight == .silent ? "nothing has come from it for 2 s" : "it has taken nothing for 2 s"
            guard side == .leg, !wasRepaired else { return [report(.stalled, reason, of: side)] }
            wasRepaired = true
            return [report(.stalled, reason, of: side), .repairLeg]
        case .resumed:
            guard let standing = stalls[side], standing > 0 else { return [] }
            stalls[side] = standing - 1
            return standing == 1 ? [report(.resumed, of: side)] : []
        case .played: return spec.endsWithFile ? [.hangUp(nil)] : []
        case .gone: return gone(side)
        }
    }

    private mutating func gone(_ side: Side) -> [Step] {
        guard side == .endpoint else {
            guard !wasRepaired else { return [report(.ended, "its device is gone", of: .leg)] }
            wasRepaired = true
            stalls[.leg] = 1
            return [report(.stalled, "its device is gone", of: .leg), .repairLeg]
        }
        state = .alone
        let reason = "the other end has left"
        return [report(.ended, reason), .leave] + (spec.isParty ? [.hangUp(reason)] : [])
    }

    private func report(_ state: SoundReport.State, _ reason: String? = nil, of side: Side = .endpoint) -> Step {
        .report(SoundReport(state, endpoint: side == .leg ? Self.modem : spec.description, reason: reason))
    }
}

extension AudioSpec {
    /// Whether another party is there, whose end is the call's end.
    package var isParty: Bool {
        switch self {
        case .audioSocket, .audioSocketCall, .modem, .phone, .account, .sip, .browser: true
        case .none, .wave, .play, .record, .alsa: false
        }
    }

    /// Whether a server has its sound.
    var isServer: Bool {
        switch self {
        case .audioSocket, .audioSocketCall: true
        case .none, .wave, .play, .record, .alsa, .modem, .phone, .account, .sip, .browser: false
        }
    }

    /// Whether the call is hung up when its file has come to its end.
    var endsWithFile: Bool { if case .play = self { true } else { false } }

    /// Whether a call without sound makes no sense: nobody would speak in it, and nobody could hang it up.
    ///
    /// Who holds a telephone hears that nothing comes, and can; a call for help is worth something without a word.
    var needsSound: Bool { if case .phone = self { false } else { isParty || endsWithFile } }
}
