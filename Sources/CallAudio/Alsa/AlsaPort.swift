/// A sound card: a headset, a loudspeaker, or a modem's USB audio.
///
/// The loop's clock asks for what the card has heard, and gives it what is to be played; neither ever waits for the card. Its own
/// clock differs from the loop's: what it hears faster is taken up here and evened out by the buffer on the way; what it plays is
/// kept between 20 and 110 ms by a frame that is left out or put in where it is quiet, and at the limits in any case.
///
/// | heard | played | done |
/// |---|---|---|
/// | ran over | – | capture begins anew |
/// | – | ran dry | playback begins anew, with 60 ms of silence |
/// | gone | – | capture is closed; nothing comes from then on, which the loop tells as a stall of that half |
/// | – | gone | playback is closed; nothing is taken from then on, which the loop tells as a stall of that half |
/// | gone | gone | the port has ended, which is told once |
package final class AlsaPort: AudioPort, @unchecked Sendable {
    private(set) var capture: AlsaStream?
    private(set) var playback: AlsaStream?
    private let echo: EchoCanceller?
    /// Which halves it had when it was opened.
    private let has: (capture: Bool, playback: Bool)
    /// Frames until the clocks may be corrected again: one in 5 s, 4,000 ppm, is more than any card needs.
    private var untilCorrection = (heard: 0, played: 0)

    private static let correctsEvery = 250
    private static let quiet = AudioLevel(decibels: -50)

    /// Opens a card.
    ///
    /// - Parameters:
    ///   - device: Its ALSA name; nil for the system's own choice.
    ///   - rate: The rate that it has to have, in Hz, 8000 or 16,000 for a modem; nil for any that is known.
    ///   - isAcoustic: Whether a loudspeaker is heard by a microphone there, so that the echo is taken out.
    package init(id: ID, device: String?, rate: Int? = nil, isAcoustic: Bool) throws(AlsaError) {
        let name = device ?? "default"
        let rates = rate.map { [$0] } ?? AlsaStream.rates
        var (heard, played): (AlsaStream?, AlsaStream?)
        var failure: AlsaError?
        do throws(AlsaError) { heard = try AlsaStream(name, .capture, rates: rates) } catch { failure = error }
        do throws(AlsaError) { played = try AlsaStream(name, .playback, rates: rates) } catch {
            // A microphone alone, or a loudspeaker alone, is better than nothing; a modem needs both. A half that is busy is there.
            if failure != nil || rate != nil || error.isBusy { throw error }
        }
        if let failure, failure.isBusy || rate != nil || played == nil { throw failure }
        (capture, playback) = (heard, played)
        has = (heard != nil, played != nil)
        echo = isAcoustic && heard != nil && played != nil ? EchoCanceller() : nil
        super.init(id: id, descriptor: -1)
    }

    /// How often the card ran over and dry.
    package var ruptures: (heard: Int, played: Int) { (capture?.ruptures ?? 0, playback?.ruptures ?? 0) }

    override var mayStall: Bool { has.capture }

    override var isOver: Bool { capture == nil && playback == nil }

    override func start() {
        capture?.start()
        playback?.start()
        untilCorrection = (Self.correctsEvery, Self.correctsEvery)
    }

    override func next() -> AudioFrame? {
        untilCorrection.heard -= 1
        return listen()
    }

    override func surplus() -> AudioFrame? {
        // What a faster clock has heard stands in the card.
        guard let capture, capture.isPaced, untilCorrection.heard <= 0, capture.delay > 60 else { return nil }
        untilCorrection.heard = Self.correctsEvery
        return listen()
    }

    private func listen() -> AudioFrame? {
        var frame = AudioFrame()
        switch capture?.read(into: &frame) {
        case .moved?: return echo?.clean(frame) ?? frame
        case .notYet?, nil: return nil
        case .gone?:
            close(capture: true)
            if isOver { tell(.ended) }
            return nil
        }
    }

    override func play(_ frame: borrowing AudioFrame) -> Bool {
        switch write(frame) {
        // Where there never was a loudspeaker, nothing is lost.
        case nil: return !has.playback
        case .moved?: return true
        case .notYet?: return false
        case .gone?:
            close(playback: true)
            if isOver { tell(.ended) }
            return false
        }
    }

    private func write(_ frame: borrowing AudioFrame) -> AlsaStream.Result? {
        guard let playback else { return nil }
        untilCorrection.played -= 1
        // One that takes nothing stands still, and is not only behind.
        if playback.isPaced, untilCorrection.played <= 0, playback.hasRoom {
            let delay = playback.delay
            let isQuiet = AudioLevel(frame) < Self.quiet
            if delay > 115 || delay > 100 && isQuiet {
                untilCorrection.played = Self.correctsEvery
                return .moved
            }
            if delay < 10 || delay < 20 && isQuiet {
                untilCorrection.played = Self.correctsEvery
                _ = playback.write(frame)
            }
        }
        echo?.note(frame)
        return playback.write(frame)
    }

    override func stop() { close(capture: true, playback: true) }

    /// Closes what is gone, or all of it: a card that comes back gets its name only when nobody holds what it was.
    private func close(capture isHeard: Bool = false, playback isPlayed: Bool = false) {
        // The driver may make its closer wait: the last one to hold them is the thread that closes them.
        let streams = Streams(isHeard ? capture : nil, isPlayed ? playback : nil)
        if isHeard { capture = nil }
        if isPlayed { playback = nil }
        _ = Thread.detach(named: "alsa-close") { streams.close() }
    }

    /// Directions on their way to the thread that closes them.
    private final class Streams: @unchecked Sendable {
        // `@unchecked` because the loop's thread makes it, and the closing thread alone touches it then.
        private var both: [AlsaStream?]

        init(_ capture: consuming AlsaStream?, _ playback: consuming AlsaStream?) { both = [capture, playback] }

        func close() { both = [] }
    }
}
