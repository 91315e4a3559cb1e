internal import CallAudio
internal import Testing

@Suite("DTMF", .ownThread) struct DTMFTests {
    private func heard(_ frames: [AudioFrame]) throws -> String {
        let detector = try #require(DTMFDetector())
        var digits = ""
        var open: Character?
        for frame in frames + Array(repeating: AudioFrame(), count: 5) {
            detector.listen(to: frame) { event in
                switch event {
                case .began(let digit):
                    #expect(open == nil)
                    open = digit
                    digits.append(digit)
                case .ended(let digit):
                    #expect(open == digit)
                    open = nil
                }
            }
        }
        #expect(open == nil)
        return digits
    }

    private func sound(_ digits: String, level: Double = -13) -> [AudioFrame] {
        var generator = DTMFGenerator(level: level)
        for digit in digits {
            let isTaken = generator.append(digit)
            #expect(isTaken)
        }
        var frames = [AudioFrame]()
        while let frame = generator.next() { frames.append(frame) }
        return frames
    }

    @Test("all digits are heard at three levels", arguments: [-30.0, -20, -6])
    func all(level: Double) throws {
        let digits = String(DTMFTone.digits)
        #expect(try heard(sound(digits + digits, level: level)) == digits + digits)
    }

    @Test("a lost frame doubles no digit")
    func loss() throws {
        let frames = sound("15599#0")
        for lost in frames.indices {
            let detector = try #require(DTMFDetector())
            var digits = ""
            for (index, frame) in frames.enumerated() {
                let tell = { (event: DTMFDetector.Event) in
                    if case .began(let digit) = event { digits.append(digit) }
                }
                if index == lost { detector.skip(tell) } else { detector.listen(to: frame, tell) }
            }
            #expect(digits == "15599#0", "frame \(lost) lost")
        }
    }

    @Test("what is no digit is refused")
    func refusal() {
        var generator = DTMFGenerator()
        let other = generator.append("x")
        #expect(!other && generator.isIdle)
        let taken = (0..<DTMFGenerator.limit).count { _ in generator.append("1") }
        let more = generator.append("1")
        #expect(taken == DTMFGenerator.limit && !more)
    }
}

@Suite("Levels and files", .ownThread) struct SoundTests {
    @Test("levels are those of their sound")
    func level() {
        #expect(AudioLevel(AudioFrame()) == .floor)
        let square = AudioFrame { $0.isMultiple(of: 2) ? 32_767 : -32_767 }
        #expect(abs(AudioLevel(square).decibels) < 0.01)
        var tone = ToneGenerator(CallProgressTone(.dial, region: "DE"))
        let level = AudioLevel(tone.next()).decibels
        #expect(abs(level - (ToneGenerator.level - 3)) < 0.5)
    }

    @Test("gain never clips, and 0 dB changes nothing")
    func gain() {
        let loud = AudioFrame { $0.isMultiple(of: 2) ? 20_000 : -20_000 }
        var none = Gain()
        var frame = loud
        none.apply(to: &frame)
        #expect(frame == loud)
        var more = Gain(decibels: 20)
        more.apply(to: &frame)
        #expect((0..<160).allSatisfy { abs(Int(frame[$0])) <= 29_196 })
    }

    @Test("a file is read as it was written, and one of 16 kHz at half its rate")
    func wave() throws {
        let sound = (0..<400).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 / 256)] }
        var reader = try WaveReader(WaveHeader.bytes(soundBytes: sound.count) + sound)
        #expect(reader.duration == .milliseconds(50))
        let frames = (0..<3).compactMap { _ in reader.next() }
        #expect(frames.count == 3 && frames[2][79] == 399 && frames[2][80] == 0)
        let end = reader.next()
        #expect(end == nil)
        var head = WaveHeader.bytes(soundBytes: sound.count)
        head[24] = 0x80
        head[25] = 0x3E
        var half = try WaveReader(head + sound)
        #expect(half.duration == .milliseconds(25))
        let next = half.next()
        let first = try #require(next)
        #expect(abs(Int(first[50]) - 100) <= 1)
    }

    @Test(
        "what is no such file is named",
        arguments: [
            ([], "is no WAV file"), (Array("RIFF....WAVE".utf8), "is no WAV file"),
        ]
    )
    func refusal(bytes: [UInt8], words: String) {
        #expect {
            _ = try WaveReader(bytes)
        } throws: {
            ($0 as? WaveError)?.description.hasPrefix(words) == true
        }
    }

    @Test("German ringback is one second in five")
    func cadence() {
        var tone = ToneGenerator(CallProgressTone(.ringback, region: "DE"))
        let loud = (0..<500).map { _ in AudioLevel(tone.next()) > .floor }
        #expect(loud[0..<50].allSatisfy { $0 } && !loud[50..<250].contains(true) && loud[250..<300].allSatisfy { $0 })
    }
}
