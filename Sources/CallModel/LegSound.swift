/// Where the sound of a leg lies: signed samples of 16 bits, little endian, one channel, at a rate in hertz.
package enum LegSound: Sendable, Hashable {
    /// A tty that carries bare samples both ways.
    case tty(path: String, rate: Int)
    /// A sound card by its ALSA name, such as `hw:1`.
    case alsa(device: String, rate: Int)
    /// Packets over the network.
    case rtp(RTPSound)
}

/// Why a leg has no sound; one line for a person.
package enum LegSoundError: Error, Sendable, Hashable {
    /// There is none on this line, now or ever; why, and what to do.
    case unavailable(String)
    /// The line was told to switch it on and did not; what it said.
    case refused(String)
    /// The call is over, or its line gone, or the sound was given up meanwhile.
    case over
}

/// What becomes of the sound of a leg once it was opened.
package enum SoundNews: Sendable, Hashable {
    /// It was switched on anew, and lies here now; open it again.
    case repaired(LegSound)
    /// It is gone for the rest of the call; why.
    case lost(String)
    /// The line takes no sound for now, or takes it again; what comes from it goes on.
    case uplink(isPaused: Bool)
    /// There is sound before the answer: announcements and ringing of the network.
    case early
}

extension LegSoundError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .unavailable(let reason), .refused(let reason): reason
        case .over: "the call is over"
        }
    }
}

extension LegSound: CustomStringConvertible {
    /// Where it lies, as `modems` shows it: `tty:/dev/ttyUSB1`, `alsa:hw:1`.
    package var description: String {
        switch self {
        case .tty(let path, _): "tty:\(path)"
        case .alsa(let device, _): "alsa:\(device)"
        case .rtp(let sound): "rtp:\(sound.address):\(sound.port)"
        }
    }

    /// Samples in a second.
    package var rate: Int {
        switch self {
        case .tty(_, let rate), .alsa(_, let rate): rate
        case .rtp(let sound): sound.codec == .g722 ? 16_000 : 8000
        }
    }
}
