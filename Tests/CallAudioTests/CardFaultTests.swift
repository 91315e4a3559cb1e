import Glibc
import TestSupport
import Testing

@testable import CallAudio

/// What a loop told, to be waited for in its order.
private final class News: Sendable {
    private let stream: AsyncStream<AudioEvent.Kind>
    private let continuation: AsyncStream<AudioEvent.Kind>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func take(_ event: AudioEvent) { continuation.yield(event.kind) }

    func first(_ wanted: AudioEvent.Kind) async -> Bool { await stream.contains(wanted) }
}

/// What becomes of a card with a clock when one of its halves, or all of it, fails.
@Suite(
    "A sound card that fails",
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: FaultyCard.canBeMade, "needs a C compiler and libasound2-dev")
)
struct CardFaultTests {
    private let card: FaultyCard

    init() throws {
        try #require(FileCards.isSet)
        card = try #require(FileCards.faulty)
        card.order(.none, .heard, .played)
    }

    /// Opens the card, once the test before has let go of it.
    private func open(isAcoustic: Bool = false) async throws -> AlsaPort {
        var port: AlsaPort?
        #expect(
            await waits {
                port = try? AlsaPort(id: 1, device: "faulty", isAcoustic: isAcoustic)
                return port != nil
            }
        )
        return try #require(port)
    }

    @Test("a card that gives and takes in odd pieces is heard without a sample lost")
    func pieces() async throws {
        card.order(.pieces, .heard, .played)
        let port = try await open()
        defer { port.stop() }
        port.start()
        var (heard, played, ruptures) = ([AudioFrame](), 0, 0)
        #expect(
            await waits {
                while heard.count < 25, let frame = port.next() {
                    // A busy machine reads too late now and then: what comes behind that is another piece.
                    if port.ruptures.heard != ruptures { (heard, ruptures) = ([], port.ruptures.heard) }
                    heard.append(frame)
                }
                while port.play(AudioFrame()) { played += 1 }
                return heard.count == 25 && played >= 25
            }
        )
        let samples = heard.flatMap { frame in (0..<160).map { frame[$0] } }
        // It counts on from where the one before it has left.
        #expect(samples.enumerated().allSatisfy { $1 == samples[0] &+ Int16($0) })
    }

    @Test(
        "a half that takes long to begin anew makes nobody wait, and the other one goes on",
        arguments: FaultyCard.Half.allCases
    )
    func slow(half: FaultyCard.Half) async throws {
        let port = try await open()
        defer { port.stop() }
        port.start()
        #expect(await waits { port.next() != nil })
        card.order(.waits, half)
        var (heard, played) = (0, 0)
        let serve = {
            while port.next() != nil { heard += 1 }
            while port.play(AudioFrame()) { played += 1 }
        }
        #expect(
            await waits {
                serve()
                return half == .heard ? port.ruptures.heard > 0 : port.ruptures.played > 0
            }
        )
        (heard, played) = (0, 0)
        #expect(
            await waits {
                serve()
                return half == .heard ? played > 25 : heard > 25
            }
        )
        #expect(half == .heard ? heard == 0 : played == 0)
        card.order(.none, half)
        #expect(await waits { half == .heard ? port.next() != nil : port.play(AudioFrame()) })
    }

    @Test(
        "a half that runs over or dry, or was asleep, goes on by itself, and the other one notices nothing",
        arguments: FaultyCard.Half.allCases,
        [FaultyCard.Fault.rupture, .sleeps]
    )
    func ruptures(half: FaultyCard.Half, fault: FaultyCard.Fault) async throws {
        let port = try await open()
        defer { port.stop() }
        port.start()
        #expect(await waits { port.next() != nil })
        card.order(fault, half)
        #expect(
            await waits {
                // Both are served, as the loop does: else the other one runs over for want of a reader.
                while port.next() != nil {}
                while port.play(AudioFrame()) {}
                return half == .heard ? port.ruptures.heard > 0 : port.ruptures.played > 0
            }
        )
        #expect(await waits { port.next() != nil })
        #expect(await waits { port.play(AudioFrame()) })
    }

    @Test(
        "a half that is gone is closed and leaves the other one alone; the port ends with the second",
        arguments: FaultyCard.Half.allCases
    )
    func gone(half: FaultyCard.Half) async throws {
        let port = try await open(isAcoustic: true)
        defer { port.stop() }
        var told = [AudioEvent.Kind]()
        port.tell = { told.append($0) }
        port.start()
        #expect(await waits { port.next() != nil })
        card.order(.gone, half)
        let moves = {
            let isHeard = port.next() != nil
            return (isHeard, port.play(AudioFrame()))
        }
        #expect(
            await waits {
                _ = moves()
                return half == .heard ? port.capture == nil : port.playback == nil
            }
        )
        #expect(port.mayStall && told.isEmpty)
        // The other one goes on; of this one nothing comes, or nothing is taken.
        var isStill = true
        let goesOn = await waits {
            let (isHeard, isPlayed) = moves()
            if half == .heard ? isHeard : isPlayed { isStill = false }
            return half == .heard ? isPlayed : isHeard
        }
        #expect(goesOn && isStill)
        card.order(.gone, .heard, .played)
        #expect(
            await waits {
                _ = moves()
                return !told.isEmpty
            }
        )
        _ = moves()
        #expect(told == [.ended] && port.isOver)
    }

    @Test("a card that takes nothing any more is not taken for one that is only behind")
    func stands() async throws {
        let port = try await open()
        defer { port.stop() }
        port.start()
        // The card begins on a thread of its own.
        #expect(await waits { port.play(AudioFrame()) })
        card.order(.stands, .played)
        #expect(await waits { !port.play(AudioFrame()) })
        // For longer than a frame is left out of what waits.
        let taken = (0..<600).count { _ in port.play(AudioFrame()) }
        #expect(taken == 0)
    }

    @Test("in the loop the half that stands is told, goes on, and the end of the card is told once")
    func told() async throws {
        let news = News()
        let loop = try AudioLoop { event in if event.port == 1 { news.take(event) } }
        defer { loop.stop() }
        let port = try await open(isAcoustic: true)
        #expect(loop.join(1, port, SilentPort(id: 2)))
        #expect(await news.first(.started))
        for (half, side) in [(FaultyCard.Half.heard, AudioEvent.Half.heard), (.played, .played)] {
            card.order(.stands, half)
            #expect(await news.first(.stalled(side)))
            card.order(.none, half)
            #expect(await news.first(.resumed(side)))
        }
        card.order(.gone, .played)
        #expect(await news.first(.stalled(.played)))
        card.order(.gone, .heard)
        #expect(await news.first(.ended))
        _ = await loop.part(1)
    }

    @Test("a card that the call before has not let go of yet is waited for; one that stays busy is named")
    func busy() async throws {
        let first = try await open(isAcoustic: true)
        async let second = AudioPort.open(card: "faulty", id: 2)
        first.stop()
        let opened = try await second
        await #expect(throws: AudioPortError.self) { _ = try await AudioPort.open(card: "faulty", id: 3) }
        opened.abandon()
    }
}
