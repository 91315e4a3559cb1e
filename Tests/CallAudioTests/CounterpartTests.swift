import CallAudio
import Glibc
import TestSupport
import Testing

/// Programs that others made, and that judge or make sound for the tests.
private struct Programs {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    static func isThere(_ name: String) -> Bool {
        ["/usr/bin/", "/usr/local/bin/", "/bin/"].contains { access($0 + name, X_OK) == 0 }
    }

    static func areThere(_ names: String...) -> Bool { names.allSatisfy(isThere) }

    /// Runs a command in the directory, and gives what it wrote.
    func run(_ command: String) throws -> String {
        let pipe = try #require(popen("cd \(directory.path) && \(command) 2>/dev/null", "r"))
        var bytes = [UInt8]()
        var room = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&room, 1, room.count, pipe), count > 0 { bytes += room[..<count] }
        try #require(pclose(pipe) == 0, "\(command)")
        return String(decoding: bytes, as: UTF8.self)
    }

    func write(_ name: String, _ frames: [AudioFrame]) throws {
        let bytes = frames.flatMap { frame in
            (0..<160).flatMap { [UInt8(truncatingIfNeeded: frame[$0]), UInt8(truncatingIfNeeded: frame[$0] >> 8)] }
        }
        let file = try #require(fopen("\(directory.path)/\(name)", "w"))
        defer { fclose(file) }
        try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    func read(_ name: String) throws -> [AudioFrame] {
        let file = try #require(fopen("\(directory.path)/\(name)", "r"))
        defer { fclose(file) }
        var samples = [Int16]()
        var room = [Int16](repeating: 0, count: 32_768)
        while case let count = fread(&room, 2, room.count, file), count > 0 { samples += room[..<count] }
        return stride(from: 0, to: samples.count, by: 160)
            .map { start in
                AudioFrame { start + $0 < samples.count ? Int16(littleEndian: samples[start + $0]) : 0 }
            }
    }

    /// What espeak-ng says of these words, in ever new orders, at 8 kHz, for so many seconds at least.
    func speech(_ text: String, _ voice: String, seconds: Int, seed: UInt64 = 1) throws -> [AudioFrame] {
        var random = SeededGenerator(seed: seed)
        var words = text.split(separator: " ")
        var frames = [AudioFrame]()
        while frames.count < seconds * 50 {
            let speed = Int.random(in: 120...200, using: &random)
            let said = (0..<6).map { _ in words.shuffled(using: &random).joined(separator: " ") }
                .joined(separator: ". ")
            _ = try run("espeak-ng -v \(voice) -s \(speed) -w said.wav '\(said)'")
            _ = try run("sox said.wav -t raw -r 8000 -c 1 -b 16 -e signed said.raw")
            let more = try read("said.raw")
            try #require(!more.isEmpty)
            frames += more
            words.shuffle(using: &random)
        }
        return frames
    }

    /// What sound is behind the speech coder of GSM (full rate, 06.10).
    func coded(_ frames: [AudioFrame]) throws -> [AudioFrame] {
        try write("plain.raw", frames)
        let raw = "-t raw -r 8000 -c 1 -b 16 -e signed"
        _ = try run("sox \(raw) plain.raw coded.gsm && sox coded.gsm \(raw) coded.raw")
        return try read("coded.raw")
    }

    /// The digits that multimon-ng hears.
    func judged(_ frames: [AudioFrame]) throws -> String {
        try write("judged.raw", frames)
        _ = try run("sox -t raw -r 8000 -c 1 -b 16 -e signed judged.raw -t raw -r 22050 -c 1 -b 16 -e signed quick.raw")
        let words = try run("multimon-ng -q -a DTMF -t raw quick.raw")
        return words.split(separator: "\n").filter { $0.hasPrefix("DTMF: ") }.map { String($0.dropFirst(6)) }.joined()
    }
}

private func sound(_ digits: String, _ generator: DTMFGenerator = DTMFGenerator()) -> [AudioFrame] {
    var generator = generator
    var frames = [AudioFrame]()
    for digit in digits {
        _ = generator.append(digit)
        while let frame = generator.next() { frames.append(frame) }
    }
    return frames
}

