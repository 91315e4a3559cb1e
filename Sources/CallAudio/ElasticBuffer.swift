/// What waits between two clocks: filled by the side that makes sound, emptied by the side that plays it.
///
/// It holds 60 ms at the moment of a read on average (40 ms fails already at a jitter of 4 ms), takes back what the clocks differ by,
/// and never keeps a delay that a stall has left behind:
///
/// | seen | done |
/// |---|---|
/// | begin, or nothing for 60 ms | wait for 60 ms of sound, silence until then |
/// | less than a frame is there | the hole is concealed; after three in a row, as at the begin |
/// | for half a second never less than 60 ms, on average 5 ms too much | a period of the pitch is left out (2.5 to 10 ms) |
/// | for half a second on average 10 ms too little | a period is repeated |
/// | for half a second never less than 60 ms too much | cut down to 60 ms at once |
/// | 200 ms are reached | the oldest go, down to 60 ms |
///
/// It is used by one thread, and allocates at its creation only.
package struct ElasticBuffer: ~Copyable {
    /// Samples that should be there at a read: 60 ms.
    package static let target = 480
    /// Samples at which the oldest go: 200 ms.
    package static let limit = 1600
    /// Reads after which the depth is judged: 0.5 s.
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
    /// How long sound waited here, by reads.
    package private(set) var delays = DelayHistogram()

    private let storage: UnsafeMutableBufferPointer<Int16>
    private let scratch: UnsafeMutableBufferPointer<Int16>
    private var head = 0
    private var isFilling = true
    private var holes = 0
    private var reads = 0
    private var least = Int.max
    private var sum = 0
    private let concealer = LossConcealer()

    /// Creates an empty buffer.
    package init() {
        storage = .allocate(capacity: Self.limit + AudioFrame.count)
        storage.initialize(repeating: 0)
        scratch = .allocate(capacity: Splice.reach)
        scratch.initialize(repeating: 0)
    }

    deinit {
        storage.deallocate()
        scratch.deallocate()
    }

    /// Samples that wait.
    package private(set) var depth = 0

    /// Takes a frame in.
    package mutating func write(_ frame: borrowing AudioFrame) {
        if depth + AudioFrame.count > Self.limit {
            drop(depth + AudioFrame.count - Self.target)
            restartWindow()
        }
        var place = (head + depth) % storage.count
        for index in 0..<AudioFrame.count {
            storage[place] = frame.samples[index]
            place = place + 1 == storage.count ? 0 : place + 1
        }
        depth += AudioFrame.count
    }

    /// Gives the next 20 ms; nil while nothing is there to play (silence, or comfort noise, is the caller's choice).
    package mutating func read() -> AudioFrame? {
        if isFilling {
            guard depth >= Self.target else { return nil }
            isFilling = false
            holes = 0
            restartWindow()
        }
        counts.frames += 1
        // What is read has waited for what lies behind it, and half a frame on average.
        delays.count(milliseconds: max(0, depth - AudioFrame.count / 2) / 8)
        judge()
        guard depth >= AudioFrame.count else {
            counts.underruns += 1
            holes += 1
            if holes == 3 {
                isFilling = true
            }
            return concealer.conceal()
        }
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

    // MARK: - Judging the depth

    private enum Correction { case none, shorten, lengthen }
    private var wanted = Correction.none

    private mutating func judge() {
        least = min(least, depth)
        sum += depth
        reads += 1
        guard reads == Self.window else { return }
        let mean = sum / reads
        if least >= Self.target + 3 * AudioFrame.count {
            drop(depth - Self.target)
        } else if least >= Self.target, mean > Self.target + AudioFrame.count / 4 {
            wanted = .shorten
        } else if mean < Self.target - AudioFrame.count / 2 {
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
        case .lengthen: return depth >= Splice.reach ? .lengthen : .none
        }
    }

    private mutating func shorten(_ frame: inout AudioFrame) {
        peek(Splice.reach)
        guard let samples = UnsafePointer(scratch.baseAddress) else { return }
        let lag = Splice.period(of: samples)
        Splice.shorten(samples, by: lag, into: &frame)
        advance(AudioFrame.count + lag)
        counts.slips += 1
        counts.slipped += lag
    }

    private mutating func lengthen(_ frame: inout AudioFrame) {
        peek(Splice.reach)
        guard let samples = UnsafePointer(scratch.baseAddress) else { return }
        let lag = Splice.period(of: samples)
        Splice.lengthen(samples, by: lag, into: &frame)
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
        advance(count)
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
