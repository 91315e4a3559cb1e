/// What the audio loop tells of a port.
package struct AudioEvent: Sendable, Equatable {
    /// Which half of a port.
    package enum Half: Sendable, Equatable {
        /// What the port gives us to hear.
        case heard
        /// What we give the port to play.
        case played
    }

    /// What happened.
    package enum Kind: Sendable, Equatable {
        /// The first sound came from it.
        case started
        /// A half moved nothing for 2 s.
        case stalled(Half)
        /// It moves again.
        case resumed(Half)
        /// A digit was heard in its sound, or told by it.
        case digit(Character)
        /// The tone by which a PBX asks for digits was heard in its sound.
        case prompt
        /// All that was to be announced to it has been played.
        case announced
        /// A file that it played has come to its end.
        case played
        /// It is over, because its device or its other end went away.
        case ended
    }

    /// The port.
    package var port: AudioPort.ID
    /// What happened to it.
    package var kind: Kind
}
