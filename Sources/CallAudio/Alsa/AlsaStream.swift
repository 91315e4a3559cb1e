internal import CALSA
internal import Glibc
internal import Synchronization

/// Why a sound card can't be used.
package struct AlsaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong and what to do, in one line.
    package var description: String
    /// Whether somebody else has it, who may be about to let it go.
    var isBusy = false

    init(_ device: String, _ words: String) { description = "the sound card \(device) \(words)" }
}

/// One direction of a sound card: capture, or playback.
///
/// Nothing here waits. Both directions of a card have their own, and each recovers by itself: a gap in what is heard is none in what
/// is played.
final class AlsaStream: @unchecked Sendable {
    // `@unchecked` because one thread at a time touches it: the one that makes it, then the loop's, and while `restart` is `working` the
    // one that begins it; `restart` hands it over, with release and acquire. The last owner closes it.

    enum Direction: Sendable { case capture, playback }

    /// What became of an attempt to move a frame.
    enum Result: Sendable {
        case moved
        /// There is nothing, or no room, now.
        case notYet
        /// The device is gone.
        case gone
    }

    /// Rates in Hz that are taken, the best first; any other rate of a card would be changed by others in between.
    static let rates = [8000, 16_000, 48_000]
    /// Milliseconds that the card's buffer holds at least.
    private static let bufferLength = 150

    let handle: OpaquePointer
    private let direction: Direction
    private let channels: Int
    /// Samples of one channel that are 20 ms at the card's rate.
    private let length: Int
    private let staging: UnsafeMutablePointer<Int16>
    private let mono: UnsafeMutablePointer<Int16>
    private let resampler: Resampler?
    private var filled = 0

    /// Frames that silence went out for, so that the card does not run dry while the first sound is on its way: 60 ms.
    private static let primingFrames = 3

    /// The card's rate in Hz.
    let rate: Int
    /// How often the card ran dry or over.
    private(set) var ruptures = 0
    private var lastRupture: ContinuousClock.Instant?
    /// Whether it goes by a clock; files and nothing, which stand for cards in tests, take and give at any rate.
    private(set) var isPaced = true

    /// What the thread is about on which the card begins anew: a device that is asleep, or in trouble, makes that wait.
    private enum Restart {
        static let none: UInt8 = 0
        static let working: UInt8 = 1
        static let done: UInt8 = 2
        static let failed: UInt8 = 3
    }

    private let restart = Atomic(Restart.none)
    /// Whether it goes by a clock, as far as its last beginning shows; handed over with `restart`.
    private var beginsPaced = true

    /// Opens a card.
    ///
    /// - Parameters:
    ///   - device: its ALSA name.
    ///   - rates: the rates to be tried, in their order.
    init(_ device: String, _ direction: Direction, rates: [Int] = AlsaStream.rates) throws(AlsaError) {
        calsa_be_quiet()
        var opened: OpaquePointer?
        let stream = direction == .capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK
        let status = snd_pcm_open(&opened, device, stream, SND_PCM_NONBLOCK)
        guard status >= 0, let handle = opened else { throw Self.failure(device, "can't be opened", status) }
        do throws(AlsaError) {
            (rate, channels) = try Self.configure(handle, device, direction, rates)
        } catch {
            snd_pcm_close(handle)
            throw error
        }
        self.handle = handle
        self.direction = direction
        length = rate / 50
        staging = .allocate(capacity: length * channels)
        staging.initialize(repeating: 0, count: length * channels)
        mono = .allocate(capacity: length)
        mono.initialize(repeating: 0, count: length)
        let (from, to) = direction == .capture ? (rate, AudioFrame.rate) : (AudioFrame.rate, rate)
        resampler = from == to ? nil : Resampler(from: from, to: to)
        if from != to, resampler == nil {
            throw AlsaError(device, "can't be used: memory is short")
        }
    }

    deinit {
        snd_pcm_close(handle)
        staging.deallocate()
        mono.deallocate()
    }

    private static func failure(_ device: String, _ words: String, _ status: Int32) -> AlsaError {
        let advice: String
        switch -status {
        case ENOENT, ENODEV, ENXIO: advice = "; 'aplay -L' and 'arecord -L' name those that are there"
        case EBUSY: advice = ": another program has it; name one that is shared, such as dsnoop or default"
        case EACCES, EPERM: advice = "; the user has to be in the group audio"
        default: advice = ""
        }
        var error = AlsaError(device, "\(words): \(String(cString: snd_strerror(status)))\(advice)")
        error.isBusy = status == -EBUSY
        return error
    }

