package import CallModel

/// One of the two ends of a conversation, as the loop serves it.
final class ConversationEnd {
    /// A half that moved nothing for so long has stalled: 2 s.
    static let stallLimit: UInt64 = 2_000_000_000
    /// Nothing from a pacing port for so long, and the loop's own clock plays to it: 60 ms.
    static let paceLimit: UInt64 = 60_000_000
    /// Nothing for a port that takes frames as they come for so long, and it gets silence: 200 ms.
    static let fillLimit: UInt64 = 200_000_000
    /// Another party of which nothing has come and which has taken nothing for so long is gone: 30 s.
    static let deathLimit: UInt64 = 30_000_000_000
    /// Frames closer to each other than this come at once: 5 ms.
    static let gap: UInt64 = 5_000_000
    /// Frames that may go out at once after a stall; what is beyond them is thrown away.
    static let burst = 2

    private(set) var port: AudioPort
    /// What is to be played here.
    var buffer = ElasticBuffer()
    var heard = LevelMeter()
    var played = LevelMeter()
    var gain = Gain()
    var generator = DTMFGenerator()
    private var noise = ComfortNoise()
    let detector: DTMFDetector?
    /// Listens for a PBX's prompt, until it is heard.
    var prompt: PromptDetector?
    /// What is played here in place of the other side's sound.
    var announcement: AnnouncementPlayer?
    /// Whether the port is gone, and served no more.
    var isGone = false
    /// Whether it takes nothing for now, by its own word.
    var isPaused = false

    private var heardFrames = 0
    private var refused = 0
    private var overdue = 0
    private var lastHeard: UInt64
    private var lastPlayed: UInt64
    private var hasStarted = false
    private var isDeaf = false
    private var isBlocked = false
    /// When the last frame came that goes on as it comes, how many came at once with it, and how much silence was put in their
    /// place before.
    private var lastPassed: UInt64
    private var atOnce = 0
    private var fillers = 0

    init(_ port: AudioPort, detectsDigits: Bool, now: UInt64) {
        self.port = port
        detector = detectsDigits ? DTMFDetector() : nil
        lastHeard = now
        lastPlayed = now
        lastPassed = now
    }

    /// Has another port take the place of this one; what was counted goes on, the levels begin anew.
    func become(_ port: AudioPort, at now: UInt64) {
        port.follow(self.port)
        self.port = port
        buffer.flush()
        heard.restart()
        played.restart()
        // A side that stood still has not moved yet.
        (isGone, isPaused, hasStarted) = (false, false, false)
        (lastHeard, lastPlayed, lastPassed) = (now, now, now)
        (atOnce, fillers, clocked, lastPiece) = (0, 0, 0, 1)
    }

    func carryTreble(_ isCarried: Bool) {
        port.carryTreble(isCarried)
        buffer.isWide = isCarried
    }

    /// Whether the loop's clock has to play to it, because it has none of its own or has lost it.
    func needsClock(at now: UInt64) -> Bool {
        if port.takesAtOnce { return false }
        return !port.isPacing || now - lastHeard > Self.paceLimit
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
        note(frame)
        if other.port.takesAtOnce {
            other.pass(frame, at: now)
        } else {
            other.buffer.write(frame, at: now)
        }
    }

    private func note(_ frame: borrowing AudioFrame) {
        heardFrames += 1
        heard.measure(frame)
        detector?
            .listen(to: frame) { event in
                if case .began(let digit) = event, port.takesTone() { port.tell(.digit(digit)) }
            }
        if prompt?.listen(to: frame) == true {
            prompt = nil
            port.tell(.prompt)
        }
    }

    /// Passes a frame on as it came.
    ///
    /// Of a heap that a stall has left behind, two go on; the rest stands for sound in whose place silence went out.
    private func pass(_ frame: borrowing AudioFrame, at now: UInt64) {
        atOnce = now - lastPassed < Self.gap ? atOnce + 1 : 1
        lastPassed = now
        if fillers > 0, atOnce > Self.burst {
            fillers -= 1
            overdue += 1
            return
        }
        if atOnce == 1, fillers > 0, isFlowing {
            fillers = 0
        }
        isFlowing = atOnce == 1
        var frame = copy frame
        put(&frame, at: now)
    }

    private var isFlowing = false

    /// Plays as many frames to a pacing port as came from it, without what the clock has played in their place.
    ///
    /// A modem that gives 100 ms at a time gets as much at a time. A heap that is larger than the one before is what a stall has left
    /// behind: of that, two go out.
    func answer(_ frames: Int, from other: ConversationEnd, at now: UInt64) {
        let done = min(clocked, frames, lastPiece)
        let due = min(frames - done, max(Self.burst, min(lastPiece, frames)))
        for _ in 0..<(frames - done - due) { skip(from: other, at: now) }
        for _ in 0..<due { play(from: other, at: now) }
        clocked -= done
        if clocked >= lastPiece { clocked = 0 }
        lastPiece = frames
    }

    /// Notes that the clock has played so many frames, or left them out, in the place of the port.
    func noteClocked(_ frames: Int) {
        if port.isPacing { clocked = min(clocked + frames, lastPiece) }
    }

