/// Something that goes wrong with the sound of a simulated modem.
///
/// | text | meaning |
/// |---|---|
/// | `voice-drift:200` | the modem's clock is 200 millionths too slow; negative for too fast |
/// | `voice-late:5s` | the sound can't be switched on in the first 5 s after the answer |
/// | `voice-refused` | it can't be switched on at all |
/// | `voice-worn` | from the second call on the first try to switch it on is refused, until `AT+CRESET` |
/// | `voice-stall:2s` | once in each call, 1 s after it began, nothing moves for so long; then all that came meanwhile comes at once |
/// | `voice-sticks` | 1 s after it began nothing moves any more, until it is switched on anew |
/// | `voice-stale:300ms` | so much of an earlier call comes first |
/// | `voice-dead-uplink` | what the program writes is never taken |
/// | `voice-dead-downlink` | nothing ever comes |
/// | `voice-swapped` | the bytes of each sample are the wrong way round |
/// | `voice-odd-byte` | one byte too many comes first |
/// | `voice-unplug:1s` | the voice tty alone vanishes so long after the sound began |
/// | `voice-replug:1s` | after `voice-unplug` it comes back |
package enum VoiceFault: Sendable, Equatable {
    case drift(ppm: Int)
    case late(Duration)
    case refused
    case worn
    case stall(Duration)
    case sticks
    case stale(Duration)
    case deadUplink
    case deadDownlink
    case swapped
    case oddByte
    case unplug(Duration)
    case replug(Duration)

    /// How long after the beginning `stall` and `sticks` strike.
    static let strikesAfter = Duration.seconds(1)

    private static let plain: [String: VoiceFault] = [
        "voice-refused": .refused, "voice-worn": .worn, "voice-sticks": .sticks, "voice-dead-uplink": .deadUplink,
        "voice-dead-downlink": .deadDownlink, "voice-swapped": .swapped, "voice-odd-byte": .oddByte,
    ]

    private static let timed: [String: @Sendable (Duration) -> VoiceFault] = [
        "voice-late": { .late($0) }, "voice-stall": { .stall($0) }, "voice-stale": { .stale($0) },
        "voice-unplug": { .unplug($0) }, "voice-replug": { .replug($0) },
    ]

    /// The names of all of them, as the text form begins.
    static let names = (["voice-drift"] + plain.keys + timed.keys).sorted()

    /// Reads the text form; nil where it is none of these, or its value makes no sense.
    init?(_ parts: [String], duration: (String) -> Duration?) {
        switch parts.count {
        case 1:
            guard let fault = Self.plain[parts[0]] else { return nil }
            self = fault
        case 2:
            if parts[0] == "voice-drift" {
                guard let ppm = Int(parts[1]), (-5000...5000).contains(ppm) else { return nil }
                self = .drift(ppm: ppm)
                return
            }
            guard let make = Self.timed[parts[0]], let value = duration(parts[1]) else { return nil }
            self = make(value)
        default: return nil
        }
    }
}
