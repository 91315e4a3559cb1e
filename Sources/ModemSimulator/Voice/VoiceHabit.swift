import NetworkSimulator

/// How the voice tty of a family behaves.
struct VoiceHabit: Sendable, Equatable {
    /// Bytes that are written at once; their samples are the time between two writes.
    let chunk: Int
    /// How many bytes may wait to be spoken; what is written beyond stays in the tty.
    var room = 6400
    /// From how many waiting bytes on the modem asks for a pause, and below how many it asks for more; nil where it does not.
    var pause: (above: Int, below: Int)?

    static func == (first: VoiceHabit, second: VoiceHabit) -> Bool { first.chunk == second.chunk }
}

/// The voice tty of one modem while sound runs over it.
struct VoiceLine: Sendable {
    /// When the sound began.
    let since: ContinuousClock.Instant
    /// The place of the first sample, counted from the answer.
    let offset: Int
    /// Chunks that were due since.
    var chunks = 0
    /// Chunks that have gone; behind the others during a stall.
    var moved = 0
    /// Until when a fault lets it rest.
    var stalledUntil: ContinuousClock.Instant?
    /// Whether it was heard that the modem wants a pause.
    var isPaused = false
    /// Whether the modem has lost its sound until it is switched on anew.
    var isStuck = false
    /// What the program has written and the far side has not heard yet.
    var waiting: [UInt8] = []

    /// When the next chunk is due, by the modem's own clock, which is so many millionths too slow.
    func due(_ size: Int, slow ppm: Int) -> ContinuousClock.Instant {
        let samples = (chunks + 1) * (size / 2)
        let nanoseconds = samples * (1_000_000_000 / FarVoice.rate)
        return since + .nanoseconds(nanoseconds + nanoseconds / 1_000_000 * ppm)
    }
}

/// What the sound of a modem has come to, for tests.
package struct VoiceFigures: Sendable, Equatable {
    /// Samples that the program wrote in time.
    package var spoken = 0
    /// Samples of silence that the modem played because the program had written too little.
    package var missing = 0
    /// Bytes that the program wrote while the sound was off.
    package var unheard = 0
    /// The most bytes that ever waited.
    package var mostWaiting = 0
}
