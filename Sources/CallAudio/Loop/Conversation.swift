/// One of the two ends of a conversation, as the loop serves it.
final class ConversationEnd {
    /// A half that moved nothing for so long has stalled: 2 s.
    static let stallLimit: UInt64 = 2_000_000_000
    /// Nothing from a pacing port for so long, and the loop's own clock plays to it: 60 ms.
    static let paceLimit: UInt64 = 60_000_000
    /// Frames that may go out at once after a stall; what is beyond them is thrown away.
    static let burst = 2

    let port: AudioPort
    /// What is to be played here.
    var buffer = ElasticBuffer()
    var heard = LevelMeter()
    var played = LevelMeter()
    var gain = Gain()
    var generator = DTMFGenerator()
    let detector: DTMFDetector?
    var refused = 0

    private var lastHeard: UInt64
    private var lastPlayed: UInt64
    private var hasStarted = false
    private var isDeaf = false
    private var isBlocked = false

    init(_ port: AudioPort, detectsDigits: Bool, now: UInt64) {
        self.port = port
        detector = detectsDigits ? DTMFDetector() : nil
        lastHeard = now
        lastPlayed = now
    }

    /// Whether the loop's clock has to play to it, because it has none of its own or has lost it.
    func needsClock(at now: UInt64) -> Bool {
        !port.isPacing || now - lastHeard > Self.paceLimit
    }

    /// Takes a frame that came from the port on its way to `other`.
    func hear(_ frame: borrowing AudioFrame, for other: ConversationEnd, at now: UInt64) {
        lastHeard = now
        if !hasStarted {
            hasStarted = true
            port.tell(.started)
        }
        if isDeaf {
            isDeaf = false
            port.tell(.resumed(.heard))
        }
        heard.measure(frame)
        detector?
            .listen(to: frame) { event in
                if case .began(let digit) = event { port.tell(.digit(digit)) }
            }
        other.buffer.write(frame)
    }

    /// Plays the next 20 ms.
    func play(at now: UInt64) {
        var frame = buffer.read() ?? AudioFrame()
        // A digit takes the place of the speech, whose buffer goes on meanwhile.
        if let tone = generator.next() { frame = tone }
        gain.apply(to: &frame)
        played.measure(frame)
        if port.play(frame) {
            lastPlayed = now
            if isBlocked {
                isBlocked = false
                port.tell(.resumed(.played))
            }
        } else {
            refused += 1
        }
    }

    /// Throws a frame away that is overdue.
    func skip() {
        _ = buffer.read()
    }

    /// Looks whether a half has stalled.
    func watch(at now: UInt64) {
        if port.descriptor >= 0, !isDeaf, now - lastHeard > Self.stallLimit {
            isDeaf = true
            port.tell(.stalled(.heard))
        }
        if !isBlocked, now - lastPlayed > Self.stallLimit {
            isBlocked = true
            port.tell(.stalled(.played))
        }
    }

    /// What is known of the sound so far.
    var quality: AudioQuality {
        AudioQuality(
            port: port.id,
            counts: buffer.counts,
            refused: refused,
            delayMedian: buffer.delays.percentile(0.5),
            delayWorst: buffer.delays.percentile(0.99),
            heard: heard.mean,
            played: played.mean
        )
    }
}

/// How good the sound at a port was.
package struct AudioQuality: Sendable, Equatable {
    /// The port.
    package var port: AudioPort.ID
    /// What the buffer before it had to do.
    package var counts: ElasticBuffer.Counts
    /// Frames that the port did not take.
    package var refused: Int
    /// How long sound waited before it was played here, in ms: the median, and what 99 of 100 stay below.
    package var delayMedian: Int?
    package var delayWorst: Int?
    /// The level of what came from the port.
    package var heard: AudioLevel
    /// The level of what was played to it.
    package var played: AudioLevel
}

/// Two ports that hear each other.
final class Conversation {
    let id: UInt64
    let ends: (ConversationEnd, ConversationEnd)

    init(id: UInt64, _ a: ConversationEnd, _ b: ConversationEnd) {
        self.id = id
        ends = (a, b)
    }

    func end(of port: AudioPort.ID) -> (own: ConversationEnd, other: ConversationEnd)? {
        if ends.0.port.id == port { return ends }
        return ends.1.port.id == port ? (ends.1, ends.0) : nil
    }
}
