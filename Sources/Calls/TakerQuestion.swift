internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
package import FoundationEssentials
internal import GatewayAPI
internal import Settings
internal import Synchronization

/// Asks who has taken a call that rings for a key, before the call is answered: mailboxes take calls as well.
///
/// | heard | then |
/// |---|---|
/// | the last of the keys, in their order | pressed |
/// | another key | it is asked on |
/// | nothing for 20 s, the end of the one who is asked, the end of the call, no sound | not pressed, with the reason |
final class TakerQuestion: Sendable {
    private enum News: Sendable {
        case digit(Character)
        /// The question is over; why.
        case over(String)
    }

    /// How long the key is waited for; the caller hears it ring meanwhile.
    private static let within: Duration = .seconds(20)
    /// What comes so soon behind the same key is that key: beside the sound and in it, as from the network behind a PBX.
    private static let same: Duration = .milliseconds(250)

    private let inbox: AsyncStream<News>
    private let post: AsyncStream<News>.Continuation

    init() {
        // Who keys without end is heard no better.
        (inbox, post) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(64))
    }

    /// Ends the question.
    func end(_ reason: String) {
        post.yield(.over(reason))
        post.finish()
    }

    /// Asks, and waits for the keys.
    ///
    /// - Returns: why they were not pressed; nil where they were.
    func ask(for keys: String, in call: UUID, _ tools: CallTools) async -> String? {
        let (desk, conversation) = (tools.sounds, tools.sounds.name())
        let loop: AudioLoop
        let port: AudioPort
        do throws(AudioPortError) {
            loop = try desk.loop()
            port = try await desk.phonePort(of: call)
        } catch { return "nobody can confirm: \(error)" }
        let player: AnnouncementPlayer
        do throws(AnnouncementError) {
            let words = Playback.confirming(with: keys)
            player = AnnouncementPlayer(try tools.configuration.announcements.samples(of: words), repeats: true)
        } catch {
            port.abandon()
            return "nobody can confirm: \(error)"
        }
        desk.listen(to: port.id) { [post] kind in
            switch kind {
            case .digit(let digit): post.yield(.digit(digit))
            case .ended: post.yield(.over("its sound is gone"))
            case .stalled, .resumed, .started, .played, .prompt, .announced: break
            }
        }
        defer { desk.listen(to: port.id, nil) }
        let nobody = SilentPort(id: desk.name())
        guard loop.join(conversation, port, nobody, detectsDigits: true) else {
            return "the audio loop has too much to do"
        }
        guard loop.announce(player, to: port.id) else {
            _ = await loop.part(conversation)
            return "the audio loop has too much to do"
        }
        let reason = await withDiscardingTaskGroup { [post] group in
            group.addTask {
                // Cancelled, it is decided.
                guard (try? await Task.sleep(for: Self.within)) != nil else { return }
                post.yield(.over("\(keys) was not pressed within \(Self.within.spoken)"))
            }
            defer { group.cancelAll() }
            return await answer(keys)
        }
        _ = await loop.part(conversation)
        return reason
    }

    private func answer(_ keys: String) async -> String? {
        var entered = ""
        var last: (digit: Character, at: ContinuousClock.Instant)?
        for await news in inbox {
            switch news {
            case .over(let reason): return reason
            case .digit(let digit):
                if let last, last.digit == digit, ContinuousClock.now - last.at < Self.same { continue }
                last = (digit, .now)
                entered = String((entered + String(digit)).suffix(keys.count))
                if entered == keys { return nil }
            }
        }
        return "it was not pressed"
    }
}

extension Call {
    /// Has the one of those that ring be its end who has taken it, and has pressed the key where the rule wants one.
    ///
    /// - Returns: false where nobody has taken it.
    /// - Throws: where the key was not pressed; nobody is its end then, and the call rings on.
    func seatTaker() async throws(ControlError) -> Bool {
        guard ringsPhones, let spec = (sound as? CallSound)?.spec, let taker = tools.accounts?.taker(of: id) else {
            return false
        }
        if let keys = keysOfTaker {
            let question = TakerQuestion()
            guard begin(question) else { throw .conflict("who has taken the call is asked for a key just now") }
            let reason = await question.ask(for: keys, in: id, tools)
            finishQuestion(isConfirmed: reason == nil)
            if let reason { throw .conflict("\(taker) has taken the call, and \(reason)") }
            guard ringsPhones, !isTalking, !isEnding else { throw .conflict("the call rings no more") }
        }
        carry(CallSound(CallEndpoint(spec, person: taker), of: self))
        return true
    }

    /// The keys that who takes it has to press; nil for none.
    private var keysOfTaker: String? { tools.people(of: id)?.confirm }
}

extension CallTools {
    /// Has who was asked for a key asked no more, since he is gone; false where nobody is asked.
    package func leavesQuestion(of call: UUID) -> Bool {
        calls.entry(call)?.call.endQuestion("the telephone has hung up") ?? false
    }

    /// Whether who has taken a call that still rings was asked for a key, and has not pressed it.
    package func isUnconfirmed(_ call: UUID) -> Bool {
        guard let call = calls.entry(call)?.call else { return false }
        return call.isUnconfirmed && call.ringsPhones && !call.isTalking
    }
}
