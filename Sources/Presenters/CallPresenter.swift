package import CallModel
package import Console
internal import FoundationEssentials
package import GatewayAPI
internal import Synchronization

/// Shows a call's events: as text with the outcome on standard output, or as JSON lines.
package final class CallPresenter: Sendable {
    private let format: OutputFormat
    private let isLive: Bool
    /// The call that has begun and not ended, and since when it is answered.
    private let live = Mutex<Live?>(nil)

    private struct Live {
        let call: UUID
        var answeredAt: ContinuousClock.Instant?
        /// Shows how long the call has been going on.
        var clock: Task<Void, Never>?
    }

    package init(format: OutputFormat) {
        self.format = format
        isLive = format == .text && Terminal.isWatched
    }

    /// Shows an event as the service tells it.
    ///
    /// One that is no call's is for programs, but for what people should know of the limits.
    package func show(_ event: any GatewayEvent) {
        let call = event.callEvent
        if let call { note(call) }
        switch format {
        case .json:
            do { Terminal.standardOutput(try event.json()) } catch {
                Terminal.standardError("gsmbridge: an event could not be written: \(error)")
            }
        case .text:
            if let call {
                showText(call)
            } else if let notice = Self.notice(event) {
                Terminal.standardError("gsmbridge: \(notice.reason)")
            }
        }
    }

    private static func notice(_ event: any GatewayEvent) -> PolicyNotice? {
        if let text = event as? EventText {
            // Anything else may come from a later version.
            return text.name == "policy.notice" ? try? WireFormat.decode(PolicyNotice.self, from: text.bytes) : nil
        }
        return event as? PolicyNotice
    }

    private func note(_ event: CallEvent) {
        live.withLock { live in
            switch event.kind {
            case .requested: live = Live(call: event.call)
            case .progress(.connected): live?.answeredAt = .now
            case .progress(.ended):
                live?.clock?.cancel()
                live = nil
            case .progress, .audio, .dtmf, .joined, .quality: break
            }
        }
    }

    /// Tells the end of a call that is not waited for any more: what became of it is not known.
    package func leave() {
        guard let left = live.withLock({ $0 }) else { return }
        let end = CallEnd(
            outcome: .interrupted,
            by: .local,
            seconds: left.answeredAt.map { $0.duration(to: .now) } ?? .zero,
            hangUpVerified: false
        )
        show(CallEvent(.progress(.ended(end)), call: left.call))
    }

    private func showText(_ event: CallEvent) {
        switch event.kind {
        case .requested(let request):
            progress("Calling \(request.target)\(Self.way(request.method))")
        case .progress(.dialing(let number)): progress("Dialling \(number)")
        case .progress(.alerting): progress("Ringing")
        case .progress(.ringing(let number)): progress("Rung by \(Self.caller(number, event.callerName))")
        case .progress(.connected(let setup)): progress("Answered after \(setup.spoken)")
        case .progress(.handover(let digits, let sent, let total)):
            if sent < total {
                if isLive { Terminal.liveLine("Handing over the target: \(digits) (\(sent) of \(total))") }
            } else {
                progress("Handed over: \(digits)")
            }
        case .audio(let report): progress("Sound \(report.state.rawValue): \(report.spoken)")
        case .dtmf(let digit, _): progress("Key \(digit)")
        case .joined(let other): progress("Joined with \(other)")
        case .quality(let quality): progress(quality.spoken)
        case .progress(.inProgress):
            progress("In progress; Ctrl-C hangs up")
            if isLive { startClock() }
        case .progress(.ended(let end)):
            if isLive { Terminal.liveLine("") }
            Terminal.standardOutput(Self.sentence(for: end))
            if !end.hangUpVerified {
                Terminal.standardError(
                    "gsmbridge: WARNING: it could not be checked that the call has ended; unplug the modem to be sure"
                )
            }
        }
    }

    private static func way(_ method: CallMethod) -> String {
        switch method {
        case .direct: " directly"
        case .internet: " over the Internet"
        case .reverse: ""
        default: " by \(method.rawValue)"
        }
    }

    /// Shows how long people have been talking, once a second, until the call ends.
    private func startClock() {
        live.withLock { live in
            guard let since = live?.answeredAt, live?.clock == nil else { return }
            live?.clock = Task { [weak self] in
                while !Task.isCancelled {
                    self?.showTime(since: since)
                    // Cancelled means that the call is over.
                    do { try await Task.sleep(for: .seconds(1)) } catch { return }
                }
            }
        }
    }

    /// Under the lock, so that no time is shown behind the end.
    private func showTime(since start: ContinuousClock.Instant) {
        live.withLock { live in
            guard live?.answeredAt == start else { return }
            Terminal.liveLine(LogTime.length((start.duration(to: .now)) / .seconds(1)))
        }
    }

    private static func caller(_ number: String?, _ name: String?) -> String {
        guard let number else { return "a withheld number" }
        return name.map { "\(number) (\($0))" } ?? number
    }

    /// On a terminal one line lives at the bottom, and what is settled scrolls up; elsewhere every step is a line.
    private func progress(_ text: String) {
        if isLive { Terminal.liveLine("") }
        Terminal.standardError(text)
    }

    package static func sentence(for end: CallEnd) -> String {
        let detail = end.detail.map { ": \($0)" } ?? ""
        // The detail names the cause where there is one to name.
        let cause = end.detail == nil ? end.cause.map { " (cause \($0))" } ?? "" : ""
        switch end.outcome {
        case .completed:
            let side = end.by == .local ? "this side" : end.by == .remote ? "the other side" : "the network"
            return "Completed after \(end.seconds.spoken), ended by \(side)\(detail)"
        case .busy: return "Busy\(cause)"
        case .noAnswer: return "No answer\(cause)"
        case .rejected: return "Rejected or unreachable\(cause)\(detail)"
        case .lost: return "Lost after \(end.seconds.spoken), before the target was handed over\(cause)\(detail)"
        case .noModem: return "No usable modem\(detail)"
        case .modemFailed: return "The modem failed\(detail)"
        case .noService: return "No service\(detail)"
        case .sim: return "SIM\(detail)"
        case .policy: return "Refused by the dial policy\(detail)"
        case .pbxUnreachable: return "The PBX can't be reached\(detail)"
        case .pbxRefused: return "The PBX refused\(detail)"
        case .interrupted: return "Interrupted\(end.seconds > .zero ? " after \(end.seconds.spoken)" : "")"
        }
    }
}
