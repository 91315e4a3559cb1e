package import CallModel
internal import Glibc

/// Where announcements are found: `DIRECTORY/LANGUAGE/NAME.wav`, in the first of the directories that has it.
///
/// The names are those of ``CallModel/Playback/Phrase``, and `0` to `9`, `star`, `hash` for digits. Where a phrase is nowhere, a
/// tone stands in its place, so that a call that needs one works without; a digit's are as many as it says.
package struct AnnouncementShelf: Sendable {
    /// The directories, the first choice first.
    package let directories: [String]
    /// The language, as its directory is called.
    package let language: String
    /// The country whose tones are played, by its two letters.
    package let region: String

    /// Creates a shelf.
    package init(directories: [String], language: String, region: String = "DE") {
        self.directories = directories
        self.language = language
        self.region = region
    }

    /// Reads announcements, one behind the other, as samples at 8 kHz.
    ///
    /// It reads files, and is not for the loop's thread.
    ///
    /// - Throws: what is wrong with a file of the user's, in one line.
    package func samples(of announcements: [Playback]) throws(AnnouncementError) -> [Int16] {
        var samples = [Int16]()
        for announcement in announcements {
            switch announcement {
            case .file(let path): samples += try Self.read(path)
            case .phrase(.beep): samples += Self.tone(milliseconds: 500)
            case .phrase(let phrase): samples += try find(phrase.rawValue) ?? Self.tone(milliseconds: 800)
            case .digit(let digit): samples += try find(Self.name(of: digit)) ?? Self.tones(for: digit)
            case .signal(.ringback): samples += Self.cadence(CallProgressTone(.ringback, region: region))
            case .signal(.congestion): samples += Self.cadence(CallProgressTone(.congestion, region: region))
            case .pause(let milliseconds): samples += Array(repeating: 0, count: max(0, min(60_000, milliseconds)) * 8)
            }
            // Words run into each other without it.
            samples += Array(repeating: 0, count: 1200)
        }
        return samples
    }

    private func find(_ name: String) throws(AnnouncementError) -> [Int16]? {
        for directory in directories {
            let path = "\(directory)/\(language)/\(name).wav"
            if access(path, R_OK) == 0 { return try Self.read(path) }
        }
        return nil
    }

    private static func name(of digit: Character) -> String {
        switch digit {
        case "*": "star"
        case "#": "hash"
        default: String(digit)
        }
    }

    /// As many short tones as the digit says, a long one for 0; a short one for a sign.
    private static func tones(for digit: Character) -> [Int16] {
        guard let count = digit.wholeNumberValue, (1...9).contains(count) else {
            return tone(milliseconds: digit == "0" ? 800 : 200)
        }
        let tones = [[Int16]](repeating: tone(milliseconds: 200), count: count)
        return Array(tones.joined(separator: [Int16](repeating: 0, count: 1600)))
    }

    private static func tone(milliseconds: Int) -> [Int16] {
        var oscillator = Oscillator(frequency: 880, level: -16)
        return (0..<milliseconds * 8).map { _ in Int16(oscillator.next()) }
    }

    /// As many whole cadences as take 2 s at least, each step of which is whole frames.
    private static func cadence(_ tone: CallProgressTone) -> [Int16] {
        let one = tone.steps.reduce(0) { $0 + $1.milliseconds }
        let milliseconds = one == 0 ? 2000 : (2000 + one - 1) / one * one
        var generator = ToneGenerator(tone)
        var samples = [Int16]()
        for _ in 0..<milliseconds / 20 { generator.next().withSamples { samples += $0 } }
        return samples
    }

    private static func read(_ path: String) throws(AnnouncementError) -> [Int16] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw AnnouncementError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw AnnouncementError("\(path) is no file")
        }
        guard facts.st_size <= WaveReader.byteLimit else { throw AnnouncementError("\(path) is longer than an hour") }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { room in
                Glibc.read(descriptor, room.baseAddress.map { $0 + count }, room.count - count)
            }
            if more < 0, errno == EINTR { continue }
            guard more > 0 else { break }
            count += more
        }
        do throws(WaveError) {
            var reader = try WaveReader(Array(bytes[..<count]))
            var samples = [Int16]()
            while let frame = reader.next() { frame.withSamples { samples += $0 } }
            return samples
        } catch { throw AnnouncementError("\(path) \(error)") }
    }
}

/// Why something can't be announced, in one line.
package struct AnnouncementError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line.
    package var description: String

    package init(_ description: String) { self.description = description }
}