    private static func configure(
        _ handle: OpaquePointer,
        _ device: String,
        _ direction: Direction,
        _ rates: [Int]
    ) throws(AlsaError) -> (rate: Int, channels: Int) {
        var allocated: OpaquePointer?
        guard snd_pcm_hw_params_malloc(&allocated) >= 0, let wish = allocated else {
            throw AlsaError(device, "can't be used: memory is short")
        }
        defer { snd_pcm_hw_params_free(wish) }
        var status = snd_pcm_hw_params_any(handle, wish)
        // Its own rate, and not one that alsa-lib makes of it.
        if status >= 0 { status = snd_pcm_hw_params_set_rate_resample(handle, wish, 0) }
        if status >= 0 { status = snd_pcm_hw_params_set_access(handle, wish, SND_PCM_ACCESS_RW_INTERLEAVED) }
        guard status >= 0 else { throw failure(device, "can't be set up", status) }
        guard snd_pcm_hw_params_set_format(handle, wish, SND_PCM_FORMAT_S16_LE) >= 0 else {
            throw AlsaError(device, "has no samples of 16 bits; name one that converts, such as plughw")
        }
        guard let rate = rates.first(where: { snd_pcm_hw_params_test_rate(handle, wish, UInt32($0), 0) >= 0 }),
            snd_pcm_hw_params_set_rate(handle, wish, UInt32(rate), 0) >= 0
        else {
            let list = rates.map { "\($0)" }.joined(separator: ", ")
            throw AlsaError(device, "has none of the rates \(list) Hz")
        }
        guard let channels = [1, 2].first(where: { snd_pcm_hw_params_set_channels(handle, wish, UInt32($0)) >= 0 })
        else { throw AlsaError(device, "has neither one channel nor two") }
        var period = snd_pcm_uframes_t(rate / 50)
        var buffer = snd_pcm_uframes_t(rate * bufferLength / 1000)
        _ = snd_pcm_hw_params_set_period_size_near(handle, wish, &period, nil)
        var least = buffer
        if snd_pcm_hw_params_set_buffer_size_min(handle, wish, &least) < 0 { least = 0 }
        _ = snd_pcm_hw_params_set_buffer_size_near(handle, wish, &buffer)
        status = snd_pcm_hw_params(handle, wish)
        guard status >= 0 else { throw failure(device, "can't be set up", status) }
        _ = setThreshold(handle, period: snd_pcm_uframes_t(rate / 50), direction)
        return (rate, channels)
    }

    /// Has playback begin with what it is primed with.
    private static func setThreshold(_ handle: OpaquePointer, period: snd_pcm_uframes_t, _ direction: Direction) -> Bool
    {
        var allocated: OpaquePointer?
        guard direction == .playback, snd_pcm_sw_params_malloc(&allocated) >= 0, let wish = allocated else {
            return false
        }
        defer { snd_pcm_sw_params_free(wish) }
        guard snd_pcm_sw_params_current(handle, wish) >= 0 else { return false }
        _ = snd_pcm_sw_params_set_start_threshold(handle, wish, period * snd_pcm_uframes_t(primingFrames))
        return snd_pcm_sw_params(handle, wish) >= 0
    }

    // MARK: The loop's thread

    /// Begins; what can't is gone.
    func start() { begin(behind: 0) }

    /// Begins anew after a rupture.
    private func startAnew() {
        ruptures += 1
        // One that fails again at once gets a pause: not a thread every second frame.
        let now = ContinuousClock.now
        let isTooSoon = lastRupture.map { now - $0 < .seconds(1) } ?? false
        lastRupture = now
        begin(behind: isTooSoon ? 200_000 : 0)
    }

    /// Begins on a thread of its own, behind a pause of so many microseconds.
    ///
    /// No frame moves until then, and the loop does not wait: a card on USB takes its time to be prepared.
    private func begin(behind pause: UInt32) {
        restart.store(Restart.working, ordering: .relaxed)
        let body = { @Sendable [self] in
            restart.store(prepare() ? Restart.done : Restart.failed, ordering: .releasing)
        }
        let isApart = Thread.detach(named: "alsa-start") {
            if pause > 0 { usleep(pause) }
            body()
        }
        // Without a thread the loop begins it, and makes no pause: all other calls would have it too.
        if !isApart { body() }
    }

