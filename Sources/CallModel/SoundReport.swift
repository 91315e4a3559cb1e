/// What is told of the sound of a call (the contract's `call.audio`).
package struct SoundReport: Sendable, Hashable {
    /// How it stands.
    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// The two ends hear each other.
        case started
        /// Nothing has moved for 2 s, in one direction at least.
        case stalled
        /// It moves again.
        case resumed
        /// It is over, or can't be had; the call may go on without.
        case ended
    }

    /// How it stands.
    package var state: State
    /// The end that it is about: the endpoint as it was named, or `modem`.
    package var endpoint: String
    /// Why, in one clause.
    package var reason: String?

    /// Creates a report.
    package init(_ state: State, endpoint: String, reason: String? = nil) {
        self.state = state
        self.endpoint = endpoint
        self.reason = reason
    }
}

/// How good the sound of a leg was, from its begin to its end (the contract's `call.quality`).
///
/// Holes and corrections of both directions are added up, and the delay is that of the worse one. The levels are means, as the box
/// heard and played them.
package struct SoundQuality: Sendable, Hashable, Codable {
    /// The leg: the modem's name, or `modem`.
    package var leg: String
    /// Frames of 20 ms that came from it.
    package var frames: Int
    /// Frames that were not there in time, and were made up.
    package var underruns: Int
    /// Frames thrown away, because more came than could wait, or the other end took none.
    package var overruns: Int
    /// Corrections by which two clocks were kept together.
    package var slips: Int
    /// By how much the leg's clock is faster than the other end's, in millionths.
    package var drift: Double
    /// How long sound waited in the box, in milliseconds: the median; 0 where it went on as it came.
    package var delayMedian: Int
    /// What 99 of 100 frames stay below.
    package var delayWorst: Int
    /// How loud it was that came from the leg, in dBFS, −96 to 0.
    package var levelIn: Double
    /// How loud it was that was played to it.
    package var levelOut: Double
    /// How the way was, where RTP is spoken at one end; the leg's, else that of the other end.
    package var network: NetworkQuality?

    /// Creates one from its parts.
    package init(
        leg: String,
        frames: Int,
        underruns: Int,
        overruns: Int,
        slips: Int,
        drift: Double,
        delayMedian: Int,
        delayWorst: Int,
        levelIn: Double,
        levelOut: Double,
        network: NetworkQuality? = nil
    ) {
        self.leg = leg
        self.frames = frames
        self.underruns = underruns
        self.overruns = overruns
        self.slips = slips
        self.drift = drift
        self.delayMedian = delayMedian
        self.delayWorst = delayWorst
        self.levelIn = levelIn
        self.levelOut = levelOut
        self.network = network
    }

    private enum CodingKeys: String, CodingKey {
        case leg
        case frames
        case underruns
        case overruns
        case slips
        case drift = "drift_ppm"
        case delayMedian = "delay_ms_p50"
        case delayWorst = "delay_ms_p99"
        case levelIn = "level_in_dbfs"
        case levelOut = "level_out_dbfs"
        case network
    }
}
