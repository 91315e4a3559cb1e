import CallModel
import Glibc
import TestSupport
import Testing

@testable import CallAudio

@Suite("Announcements") struct AnnouncementTests {
    private func wave(_ value: Int16, _ count: Int) -> [UInt8] {
        WaveHeader.bytes(soundBytes: 2 * count)
            + (0..<count).flatMap { _ in [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)] }
    }

    @Test("the first directory that has a phrase has it, and a tone stands where none has")
    func shelf() throws {
        let (mine, shared) = (try TemporaryDirectory(), try TemporaryDirectory())
        for directory in [mine, shared] { #expect(Glibc.mkdir("\(directory.path)/de", 0o700) == 0) }
        _ = try mine.write("de/confirm.wav", wave(11, 160))
        _ = try shared.write("de/confirm.wav", wave(22, 160))
        _ = try shared.write("de/1.wav", wave(33, 160))
        let shelf = AnnouncementShelf(directories: [mine.path, shared.path], language: "de")
        let gap = Array(repeating: Int16(0), count: 1200)
        #expect(
            try shelf.samples(of: [.phrase(.confirm), .digit("1")])
                == Array(repeating: 11, count: 160) + gap + Array(repeating: 33, count: 160) + gap
        )
        let tone = try shelf.samples(of: [.phrase(.thanks)])
        #expect(tone.count == 6400 + 1200 && (tone.max() ?? 0) > 3000)
        #expect(try shelf.samples(of: [.pause(milliseconds: 10)]) == Array(repeating: 0, count: 80) + gap)
    }

    @Test("where nobody speaks a digit it is as many short tones, 0 is a long one, and a sign is one")
    func digits() throws {
        let shelf = AnnouncementShelf(directories: [], language: "en")
        for (digit, tones, samples) in [
            ("1", 1, 1600), ("3", 3, 8000), ("9", 9, 27200), ("0", 1, 6400), ("#", 1, 1600),
        ] {
            let sound = try shelf.samples(of: [.digit(Character(digit))])
            #expect(sound.count == samples + 1200, "\(digit)")
            // Blocks of 100 ms in which something is heard, and that have silence, or nothing, before them.
            let blocks = stride(from: 0, to: samples, by: 800).map { (sound[$0..<$0 + 800].max() ?? 0) > 3000 }
            let begins = blocks.indices.count { blocks[$0] && ($0 == 0 || !blocks[$0 - 1]) }
            #expect(begins == tones, "\(digit)")
        }
    }

    @Test("a file that is none is named")
    func wrong() throws {
        let directory = try TemporaryDirectory()
        let shelf = AnnouncementShelf(directories: [], language: "en")
        let path = try directory.write("x.wav", Array("text".utf8))
        for (file, words) in [
            (path, "is no WAV file"), ("/nowhere.wav", "No such file"), (directory.path, "is no file"),
        ] {
            #expect {
                _ = try shelf.samples(of: [.file(file)])
            } throws: {
                ($0 as? AnnouncementError)?.description.contains(words) == true
            }
        }
    }

    @Test("a player comes to its end once, or each time")
    func player() {
        let once = AnnouncementPlayer(Array(repeating: 5, count: 200), repeats: false)
        #expect([once.next()?[0], once.next()?[40], once.next()?[0], once.next()?[0]] == [5, 0, nil, nil])
        let again = AnnouncementPlayer(Array(repeating: 5, count: 160), repeats: true)
        #expect([again.next()?[0], again.next()?[0], again.next()?[0]] == [5, nil, 5])
        let nothing = AnnouncementPlayer([], repeats: true)
        #expect(nothing.next() == nil && nothing.next() == nil)
    }
}