    /// Whether it is being begun just now.
    var isBeginning: Bool { restart.load(ordering: .acquiring) == Restart.working }

    private func prepare() -> Bool {
        // One that goes on where it was, as some do that have been asleep, can't be prepared: it is busy.
        snd_pcm_drop(handle)
        guard snd_pcm_prepare(handle) >= 0 else { return false }
        switch direction {
        case .capture:
            guard snd_pcm_start(handle) >= 0 else { return false }
            // A clock has given nothing yet.
            beginsPaced = snd_pcm_avail_update(handle) < length
        case .playback:
            for index in 0..<length * channels { staging[index] = 0 }
            for _ in 0..<Self.primingFrames { snd_pcm_writei(handle, staging, snd_pcm_uframes_t(length)) }
            // A clock has played hardly anything of it yet.
            beginsPaced = waiting > length
        }
        return true
    }

    /// What keeps the card from being asked now; nil for nothing.
    private var obstacle: Result? {
        switch restart.load(ordering: .acquiring) {
        case Restart.working: return .notYet
        case Restart.failed: return .gone
        case Restart.done:
            restart.store(Restart.none, ordering: .relaxed)
            (filled, isPaced) = (0, beginsPaced)
            return nil
        default: return nil
        }
    }

    /// Whether it can be asked: while it begins anew, that would wait for the thread that does it.
    private var isIdle: Bool { restart.load(ordering: .acquiring) == Restart.none }

    /// Samples that wait in the card: to be played, or to be read.
    private var waiting: Int {
        var frames: snd_pcm_sframes_t = 0
        return snd_pcm_delay(handle, &frames) >= 0 ? max(0, frames) : 0
    }

    /// Milliseconds that wait in the card.
    var delay: Int { isIdle ? waiting * 1000 / rate : 0 }

    /// Whether 20 ms would be taken now; so it is as well where the card has to begin anew for them.
    var hasRoom: Bool {
        guard isIdle else { return false }
        let room = snd_pcm_avail_update(handle)
        return room < 0 || room >= length
    }

    /// Reads 20 ms, if they are there.
    func read(into frame: inout AudioFrame) -> Result {
        if let obstacle { return obstacle }
        let count = snd_pcm_readi(handle, staging + filled * channels, snd_pcm_uframes_t(length - filled))
        if count < 0 { return recover(Int32(count)) }
        filled += count
        guard filled == length else { return .notYet }
        filled = 0
        let (length, channels, staging, mono) = (length, channels, staging, mono)
        for index in 0..<length { mono[index] = Int16(littleEndian: staging[index * channels]) }
        let resampler = resampler
        frame.withMutableSamples { samples in
            guard let base = samples.baseAddress else { return }
            if let resampler {
                resampler.run(mono, length, into: base, AudioFrame.count)
            } else {
                base.update(from: mono, count: AudioFrame.count)
            }
        }
        return .moved
    }

    /// Plays 20 ms, if there is room for all of it.
    func write(_ frame: borrowing AudioFrame) -> Result {
        if let obstacle { return obstacle }
        let room = snd_pcm_avail_update(handle)
        guard room >= 0 else { return recover(Int32(room)) }
        guard room >= length else { return .notYet }
        let (length, channels, staging, mono, resampler) = (length, channels, staging, mono, resampler)
        frame.withSamples { samples in
            guard let base = samples.baseAddress else { return }
            if let resampler {
                resampler.run(base, AudioFrame.count, into: mono, length)
            } else {
                mono.update(from: base, count: length)
            }
        }
        for index in 0..<length {
            for channel in 0..<channels { staging[index * channels + channel] = mono[index].littleEndian }
        }
        let count = snd_pcm_writei(handle, staging, snd_pcm_uframes_t(length))
        if count >= 0 { return .moved }
        return recover(Int32(count))
    }

    private func recover(_ status: Int32) -> Result {
        switch -status {
        case EAGAIN, EINTR: return .notYet
        // ESTRPIPE: it was asleep. Most drivers can't go on where they were, and all can begin anew.
        case ESTRPIPE, EPIPE, EBADFD, EIO:
            startAnew()
            return .notYet
        default: return .gone
        }
    }
}
