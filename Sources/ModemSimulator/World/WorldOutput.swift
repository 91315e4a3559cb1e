/// What comes out of a simulated world.
package enum WorldOutput: Sendable, Equatable {
    /// The modem writes these bytes.
    case bytes(modem: Int, [UInt8])
    /// The modem writes these bytes to its voice tty.
    case sound(modem: Int, [UInt8])
    /// The voice tty alone is gone, or back.
    case voicePort(modem: Int, isThere: Bool)
    /// The modem is gone from the bus.
    case unplugged(Int)
    /// The modem is back.
    case plugged(Int)
    /// Something happened at the other end of the network.
    case farSide(FarSideEvent)
}

/// Something that a program must never do to a modem.
package struct ProtocolViolation: Sendable, Equatable, CustomStringConvertible {
    /// What was done.
    package enum Kind: String, Sendable {
        /// A command was written although another had not been answered.
        case commandInFlight = "command written while another was in flight"
        /// ATD without semicolon: a data call.
        case dataCall = "data call"
    }

    package let modem: Int
    /// What was done.
    package let kind: Kind
    /// The command that was in flight, or that did it.
    package let command: String
    /// What was written meanwhile; bounded.
    package internal(set) var written: String
    /// When it began.
    package let at: ContinuousClock.Instant

    /// Whether a bare `AT`, or the answers' form, followed an `AT` that was not answered yet: how every manual has a silent modem
    /// found (V.250 5.2.7, which sets rate and parity anew by each `AT`; 6.2.5, by whose `Q1` it answers nothing), and no harm.
    var isRepeatedProbe: Bool {
        kind == .commandInFlight && command == "AT" && (written == "AT" || written == "ATQ0V1E0")
    }

    /// The violation as a line for people.
    package var description: String {
        "modem \(modem): \(kind.rawValue): \(command)" + (written.isEmpty ? "" : " <- \(written)")
    }
}
