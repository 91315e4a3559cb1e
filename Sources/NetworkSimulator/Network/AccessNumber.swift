/// A number of the simulated PBX that collects digits and dials on, the far end of a callthrough.
package struct AccessNumber: Sendable, Equatable {
    /// How the call itself is answered.
    package var behaviour: NumberBehaviour
    /// How long after the answer the tones are listened to; earlier ones are lost.
    package var promptDelay: Duration
    /// The PIN that must come first, ended by `#`; nil when none is asked for.
    package var pin: String?
    /// How long a silence ends a target that no `#` ended.
    package var silence: Duration
    /// Hangs up when this many digits have come; 0 right when it begins to listen.
    package var hangsUpAfterDigits: Int?

    /// Makes an access number; the defaults are those of an ordinary one.
    package init(
        behaviour: NumberBehaviour = .ordinary,
        promptDelay: Duration = .milliseconds(500),
        pin: String? = nil,
        silence: Duration = .seconds(3),
        hangsUpAfterDigits: Int? = nil
    ) {
        self.behaviour = behaviour
        self.promptDelay = promptDelay
        self.pin = pin
        self.silence = silence
        self.hangsUpAfterDigits = hangsUpAfterDigits
    }
}

/// What an access number has understood of one call so far.
package struct AccessDialogue: Sendable {
    package enum Phase: Sendable, Equatable {
        case answering
        case pin
        case target
        case done
    }

    /// What the PBX does after a digit.
    package enum Decision: Equatable {
        case wait
        case dial(String)
        case hangUp
    }

    package let number: AccessNumber
    package var phase = Phase.answering
    package var buffer = ""
    package var taken = 0

    package init(_ number: AccessNumber) { self.number = number }

    /// Begins to listen.
    package mutating func start() -> Decision {
        guard phase == .answering else { return .wait }
        guard number.hangsUpAfterDigits != 0 else { return .hangUp }
        phase = number.pin == nil ? .target : .pin
        return .wait
    }

    /// Takes a tone.
    package mutating func take(_ digit: Character) -> Decision {
        taken += 1
        if let limit = number.hangsUpAfterDigits, taken >= limit {
            phase = .done
            return .hangUp
        }
        switch phase {
        case .answering, .done:
            return .wait
        case .pin:
            guard digit == "#" else {
                buffer.append(digit)
                return .wait
            }
            let matches = buffer == number.pin
            buffer = ""
            phase = matches ? .target : .done
            return matches ? .wait : .hangUp
        case .target:
            guard digit == "#" else {
                buffer.append(digit)
                return .wait
            }
            return complete()
        }
    }

    /// Takes the end of a silence that began after `count` tones.
    package mutating func silence(after count: Int) -> Decision {
        guard phase == .target, taken == count, !buffer.isEmpty else { return .wait }
        return complete()
    }

    private mutating func complete() -> Decision {
        phase = .done
        return buffer.isEmpty ? .hangUp : .dial(buffer)
    }
}
