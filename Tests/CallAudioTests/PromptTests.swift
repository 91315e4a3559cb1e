import CallAudio
import Testing

@Suite("The prompt of a PBX", .ownThread) struct PromptTests {
    /// The frame with which a prompt was heard; nil where none was.
    private func heard(_ frames: [AudioFrame]) -> Int? {
        var detector = PromptDetector()
        for (number, frame) in frames.enumerated() {
            if detector.listen(to: frame) { return number }
        }
        return nil
    }

    private func tone(_ meaning: CallProgressTone.Meaning, _ region: String, frames: Int) -> [AudioFrame] {
        var generator = ToneGenerator(CallProgressTone(meaning, region: region))
        return (0..<frames).map { _ in generator.next() }
    }

    @Test("a dial tone is one within 400 ms", arguments: ["AT", "DE", "FR", "GB", "US"])
    func dialTone(region: String) throws {
        let silence = Array(repeating: AudioFrame(), count: 25)
        let frame = try #require(heard(silence + tone(.dial, region, frames: 50)))
        #expect((25 + 12...25 + 20).contains(frame))
    }

    @Test("a beep is one when it is over")
    func beep() throws {
        let silence = Array(repeating: AudioFrame(), count: 25)
        let frame = try #require(heard(silence + tone(.dial, "DE", frames: 10) + silence))
        #expect((25 + 10...25 + 14).contains(frame))
    }

    @Test("silence, noise, a short click of a tone and DTMF digits are none")
    func others() {
        var noise = ComfortNoise(seed: 3)
        let loud = (0..<500)
            .map { _ in
                let frame = noise.next()
                return AudioFrame { frame[$0] &* 60 }
            }
        #expect(heard(loud) == nil)
        #expect(heard(Array(repeating: AudioFrame(), count: 500)) == nil)
        let silence = Array(repeating: AudioFrame(), count: 25)
        #expect(heard(silence + tone(.dial, "DE", frames: 4) + silence) == nil)
        for digit in DTMFTone.digits {
            var generator = DTMFGenerator(tone: .milliseconds(500))
            _ = generator.append(digit)
            var frames = [AudioFrame]()
            while let frame = generator.next() { frames.append(frame) }
            #expect(heard(silence + frames) == nil, "\(digit)")
        }
    }
}
