/// One way in which a family's modems hand the sound of a call to the computer, as data: what switches it on and off, and when.
///
/// ``SoundMachine`` runs it. Samples are signed, 16 bits, little endian, one channel.
package struct SoundWay: Sendable, Hashable {
    /// What carries the samples.
    package enum Carrier: Sendable, Hashable {
        /// A tty, without any framing.
        case tty
        /// A USB sound card.
        case card
    }

    /// What carries the samples.
    package var carrier: Carrier
    /// Samples in a second, unless the modem says otherwise.
    package var rate = 8000
    /// Commands before the first sound of a session; each may fail without harm.
    package var prepare: [ATCommand] = []
    /// Commands that switch the sound on in a call that is up: the last one decides, those before it may fail.
    package var arm: [ATCommand] = []
    /// How long after the answer the first of them goes out.
    package var settles: Duration = .zero
    /// How often ``arm`` is tried in a call.
    package var attempts = 1
    /// How long after a refusal it is tried again.
    package var retryAfter: Duration = .milliseconds(300)
    /// For how long it is tried again at all.
    package var armsWithin: Duration = .seconds(12)
    /// Commands before ``arm`` when the sound has stopped in a call; each may fail.
    package var remedy: [ATCommand] = []
    /// Commands when it is over; each may fail.
    package var disarm: [ATCommand] = []
    /// Whether a modem that refuses the first try and takes a later one needs a restart between calls to be sound again.
    package var refusalTellsWear = false

    /// Creates a way that needs no commands.
    package init(_ carrier: Carrier) { self.carrier = carrier }
}
