/// What waits between two clocks: filled by the side that makes sound, emptied by the side that plays it.
///
/// What it steers is how long sound waits here, from the arrival of its frame to its read, less its place in the frame: that number
/// is continuous, where the depth jumps by a frame whenever a read overtakes an arrival. With 36.5 ms as its target 99 of 100 samples
/// wait for less than 60 ms at any difference of the clocks, and a jitter of 12 ms makes no hole. It takes back what the clocks differ
/// by, and never keeps a delay that a stall has left behind. A source that comes in larger pieces, as some modems' 40 or 100 ms do,
/// makes the target grow:
///
/// | seen | done |
/// |---|---|
/// | begin, or nothing for 60 ms | silence until 10 ms more than the target are there; what is more than the target goes |
/// | less than a frame is there | the hole is concealed; after three in a row, as at the begin |
/// | two holes within 10 s | the target grows by 20 ms, to 137 ms at most |
/// | none for 30 s | it shrinks by 20 ms again |
/// | for half a second on average 5.5 ms too long a wait | a period of the pitch is left out (2.5 to 10 ms) |
/// | for half a second on average 5.5 ms too short a wait | a period is repeated |
/// | for half a second never less than 60 ms too long a wait | cut down to the target at once |
/// | 140 ms more than the target are reached | the oldest go, down to the target |
///
/// It is used by one thread, and allocates at its creation only.
package struct ElasticBuffer: ~Copyable {
    /// Samples that should have gone by between the arrival of one and its read: 36.5 ms, for a source that gives frame by frame.
    package static let leastTarget = 292
    /// The most that they grow to: 136.5 ms.
    package static let mostTarget = 1092
    /// By how many samples the mean may be off: 5.5 ms, so that no correction calls for its contrary.
    private static let tolerance = 44
    /// Samples above the target at which the oldest go: 140 ms.
    package static let excess = 1120
    /// Reads in which a second hole makes the target grow: 10 s.
    private static let memory = 500
    /// Reads without a hole after which it shrinks: 30 s.
    private static let patience = 1500
    /// Reads after which the wait is judged: 0.5 s.
    private static let window = 25

    /// What was given, and what had to be done.
    package struct Counts: Sendable, Equatable {
        /// Frames given, made-up ones among them.
        package var frames = 0
        /// Holes: frames that were not there in time.
        package var underruns = 0
        /// Frames' worth of sound thrown away, because more came than could wait.
        package var overruns = 0
        /// Corrections of the clocks.
        package var slips = 0
        /// Samples left out (positive) or repeated (negative) by them.
        package var slipped = 0

        /// By how much the source's clock is faster than ours, in millionths, as far as the corrections tell.
        package var drift: Double {
            frames == 0 ? 0 : Double(slipped) / Double(frames * AudioFrame.count) * 1_000_000
        }
    }

    /// What happened so far.
    package private(set) var counts = Counts()
    /// Samples that should have gone by between the arrival of one and its read.
    package private(set) var target = ElasticBuffer.leastTarget
    /// How long sound waited here, from its arrival to its read.
    package private(set) var delays = DelayHistogram()

    /// Whether treble is kept; without it frames come out as of 8 kHz.
    package var isWide = false {
        // What stood there before belongs to other sound.
        didSet { if isWide, !oldValue { treble.update(repeating: 0) } }
    }

    private let storage: UnsafeMutableBufferPointer<Int16>
    /// Twice as many samples, of what lies above.
    private let treble: UnsafeMutableBufferPointer<Int16>
    private let scratch: UnsafeMutableBufferPointer<Int16>
    private let trebleScratch: UnsafeMutableBufferPointer<Int16>
    private var head = 0
    private var isFilling = true
    private var holes = 0
    private var reads = 0
    private var least = Int.max
    private var sum = 0
    /// When the frames came that wait, by the number of the frame.
    private var arrivals = InlineArray<32, UInt64>(repeating: 0)
    /// Samples that were ever put in.
    private var written = 0
    private var readsSinceHole = Self.memory
    private let concealer = LossConcealer()

    /// Creates an empty buffer.
    package init() {
        storage = .allocate(capacity: Self.mostTarget + Self.excess + AudioFrame.count)
        storage.initialize(repeating: 0)
        treble = .allocate(capacity: 2 * storage.count)
        treble.initialize(repeating: 0)
        scratch = .allocate(capacity: Splice.reach)
        scratch.initialize(repeating: 0)
        trebleScratch = .allocate(capacity: 2 * Splice.reach)
        trebleScratch.initialize(repeating: 0)
    }

    deinit {
        storage.deallocate()
        treble.deallocate()
        scratch.deallocate()
        trebleScratch.deallocate()
    }

    /// Samples that wait.
    package private(set) var depth = 0

    /// Takes a frame in, at an instant in nanoseconds.
    package mutating func write(_ frame: borrowing AudioFrame, at now: UInt64) {
        if depth + AudioFrame.count > target + Self.excess {
            drop(depth - target)
            restartWindow()
        }
        arrivals[written / AudioFrame.count % 32] = now
        written += AudioFrame.count
        var place = (head + depth) % storage.count
        for index in 0..<AudioFrame.count {
            storage[place] = frame.samples[index]
            place = place + 1 == storage.count ? 0 : place + 1
        }
        if isWide { writeTreble(of: frame) }
        depth += AudioFrame.count
    }

    /// Gives the next 20 ms; nil while nothing is there to play (silence, or comfort noise, is the caller's choice).
    package mutating func read(at now: UInt64) -> AudioFrame? {
        if isFilling {
            guard depth >= target + AudioFrame.count / 2 else { return nil }
            isFilling = false
            holes = 0
            // Nothing is being played, so that what would wait longer than it has to may go.
            discard(waited(at: now) - target, counts: false)
            restartWindow()
        }
        counts.frames += 1
        readsSinceHole += 1
        if depth >= AudioFrame.count { judge(waited(at: now)) }
        guard depth >= AudioFrame.count else {
            counts.underruns += 1
            holes += 1
            if holes == 1 { noteHole() }
            if holes == 3 { isFilling = true }
            return concealer.conceal()
        }
        noteDelays(at: now)
        holes = 0
        var frame = AudioFrame()
        switch correction() {
        case .none: take(AudioFrame.count, into: &frame)
        case .shorten: shorten(&frame)
        case .lengthen: lengthen(&frame)
        }
        concealer.note(&frame)
        return frame
    }

    /// Forgets what waits: stale sound at the begin of a call, say.
    package mutating func flush() {
        head = 0
        depth = 0
        isFilling = true
        concealer.reset()
    }

    // MARK: - Judging the wait

    /// Nanoseconds since the frame came in which a sample is, counted from the first that was ever put in.
    private func age(of sample: Int, at now: UInt64) -> UInt64 {
        now - min(now, arrivals[sample / AudioFrame.count % 32])
    }

    /// How long the next sample has waited, in samples, as if each had come by itself.
    private func waited(at now: UInt64) -> Int {
        let next = written - depth
        return Int(clamping: age(of: next, at: now) / 125_000) - next % AudioFrame.count
    }

    /// Counts how long the next 160 samples have waited: those that came with one frame, and those that came with the one behind it.
    private mutating func noteDelays(at now: UInt64) {
        let next = written - depth
        let later = next % AudioFrame.count
        delays.count(milliseconds: Int(clamping: age(of: next, at: now) / 1_000_000), samples: AudioFrame.count - later)
        guard later > 0 else { return }
        delays.count(milliseconds: Int(clamping: age(of: next + AudioFrame.count, at: now) / 1_000_000), samples: later)
    }

    /// Throws the oldest away, so much that a frame stays at least.
    private mutating func discard(_ count: Int, counts: Bool = true) {
        let count = min(count, depth - AudioFrame.count)
        if counts { drop(count) } else if count > 0 { advance(count) }
    }

    /// A source that is late again and again comes in larger pieces than was thought.
    private mutating func noteHole() {
        if readsSinceHole < Self.memory { target = min(target + AudioFrame.count, Self.mostTarget) }
        readsSinceHole = 0
    }

    private enum Correction { case none, shorten, lengthen }
    private var wanted = Correction.none

    private mutating func judge(_ waited: Int) {
        least = min(least, waited)
        sum += waited
        reads += 1
        guard reads == Self.window else { return }
        if readsSinceHole >= Self.patience, target > Self.leastTarget {
            target = max(Self.leastTarget, target - AudioFrame.count)
            readsSinceHole = Self.memory
        }
        let mean = sum / reads
        if least >= target + 3 * AudioFrame.count {
            discard(least - target)
        } else if mean > target + Self.tolerance {
            wanted = .shorten
        } else if mean < target - Self.tolerance {
            wanted = .lengthen
        } else {
            wanted = .none
        }
        restartWindow()
    }

    private mutating func restartWindow() {
        least = .max
        sum = 0
        reads = 0
    }

    private mutating func correction() -> Correction {
        defer { wanted = .none }
        switch wanted {
        case .none: return .none
        case .shorten: return depth >= Splice.reach ? .shorten : .none
        // What is repeated is in the frame.
        case .lengthen: return .lengthen
        }
    }

    private mutating func shorten(_ frame: inout AudioFrame) {
        peek(Splice.reach)
        guard let samples = UnsafePointer(scratch.baseAddress) else { return }
        let lag = Splice.period(of: samples)
        for index in 0..<AudioFrame.count { frame[index] = Splice.shortened(samples, by: lag, at: index) }
        if isWide {
            takeTreble(Splice.reach, into: &frame) { Splice.shortened($0, by: lag, scale: 2, at: $1) }
        }
        advance(AudioFrame.count + lag)
        counts.slips += 1
        counts.slipped += lag
    }

    private mutating func lengthen(_ frame: inout AudioFrame) {
        peek(AudioFrame.count)
        guard let samples = UnsafePointer(scratch.baseAddress) else { return }
        let lag = Splice.period(of: samples)
        for index in 0..<AudioFrame.count { frame[index] = Splice.lengthened(samples, by: lag, at: index) }
        if isWide {
            takeTreble(AudioFrame.count, into: &frame) { Splice.lengthened($0, by: lag, scale: 2, at: $1) }
        }
        advance(AudioFrame.count - lag)
        counts.slips += 1
        counts.slipped -= lag
    }

    // MARK: - Moving samples

    private mutating func take(_ count: Int, into frame: inout AudioFrame) {
        var place = head
        for index in 0..<count {
            frame.samples[index] = storage[place]
            place = place + 1 == storage.count ? 0 : place + 1
        }
        if isWide { takeTreble(count, into: &frame) { $0[$1] } }
        advance(count)
    }

    private func writeTreble(of frame: borrowing AudioFrame) {
        var place = 2 * ((head + depth) % storage.count)
        let samples = frame.treble
        for index in 0..<2 * AudioFrame.count {
            treble[place] = samples?[index] ?? 0
            place = place + 1 == treble.count ? 0 : place + 1
        }
    }

    /// Gives the frame the treble that belongs to the next `count` samples.
    private func takeTreble(_ count: Int, into frame: inout AudioFrame, _ sample: (UnsafePointer<Int16>, Int) -> Int16)
    {
        var place = 2 * head
        for index in 0..<2 * count {
            trebleScratch[index] = treble[place]
            place = place + 1 == treble.count ? 0 : place + 1
        }
        guard let base = UnsafePointer(trebleScratch.baseAddress) else { return }
        var samples = WideSamples(repeating: 0)
        for index in 0..<samples.count { samples[index] = sample(base, index) }
        frame.treble = samples
    }

    private mutating func peek(_ count: Int) {
        var place = head
        for index in 0..<count {
            scratch[index] = storage[place]
            place = place + 1 == storage.count ? 0 : place + 1
        }
    }

    private mutating func drop(_ count: Int) {
        guard count > 0 else { return }
        advance(count)
        counts.overruns += (count + AudioFrame.count - 1) / AudioFrame.count
    }

    private mutating func advance(_ count: Int) {
        let count = min(count, depth)
        head = (head + count) % storage.count
        depth -= count
    }
}
