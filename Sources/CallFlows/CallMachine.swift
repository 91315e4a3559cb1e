package import CallModel

/// A call as a state machine, without any I/O: events go in, steps come out, time is an argument.
///
/// Every event is legal in every state. One runner performs the steps of all of them.
package protocol CallMachine: Sendable {
    /// What happens to the call.
    associatedtype Event: CallMachineEvent

    /// Takes what happened and says what to do, in this order.
    mutating func handle(_ event: Event, at now: ContinuousClock.Instant) -> [CallStep]
}

/// The events that every call knows.
package protocol CallMachineEvent: Sendable, Equatable {
    /// Something happened to the call's own leg.
    static func leg(_ event: LegEvent) -> Self
    /// The user hangs up.
    static var hangUp: Self { get }
    /// The service, another call or the user wants everything to end.
    static var interrupted: Self { get }
    /// The armed instant has come.
    static var timer: Self { get }
}

/// A call that waits for one instant at a time.
protocol TimedMachine {
    /// The instant that is waited for; nil for none.
    var armed: ContinuousClock.Instant? { get set }
}

extension TimedMachine {
    mutating func arm(_ duration: Duration, after now: ContinuousClock.Instant) -> CallStep {
        arm(OutgoingCallMachine.instant(duration, after: now))
    }

    mutating func arm(_ instant: ContinuousClock.Instant) -> CallStep {
        armed = instant
        return .arm(instant)
    }

    /// What is said of a call that has ended so; nothing is waited for any more.
    mutating func disarm(_ end: CallEnd) -> [CallStep] {
        armed = nil
        return [.disarm, .report(.ended(end)), .finish(end)]
    }
}

/// What a call's runner has to do.
package enum CallStep: Sendable, Equatable {
    /// Command the call's own leg; what becomes of it is fed as `leg`.
    case leg(LegCommand)
    /// Command the leg on which a PBX rings for the call, where that is not its own; what becomes of it is fed as
    /// `ring`.
    case ring(LegCommand)
    /// Do this with the call's sound; what becomes of it is fed as `leg`.
    case sound(SoundCommand)
    /// Feed `timer` at this instant; replaces what was armed before.
    case arm(ContinuousClock.Instant)
    /// Feed no `timer` any more.
    case disarm
    /// Tell this to all listeners.
    case report(CallProgress)
    /// Say this to the PBX.
    case pbx(PBXStep)
    /// The outcome is settled.
    case finish(CallEnd)
    /// Nothing is waited for any more, and nothing follows. It goes with ``finish(_:)``, unless the call says it by
    /// itself.
    case retire
}

/// What a call has to say to the PBX that it is made with.
package enum PBXStep: Sendable, Equatable {
    /// Ask it to call, and feed one of the answers. Said once.
    case request
    /// Take the request back, as far as it can be. Said at most once.
    case cancelRequest
    /// It called after all, when the call was no longer wanted; the call is refused.
    case refusedLateRing(number: String?)
    /// Ask the PBX for the caller that it holds, and feed one of the answers. Said at most once.
    case claim
    /// Give the caller back. Said at most once, and never for one that we talk to.
    case release(ReverseMachine.ReleaseReason)
}

extension CallStep: CustomStringConvertible {
    /// The step in words, without secrets.
    package var description: String {
        switch self {
        case .leg(let command): "\(command)"
        case .ring(let command): "\(command) (the PBX's ring)"
        case .sound(.awaitPrompt): "listen for the prompt"
        case .sound(.tone(let character, _, let isSecret)): "play \(isSecret ? "•" : character)"
        case .sound(.announce): "announce"
        case .sound(.hush): "hush"
        case .arm(let instant): "arm \(instant)"
        case .disarm: "disarm"
        case .report(let progress): "report \(progress)"
        case .pbx(.request): "ask the PBX"
        case .pbx(.cancelRequest): "take the request back"
        case .pbx(.refusedLateRing): "tell of a late ring"
        case .pbx(.claim): "claim"
        case .pbx(.release(let reason)): "release: \(reason.rawValue)"
        case .finish(let end): "finish \(end)"
        case .retire: "retire"
        }
    }
}
