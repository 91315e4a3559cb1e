internal import CallModel

/// One end of a conversation at the audio loop: a modem's voice tty, a file, a socket.
///
/// A port is made on any thread, handed to the loop, and from then on touched by the loop's thread alone. None of its
/// methods may wait, take a lock that others hold, or allocate for a frame.
package class AudioPort: @unchecked Sendable {
    // `@unchecked` because the loop's thread alone touches it after it was handed over.

    /// Names a port; never 0.
    package typealias ID = UInt64

    /// What a port says of itself while it is served.
    enum Life: Sendable {
        /// It goes on.
        case alive
        /// Its device or its other end is gone.
        case gone
    }

    /// Its name.
    package let id: ID
    /// What is watched for reading; −1 for nothing.
    let descriptor: Int32
    /// Where it tells its events; set by the loop.
    var tell: (AudioEvent.Kind) -> Void = { _ in }

    /// Whether a digit was told in these 20 ms: more at once come from a way that stood still, or are no keys that anybody pressed.
    var hasToldDigit = false
    /// Digits that wait for their turn, at most ``mostHeld``.
    private var held = InlineArray<16, UInt8>(repeating: 0)
    private var heldCount = 0
    /// As many as people key in the longest pause of a way that is still a call.
    private static let mostHeld = 16

    /// Keeps a digit for the next 20 ms.
    func hold(_ digit: Character) {
        guard heldCount < Self.mostHeld, let byte = digit.asciiValue else { return }
        held[heldCount] = byte
        heldCount += 1
    }

    /// Tells the first digit that waits.
    func tellHeld() {
        guard heldCount > 0 else { return }
        let first = held[0]
        for place in 1..<heldCount { held[place - 1] = held[place] }
        heldCount -= 1
        tell(.digit(Character(UnicodeScalar(first))))
    }

    /// Whether the frames that it gives are the clock for those that it gets.
    var isPacing: Bool { false }

    /// Whether it has no clock at all: a frame is taken from it whenever one is to be played on the other side.
    var isPulled: Bool { false }

    /// Whether frames go to it as they come, without a buffer before it, because nothing there is played by a clock of ours.
    var takesAtOnce: Bool { false }

    /// Whether silence from it for 2 s is a stall.
    var mayStall: Bool { descriptor >= 0 }

    /// Whether a digit counts that is heard as a tone, and has not come by another way before.
    func takesTone() -> Bool { true }

    /// Whether it can have sound of 16 kHz.
    var hasTreble: Bool { false }

    /// Learns whether the other side has 16 kHz as well, so that frames bear their treble; called on the loop's thread.
    func carryTreble(_ isCarried: Bool) {}

    /// Whether it has told its end itself, so that nothing of it is served or told any more.
    var isOver: Bool { false }

    /// How the way to it is, where that is measured.
    var network: NetworkQuality? { nil }

    /// Whether it is taken for gone where nothing has moved either way for long.
    var mayDie: Bool { false }

    init(id: ID, descriptor: Int32) {
        self.id = id
        self.descriptor = descriptor
    }

    /// Begins: what lies in the device from before is thrown away.
    func start() {}

    /// Reads what is there, and hands each whole frame to `deliver`.
    func read(deliver: (borrowing AudioFrame) -> Void) -> Life { .alive }

    /// Gives the next frame where it is not read from a descriptor (a file, say); nil for none.
    ///
    /// It is asked every 20 ms, or, where it is pulled, whenever the other side plays.
    func next() -> AudioFrame? { nil }

    /// Gives a frame more than the clock asked for, where too much waits behind a faster clock; asked once every 20 ms.
    func surplus() -> AudioFrame? { nil }

    /// Plays a frame; false where it had to be thrown away, because the other end takes nothing.
    func play(_ frame: borrowing AudioFrame) -> Bool { true }

    /// Sends a digit beside the sound; false where digits go as tones in it.
    func key(_ digit: Character) -> Bool { false }

    /// Takes over what has to go on from the port whose place it takes; called on the loop's thread before that is stopped.
    func follow(_ old: AudioPort) {}

    /// Ends: flushes and closes.
    ///
    /// It is called once, on the loop's thread, also where the port was gone.
    func stop() {}

    /// Ends a port that was never handed to the loop.
    package func abandon() { stop() }
}

/// Nobody: gives silence and takes everything.
package final class SilentPort: AudioPort, @unchecked Sendable {
    /// Creates a port.
    package init(id: ID) { super.init(id: id, descriptor: -1) }

    override var isPulled: Bool { true }
    override var takesAtOnce: Bool { true }
}