    private var clocked = 0
    private var lastPiece = 1

    /// Gives silence where nothing has come for long; called every 20 ms.
    func fill(at now: UInt64) {
        guard port.takesAtOnce, now - lastPassed > Self.fillLimit else { return }
        fillers = min(fillers + 1, 500)
        isFlowing = false
        var silence = AudioFrame()
        put(&silence, at: now)
    }

    /// Plays the next 20 ms of what `other` gives.
    func play(from other: ConversationEnd, at now: UInt64) {
        var frame: AudioFrame
        if other.port.isPulled {
            if let next = other.port.next() {
                other.note(next)
                frame = next
            } else {
                frame = AudioFrame()
            }
        } else {
            guard let next = buffer.read(at: now) else { return playNothing(from: other, at: now) }
            frame = next
        }
        put(&frame, at: now)
    }

    /// Plays 20 ms for which the other side has given nothing: silence before it has begun, faint noise where it has stopped, so that
    /// nobody takes the line for dead.
    private func playNothing(from other: ConversationEnd, at now: UInt64) {
        var frame = AudioFrame()
        put(&frame, at: now, noise: other.hasStarted)
    }

    private func put(_ frame: inout AudioFrame, at now: UInt64, noise isNoisy: Bool = false) {
        // An announcement, and a digit, take the place of the speech, whose buffer goes on meanwhile.
        var isNoisy = isNoisy && announcement == nil
        if let announcement { announce(announcement, &frame) }
        if let tone = generator.next() {
            frame = tone
            isNoisy = false
        }
        gain.apply(to: &frame)
        // A dead half is still told by its level.
        played.measure(frame)
        if isNoisy { frame = noise.next() }
        if isPaused || port.play(frame) {
            lastPlayed = now
            if isBlocked {
                isBlocked = false
                port.tell(.resumed(.played))
            }
        } else {
            refused += 1
        }
    }

    private func announce(_ words: AnnouncementPlayer, _ frame: inout AudioFrame) {
        if let next = words.next() {
            frame = next
        } else {
            frame = AudioFrame()
            if !words.repeats { announcement = nil }
            port.tell(.announced)
        }
    }

    /// Throws a frame away that is overdue.
    func skip(from other: ConversationEnd, at now: UInt64) {
        if !other.port.isPulled { _ = buffer.read(at: now) }
    }

    /// Looks whether a half has stalled.
    func watch(at now: UInt64) {
        if port.mayStall, !isDeaf, now - lastHeard > Self.stallLimit {
            isDeaf = true
            port.tell(.stalled(.heard))
        }
        if !isBlocked, now - lastPlayed > Self.stallLimit {
            isBlocked = true
            port.tell(.stalled(.played))
        }
    }

    /// Whether its other end has to be taken for gone: it says nothing of it, and does nothing.
    func isDead(at now: UInt64) -> Bool {
        port.mayDie && !isGone && now - max(lastHeard, lastPlayed) > Self.deathLimit
    }

    /// What is known of the sound so far.
    var quality: AudioQuality {
        var counts = buffer.counts
        counts.overruns += refused + overdue
        return AudioQuality(
            port: port.id,
            counts: counts,
            heardFrames: heardFrames,
            delayMedian: buffer.delays.percentile(0.5),
            delayWorst: buffer.delays.percentile(0.99),
            heard: heard.mean,
            played: played.mean,
            latestHeard: heard.latest,
            latestPlayed: played.latest,
            network: port.network
        )
    }
}

/// How good the sound at a port was.
package struct AudioQuality: Sendable, Equatable {
    /// The port.
    package var port: AudioPort.ID
    /// What the buffer before it had to do; frames that the port did not take are among the overruns.
    package var counts: ElasticBuffer.Counts
    /// Frames that came from it.
    package var heardFrames: Int
    /// How long sound waited before it was played here, in ms: the median, and what 99 of 100 stay below; nil where it did not
    /// wait.
    package var delayMedian: Int?
    package var delayWorst: Int?
    /// The level of what came from the port.
    package var heard: AudioLevel
    /// The level of what was played to it.
    package var played: AudioLevel
    /// The same of the last half second.
    package var latestHeard: AudioLevel
    package var latestPlayed: AudioLevel
    /// How the way to the port was, where that is measured.
    package var network: NetworkQuality?
}

/// Two ports that hear each other.
final class Conversation {
    let id: UInt64
    let ends: (ConversationEnd, ConversationEnd)

    init(id: UInt64, _ a: ConversationEnd, _ b: ConversationEnd) {
        self.id = id
        ends = (a, b)
    }

    /// Has both ends have 16 kHz where both can.
    func agreeOnWidth() {
        let isWide = ends.0.port.hasTreble && ends.1.port.hasTreble
        ends.0.carryTreble(isWide)
        ends.1.carryTreble(isWide)
    }

    func end(of port: AudioPort.ID) -> (own: ConversationEnd, other: ConversationEnd)? {
        if ends.0.port.id == port { return ends }
        return ends.1.port.id == port ? (ends.1, ends.0) : nil
    }

    var quality: [AudioQuality] { [ends.0.quality, ends.1.quality] }
}
