internal import CallModel
internal import GatewayAPI
internal import Modem
internal import Synchronization

/// Tones that a person sends into an answered call.
package enum Tones {
    /// The most that are sent in one go.
    static let longest = 64

    /// What speaks against sending them; nil when nothing does.
    package static func problem(with tones: String) -> String? {
        guard !tones.isEmpty else { return "no tones to send" }
        guard tones.utf8.count <= longest else { return "more than \(longest) tones in one go" }
        guard tones.allSatisfy({ "0123456789*#ABCD".contains($0) }) else {
            return "tones are the digits 0 to 9, *, #, and A to D"
        }
        return nil
    }

    /// Sends each tone once and in order beside the sound of a call that goes over an account.
    static func send(_ tones: String, in call: Call) async throws(ControlError) {
        if let problem = problem(with: tones) { throw .invalid(problem) }
        for (sent, digit) in tones.enumerated() {
            let answer = await withCheckedContinuation { answered in
                let once = Mutex<CheckedContinuation<LegEvent, Never>?>(answered)
                call.perform(.tone(digit, lasting: .milliseconds(100), isSecret: false)) { event in
                    once.withLock { waiting in
                        defer { waiting = nil }
                        return waiting
                    }?
                    .resume(returning: event)
                }
            }
            switch answer {
            case .toneTaken(let length):
                do { try await Task.sleep(for: length) } catch { throw .failed("given up after \(sent + 1) tones") }
            case .toneRefused(let reason), .toneFailed(let reason), .failed(let reason):
                throw .failed("tone \(sent + 1) of \(tones.count): \(reason)")
            default: throw .failed("tone \(sent + 1) of \(tones.count) was not taken")
            }
        }
    }

    /// Sends each tone once and in order.
    ///
    /// - Throws: what happened, and how many were sent, as soon as one was not.
    static func send(
        _ tones: String,
        on session: ModemSession,
        tone: Duration,
        gap: Duration
    ) async throws(ControlError) {
        if let problem = problem(with: tones) { throw .invalid(problem) }
        for (sent, digit) in tones.enumerated() {
            if sent > 0 {
                // Cancelled means that the request was given up; the tones end here.
                do { try await Task.sleep(for: tone + gap) } catch { throw .failed("given up after \(sent) tones") }
            }
            switch await session.sendDigit(digit, tone: tone) {
            case .acknowledged: break
            case .callIsOver: throw .conflict("the call ended after \(sent) of \(tones.count) tones")
            case .refused(let reason), .ambiguous(let reason):
                throw .failed("tone \(sent + 1) of \(tones.count): \(reason)")
            }
        }
    }
}
