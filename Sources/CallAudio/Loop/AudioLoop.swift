internal import CLinux
internal import Glibc
internal import Synchronization

/// The thread that moves sound: every 20 ms, and whenever something is there to be read.
///
/// One thread serves all conversations, with real-time priority where the system allows it. It takes its orders from a queue and
/// tells what happened by another; it waits for nobody, and allocates nothing for a frame.
package final class AudioLoop: Sendable {
    /// Ports served at once: 64, two for each of 32 calls.
    package static let portLimit = 64
    /// Nanoseconds between two ticks.
    private static let tick: UInt64 = 20_000_000
    /// Places among the news that digits leave free.
    private static let reserve = 512
    /// The priority that is asked for (SCHED_FIFO; `LimitRTPRIO` of the unit has to allow it).
    package static let priority: Int32 = 10

    private enum Order {
        case join(Conversation)
        case part(UInt64, @Sendable ([AudioQuality]) -> Void)
        case look(UInt64, @Sendable ([AudioQuality]) -> Void)
        case lateness(@Sendable (DelayHistogram) -> Void)
        case replace(AudioPort.ID, AudioPort)
        case digit(Character, AudioPort.ID)
        case gain(Double, AudioPort.ID)
        case announce(AnnouncementPlayer?, AudioPort.ID)
        case prompt(AudioPort.ID)
        case pause(AudioPort.ID, Bool)
        case stop
    }

    private let orders = HandOver<Order>(size: 256)
    private let news = HandOver<AudioEvent>(size: 1024)
    private let producers = Mutex(false)
    private let bell: Int32
    private let newsBell: Int32
    private let set: Int32
    private let metronome: Int32
    private let newsSet: Int32
    private let lostNews = Atomic<Int>(0)
    private let isRealtime = Atomic<Bool>(false)
    private let staysInMemory = Atomic<Bool>(false)

    /// Starts the loop.
    ///
    /// - Parameter listen: Is told what happens, in order, on a thread of its own.
    /// - Throws: Where the system has no descriptors left.
    package init(listen: @escaping @Sendable (AudioEvent) -> Void) throws(AudioLoopError) {
        bell = clinux_bell()
        newsBell = clinux_bell()
        set = clinux_watch_open()
        metronome = clinux_metronome(Self.tick)
        newsSet = clinux_watch_open()
        guard bell >= 0, newsBell >= 0, set >= 0, metronome >= 0, newsSet >= 0 else { throw .noDescriptors }
        clinux_watch_add(newsSet, newsBell, 1)
        clinux_watch_add(set, bell, 0)
        clinux_watch_add(set, metronome, .max)
        guard Thread.detach(named: "audio-events", { [self] in forward(listen) }) else { throw .noThreads }
        guard Thread.detach(named: "audio", { [self] in AudioThread(self).run() }) else {
            // The one that tells events ends by this word.
            _ = news.append(AudioEvent(port: 0, kind: .ended))
            clinux_bell_ring(newsBell)
            throw .noThreads
        }
    }

    /// Whether the thread has real-time priority; without it, a busy machine may be heard.
    package var hasRealtimePriority: Bool { isRealtime.load(ordering: .relaxed) }

    /// Whether nothing that the thread touches has to come back from a disk; without it, a box that is short of memory may be heard.
    package var isKeptInMemory: Bool { staysInMemory.load(ordering: .relaxed) }

    /// Lets two ports hear each other, from the next frame on; false where too much waits, and then both are closed.
    ///
    /// - Parameters:
    ///   - id: Names the conversation.
    ///   - first: One port, in whose sound digits are listened for where `detectsDigits`.
    package func join(_ id: UInt64, _ first: AudioPort, _ second: AudioPort, detectsDigits: Bool = false) -> Bool {
        let now = clinux_now()
        let conversation = Conversation(
            id: id,
            ConversationEnd(first, detectsDigits: detectsDigits, now: now),
            ConversationEnd(second, detectsDigits: false, now: now)
        )
        if give(.join(conversation)) { return true }
        first.abandon()
        second.abandon()
        return false
    }

    /// Ends a conversation and closes its ports; the answer is how good each side's sound was, or nothing where it is not known.
    package func part(_ id: UInt64) async -> [AudioQuality] {
        await withCheckedContinuation { continuation in
            if !give(.part(id) { continuation.resume(returning: $0) }) {
                continuation.resume(returning: [])
            }
        }
    }

    /// How good each side's sound is so far, and its levels; nothing where there is no such conversation.
    package func quality(of id: UInt64) async -> [AudioQuality] {
        await withCheckedContinuation { continuation in
            if !give(.look(id) { continuation.resume(returning: $0) }) {
                continuation.resume(returning: [])
            }
        }
    }

    /// How late the loop's ticks came so far, each counted in tenths of a millisecond; nil where it is not known.
    package func lateness() async -> DelayHistogram? {
        await withCheckedContinuation { continuation in
            if !give(.lateness { continuation.resume(returning: $0) }) { continuation.resume(returning: nil) }
        }
    }

    /// Has another port take the place of one, which is closed; what was counted at it goes on.
    ///
    /// Where the old one is in no conversation any more, or too much waits (then false), the new one is closed.
    package func replace(_ old: AudioPort.ID, by new: AudioPort) -> Bool {
        if give(.replace(old, new)) { return true }
        new.abandon()
        return false
    }

    /// Plays a DTMF digit into a port; false where too much waits.
    package func send(_ digit: Character, to port: AudioPort.ID) -> Bool {
        give(.digit(digit, port))
    }

    /// Plays an announcement to a port in place of what the other side says, until its end; nil for nothing more.
    ///
    /// - Returns: false where too much waits.
    package func announce(_ announcement: AnnouncementPlayer?, to port: AudioPort.ID) -> Bool {
        give(.announce(announcement, port))
    }

    /// Listens for the tone by which a PBX asks for digits, until it is heard; false where too much waits.
    package func awaitPrompt(of port: AudioPort.ID) -> Bool {
        give(.prompt(port))
    }

    /// Makes what a port plays louder or softer, by −40 to 40 dB.
    package func setGain(_ decibels: Double, of port: AudioPort.ID) -> Bool {
        give(.gain(decibels, port))
    }

    /// Plays nothing to a port until it is told otherwise; false where too much waits.
    package func pause(_ port: AudioPort.ID, _ isPaused: Bool) -> Bool {
        give(.pause(port, isPaused))
    }

    /// Ends the thread; conversations end with it.
    ///
    /// Nothing may be asked of the loop afterwards.
    package func stop() {
        _ = give(.stop)
    }

    private func give(_ order: Order) -> Bool {
        // Those who give orders take turns; the loop's thread never takes this lock.
        let isTaken = producers.withLock { isOver in
            if isOver { return false }
            if case .stop = order { isOver = true }
            guard orders.append(order) else { return false }
            clinux_bell_ring(bell)
            return true
        }
        return isTaken
    }

    private func forward(_ listen: (AudioEvent) -> Void) {
        var found = clinux_watched()
        var isOver = false
        while !isOver {
            if clinux_watch_wait(newsSet, &found, 1) > 0 { clinux_bell_silence(newsBell) }
            while let event = news.take() {
                // Port 0 is none: the loop's own word that it has ended.
                if event.port == 0 { isOver = true } else { listen(event) }
            }
        }
    }

    // Both threads hold the loop for as long as they run.
    deinit {
        for descriptor in [bell, newsBell, set, metronome, newsSet] where descriptor >= 0 { close(descriptor) }
    }

    /// The state of the loop, touched by its thread alone.
    private struct AudioThread: ~Copyable {
        let loop: AudioLoop
        var conversations: [Conversation] = []
        var isOver = false
        var ticks: UInt64 = 0
        /// When the next tick is due, by the earliest that came so far.
        var due: UInt64?
        var lateness = DelayHistogram()

        init(_ loop: AudioLoop) {
            self.loop = loop
            conversations.reserveCapacity(AudioLoop.portLimit / 2)
        }

        consuming func run() {
            loop.isRealtime.store(clinux_realtime(AudioLoop.priority) == 0, ordering: .relaxed)
            loop.staysInMemory.store(clinux_keep_in_memory() == 0, ordering: .relaxed)
            let found = UnsafeMutablePointer<clinux_watched>.allocate(capacity: 64)
            found.initialize(repeating: clinux_watched(), count: 64)
            while !isOver {
                let count = clinux_watch_wait(loop.set, found, 64)
                let now = clinux_now()
                for index in 0..<Int(max(0, count)) {
                    let event = found[index]
                    switch event.token {
                    case 0:
                        clinux_bell_silence(loop.bell)
                        takeOrders(at: now)
                    case .max: tick(clinux_metronome_read(loop.metronome), at: now)
                    default: serve(event.token, isGone: event.hung_up != 0 && event.readable == 0, at: now)
                    }
                }
            }
            for conversation in conversations { end(conversation) }
            found.deallocate()
            tell(AudioEvent(port: 0, kind: .ended))
        }

        private func tell(_ event: AudioEvent) {
            if loop.news.append(event) {
                clinux_bell_ring(loop.newsBell)
            } else {
                loop.lostNews.add(1, ordering: .relaxed)
            }
        }

        private mutating func takeOrders(at now: UInt64) {
            while let order = loop.orders.take() {
                switch order {
                case .join(let conversation): begin(conversation)
                case .part(let id, let answer):
                    guard let index = conversations.firstIndex(where: { $0.id == id }) else {
                        answer([])
                        continue
                    }
                    let conversation = conversations.remove(at: index)
                    end(conversation)
                    answer(conversation.quality)
                case .look(let id, let answer): answer(conversations.first { $0.id == id }?.quality ?? [])
                case .lateness(let answer): answer(lateness)
                case .replace(let old, let new): replace(old, by: new, at: now)
                case .digit(let digit, let port):
                    for conversation in conversations {
                        guard let end = conversation.end(of: port)?.own else { continue }
                        if !end.port.key(digit) { _ = end.generator.append(digit) }
                    }
                case .announce(let announcement, let port):
                    for conversation in conversations { conversation.end(of: port)?.own.announcement = announcement }
                case .prompt(let port):
                    for conversation in conversations { conversation.end(of: port)?.own.prompt = PromptDetector() }
                case .gain(let decibels, let port):
                    for conversation in conversations {
                        if let end = conversation.end(of: port) { end.own.gain = Gain(decibels: decibels) }
                    }
                case .pause(let port, let isPaused):
                    for conversation in conversations { conversation.end(of: port)?.own.isPaused = isPaused }
                case .stop: isOver = true
                }
            }
        }

        private mutating func begin(_ conversation: Conversation) {
            let ports = [conversation.ends.0.port, conversation.ends.1.port]
            guard conversations.count < AudioLoop.portLimit / 2 else {
                for port in ports {
                    port.stop()
                    tell(AudioEvent(port: port.id, kind: .ended))
                }
                return
            }
            for port in ports { open(port) }
            conversation.agreeOnWidth()
            conversations.append(conversation)
        }

        private func open(_ port: AudioPort) {
            let (id, loop) = (port.id, loop)
            port.tell = { [unowned port] kind in
                if case .digit(let digit) = kind {
                    // What came at once, behind a pause of the way, is told one by one; of a thousand the rest is lost, and no word of others.
                    guard !port.hasToldDigit else { return port.hold(digit) }
                    port.hasToldDigit = true
                    if loop.news.append(AudioEvent(port: id, kind: kind), leaving: AudioLoop.reserve) {
                        clinux_bell_ring(loop.newsBell)
                    }
                    return
                }
                if loop.news.append(AudioEvent(port: id, kind: kind)) {
                    clinux_bell_ring(loop.newsBell)
                } else {
                    loop.lostNews.add(1, ordering: .relaxed)
                }
            }
            port.start()
            if port.descriptor >= 0 { clinux_watch_add(loop.set, port.descriptor, port.id) }
        }

        private func end(_ conversation: Conversation) {
            for end in [conversation.ends.0, conversation.ends.1] { shut(end) }
        }

        private func shut(_ end: ConversationEnd) {
            if end.port.descriptor >= 0, !end.isGone { clinux_watch_remove(loop.set, end.port.descriptor) }
            end.port.stop()
        }

        private func replace(_ old: AudioPort.ID, by new: AudioPort, at now: UInt64) {
            let found = conversations.lazy.compactMap { conversation in
                conversation.end(of: old).map { (conversation, $0.own) }
            }
            guard let (conversation, end) = found.first else { return new.stop() }
            shut(end)
            end.become(new, at: now)
            open(new)
            conversation.agreeOnWidth()
        }

        private func serve(_ id: AudioPort.ID, isGone: Bool, at now: UInt64) {
            for conversation in conversations {
                guard let (own, other) = conversation.end(of: id), !own.isGone else { continue }
                guard !isGone else { return lose(own) }
                var frames = 0
                let life = own.port.read { frame in
                    own.hear(frame, for: other, at: now)
                    frames += 1
                }
                if own.port.isPacing, frames > 0 { own.answer(frames, from: other, at: now) }
                if case .gone = life { lose(own) }
                return
            }
        }

        /// A descriptor that is gone would wake the loop for ever: it leaves the set at once.
        ///
        /// Its conversation stays until it is ended from outside.
        private func lose(_ end: ConversationEnd) {
            clinux_watch_remove(loop.set, end.port.descriptor)
            end.isGone = true
            tell(AudioEvent(port: end.port.id, kind: .ended))
        }

        private mutating func tick(_ count: UInt64, at now: UInt64) {
            guard count > 0 else { return }
            ticks += count
            noteLateness(count, at: now)
            for conversation in conversations {
                serve(conversation.ends.0, conversation.ends.1, count, at: now)
                serve(conversation.ends.1, conversation.ends.0, count, at: now)
            }
        }

        private mutating func noteLateness(_ count: UInt64, at now: UInt64) {
            let due = min(now, (self.due ?? now) + (count - 1) * AudioLoop.tick)
            // Tenths of a millisecond.
            lateness.count(milliseconds: Int(clamping: (now - due) / 100_000), samples: 1)
            self.due = due + AudioLoop.tick
        }

        private func serve(_ end: ConversationEnd, _ other: ConversationEnd, _ count: UInt64, at now: UInt64) {
            guard !end.isGone, !end.port.isOver else { return }
            end.port.hasToldDigit = false
            end.port.tellHeld()
            let due = Int(min(count, 100))
            if !end.port.isPulled {
                for _ in 0..<due {
                    if let frame = end.port.next() { end.hear(frame, for: other, at: now) }
                }
            }
            if let frame = end.port.surplus() { end.hear(frame, for: other, at: now) }
            if end.needsClock(at: now) {
                for _ in 0..<max(0, due - ConversationEnd.burst) { end.skip(from: other, at: now) }
                for _ in 0..<min(due, ConversationEnd.burst) { end.play(from: other, at: now) }
                end.noteClocked(due)
            }
            for _ in 0..<min(due, ConversationEnd.burst) { end.fill(at: now) }
            end.watch(at: now)
            if end.isDead(at: now) { lose(end) }
        }
    }
}