private func heard(_ frames: [AudioFrame], losing isLost: (Int) -> Bool = { _ in false }) throws -> String {
    let detector = try #require(DTMFDetector())
    var digits = ""
    let take = { (event: DTMFDetector.Event) in if case .began(let digit) = event { digits.append(digit) } }
    for (number, frame) in frames.enumerated() {
        if isLost(number) { detector.skip(take) } else { detector.listen(to: frame, take) }
    }
    detector.finish(take)
    return digits
}

private func mixed(_ a: [AudioFrame], _ b: [AudioFrame], _ share: Double) -> [AudioFrame] {
    a.enumerated()
        .map { number, frame in
            let other = b[number % b.count]
            return AudioFrame {
                Int16(max(-32_768, min(32_767, Double(frame[$0]) + share * Double(other[$0]))))
            }
        }
}

private let sentences = [
    (
        "de",
        "Guten Tag, hier ist die Zentrale. Bitte warten Sie einen Augenblick, wir verbinden Sie sofort mit der Werkstatt am Hafen."
    ),
    (
        "en",
        "Good morning, this is the office. Please hold the line for a moment while we put you through to the workshop."
    ),
    (
        "fr",
        "Bonjour, vous êtes bien au bureau. Veuillez patienter un instant, nous vous mettons en relation avec un conseiller."
    ),
    ("es", "Buenos días, le atiende la oficina. Espere un momento, por favor, ahora mismo le pasamos con el taller."),
    (
        "it",
        "Buongiorno, questo è un ufficio. Attenda un momento, la mettiamo subito in contatto con il nostro collega."
    ),
]

@Suite("DTMF, judged and made by others", .serialized, .ownThread, .timeLimit(.minutes(10)))
struct CounterpartTests {
    private static let digits = String(DTMFTone.digits)
    /// How long the speech is that no digit is heard in; 30 minutes where the figures of docs/audio.md are made.
    private static var minutes: Int { getenv("GSMBRIDGE_SPEECH_MINUTES").flatMap { Int(String(cString: $0)) } ?? 1 }

    @Test(
        "multimon-ng hears all sixteen digits as we play them, at three levels",
        .enabled(if: Programs.areThere("multimon-ng", "sox"), "needs multimon-ng and sox"),
        arguments: [-6.0, -13, -30]
    )
    func levels(level: Double) throws {
        let digits = Self.digits + Self.digits
        #expect(try Programs().judged(sound(digits, DTMFGenerator(level: level))) == digits)
    }

    @Test(
        "and with speech before and behind them",
        .enabled(if: Programs.areThere("multimon-ng", "sox", "espeak-ng"), "needs multimon-ng, sox and espeak-ng"),
        arguments: [-6.0, -13, -30]
    )
    func amidSpeech(level: Double) throws {
        let programs = try Programs()
        let speech = try programs.speech(sentences[0].1, "de", seconds: 3)
        let alone = try programs.judged(speech)
        let digits = sound(Self.digits, DTMFGenerator(level: level))
        let silence = Array(repeating: AudioFrame(), count: 5)
        #expect(try programs.judged(speech + silence + digits + speech) == alone + Self.digits + alone)
    }

    @Test(
        "and behind the speech coder of GSM, at 100 ms of tone",
        .enabled(if: Programs.areThere("multimon-ng", "sox"), "needs multimon-ng and sox"),
        arguments: [-6.0, -13, -20]
    )
    func coder(level: Double) throws {
        let programs = try Programs()
        let digits = Self.digits + Self.digits
        let coded = try programs.coded(sound(digits, DTMFGenerator(level: level)))
        #expect(try programs.judged(coded) == digits)
        #expect(try heard(coded) == digits)
    }

