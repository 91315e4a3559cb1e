/// Sound that is played to one end of a conversation in place of the other's, once or again and again.
///
/// It is made on any thread, handed to the loop, and from then on touched by the loop's thread alone; nothing is allocated for a frame.
package final class AnnouncementPlayer: @unchecked Sendable {
    // `@unchecked` because the loop's thread alone touches it after it was handed over.

    private let samples: [Int16]
    let repeats: Bool
    private var position = 0

    /// Creates a player of samples at 8 kHz.
    package init(_ samples: [Int16], repeats: Bool) {
        self.samples = samples
        self.repeats = repeats
    }

    /// The next 20 ms; nil at the end, once for each time that it comes, and for ever where it does not repeat.
    func next() -> AudioFrame? {
        guard position < samples.count else {
            if repeats { position = 0 }
            return nil
        }
        let from = position
        position += AudioFrame.count
        return AudioFrame { from + $0 < samples.count ? samples[from + $0] : 0 }
    }
}
