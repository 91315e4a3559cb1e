/// What a call wants done with its sound.
package enum SoundCommand: Sendable, Equatable {
    /// Listen for the tone by which a PBX asks for digits; `prompt` or `unavailable` follows.
    case awaitPrompt
    /// Play this digit into the call once; `toneTaken` or `toneFailed` follows, as for one that the line sends.
    case tone(Character, lasting: Duration, isSecret: Bool)
    /// Play these one behind the other into the call, in place of the other side's sound; `announced` follows each time they have
    /// come to their end.
    case announce([Playback], repeats: Bool)
    /// Play nothing more, and let the two sides hear each other.
    case hush
}

extension SoundCommand {
    /// Tells that it can't be done.
    package func fail(_ reason: String, _ tell: (LegEvent) -> Void) {
        switch self {
        case .awaitPrompt, .announce: tell(.heard(.unavailable(reason)))
        case .tone: tell(.toneFailed(reason))
        case .hush: break
        }
    }
}

/// What is heard in a call's sound, and what becomes of a ``SoundCommand``.
package enum SoundEvent: Sendable, Equatable {
    /// The other side has pressed a key.
    case digit(Character)
    /// The tone by which a PBX asks for digits.
    case prompt
    /// All that was to be announced has been played.
    case announced
    /// The call has no sound, or has it no more; why.
    case unavailable(String)
}

/// Who has heard a key that the other side of a call pressed.
package enum DigitSource: String, Sendable, Hashable, Codable {
    /// The modem told of it.
    case modem
    /// It was heard in the sound.
    case tone
    /// It came as an event of RTP (RFC 4733), or of AudioSocket.
    case rtp
}

/// Something that is played to people.
package enum Playback: Sendable, Hashable {
    /// A file of the user's.
    case file(String)
    /// One of the phrases that come with the program.
    case phrase(Phrase)
    /// A digit, spoken.
    case digit(Character)
    /// Silence.
    case pause(milliseconds: Int)
    /// A tone of the network, as it sounds in this box's country.
    case signal(Signal)

    /// What a line tells by a tone.
    package enum Signal: Sendable, Hashable {
        /// The far side rings.
        case ringback
        /// The way is blocked, or the number can't be reached.
        case congestion
    }

    /// A phrase that comes with the program, as a file of this name in each language.
    package enum Phrase: String, Sendable, Hashable, CaseIterable {
        /// “To confirm, press”, with the digits behind it.
        case confirm
        /// “Thank you.”
        case thanks
        /// “Please enter your PIN, and press hash.”
        case pin
        /// “That was not right.”
        case wrong
        /// “Please enter the number, and press hash.”
        case target
        /// “The call can't be made.”
        case refused
        /// “Nobody can take your call just now.”
        case nobody
        /// “This call is recorded.”
        case recorded
        /// “Please leave a message after the tone.”
        case message
        /// A tone of half a second.
        case beep
    }

    /// How one is asked to confirm.
    package static func confirming(with digits: String) -> [Playback] {
        [.phrase(.confirm)] + digits.map { .digit($0) } + [.pause(milliseconds: 1500)]
    }
}