    @Test(
        "of 1,000 digits that sox makes, none is missed and none is made up",
        .enabled(if: Programs.isThere("sox"), "needs sox")
    )
    func soxMade() throws {
        let programs = try Programs()
        var random = SeededGenerator(seed: 12)
        var (expected, frames) = ("", [AudioFrame]())
        for _ in 0..<40 {
            var command = ""
            for number in 10..<35 {
                let digit = DTMFTone.digits[Int.random(in: 0..<16, using: &random)]
                let (low, high) = try #require(DTMFTone.frequencies(of: digit))
                let length = Double(Int.random(in: 50...200, using: &random)) / 1000
                let gap = Double(Int.random(in: 50...200, using: &random)) / 1000
                let volume = Double(Int.random(in: 2...40, using: &random)) / 100
                command +=
                    "sox -n -r 8000 -c 1 -b 16 part\(number).wav synth \(length) sine \(low) sine \(high) remix -p 1,2 "
                command += "gain -h vol \(volume) pad 0 \(gap) && "
                expected.append(digit)
            }
            _ = try programs.run(command + "sox part*.wav -t raw -r 8000 -c 1 -b 16 -e signed all.raw")
            frames += try programs.read("all.raw")
        }
        let once = try heard(frames)
        #expect(once == expected)
    }

    @Test("of 1,000 digits of our own, hits and false ones are counted")
    func ownMade() throws {
        var random = SeededGenerator(seed: 5)
        var (missed, extra) = (0, 0)
        for _ in 0..<1000 {
            let digit = DTMFTone.digits[Int.random(in: 0..<16, using: &random)]
            let level = Double(Int.random(in: -30 ... -8, using: &random))
            let generator = DTMFGenerator(
                tone: .milliseconds(Int.random(in: 45...250, using: &random)),
                gap: .milliseconds(Int.random(in: 45...250, using: &random)),
                level: level,
                twist: Double(Int.random(in: 0...2, using: &random))
            )
            // Anywhere in the frames, in noise 20 dB below.
            let shift = Int.random(in: 0..<160, using: &random)
            let clean = sound(String(digit), generator) + [AudioFrame()]
            let loudness = 32_768 * pow(10, level / 20)
            let frames = (0..<clean.count)
                .map { number in
                    AudioFrame { index in
                        let place = number * 160 + index - shift
                        let sample = place < 0 ? 0 : Double(clean[place / 160][place % 160])
                        let noise = loudness * 0.12 * Double.random(in: -1...1, using: &random)
                        return Int16(max(-32_768, min(32_767, sample + noise)))
                    }
                }
            let found = try heard(frames)
            if found.contains(digit) {
                extra += found.count - 1
            } else {
                (missed, extra) = (missed + 1, extra + found.count)
            }
        }
        #expect(missed == 0 && extra == 0, "missed \(missed), made up \(extra)")
    }

    @Test("3 % of lost frames double no digit, and lose none", arguments: [1, 2, 3] as [UInt64])
    func losses(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let digits = String((0..<400).map { _ in DTMFTone.digits[Int.random(in: 0..<16, using: &random)] })
        let frames = sound(digits)
        let lost = frames.map { _ in Int.random(in: 0..<100, using: &random) < 3 }
        #expect(try heard(frames) { lost[$0] } == digits)
    }

    @Test(
        "no digit and no prompt is heard in speech",
        .enabled(if: Programs.areThere("sox", "espeak-ng"), "needs sox and espeak-ng"),
        arguments: sentences
    )
    func speech(language: String, text: String) throws {
        let programs = try Programs()
        let seconds = Self.minutes * 60 / sentences.count
        var frames = [AudioFrame]()
        // Voices and speeds differ, so that it is not the same sound again and again.
        for (number, voice) in ["+m1", "+f2", "+m3", "+f4", "+croak", "+whisper"].enumerated() {
            frames += try programs.speech(text, language + voice, seconds: seconds / 6, seed: UInt64(number))
        }
        #expect(try heard(frames) == "")
        let coded = try programs.coded(frames)
        #expect(try heard(coded) == "")
        for sound in [frames, coded] {
            var detector = PromptDetector()
            let prompts = sound.count { detector.listen(to: $0) }
            #expect(prompts == 0)
        }
    }
}
