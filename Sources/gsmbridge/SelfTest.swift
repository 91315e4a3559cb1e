import CallModel
internal import Console
import FoundationEssentials
internal import GatewayAPI
import Synchronization

/// A call that only shows that calls work: where the modem was before, in and after it, and what that means.
final class SelfTest: Sendable {
    /// What came of it, as `--format json` shows it.
    struct Report: Sendable, Encodable {
        /// Whether calls work.
        enum Verdict: String, Sendable, Encodable {
            case passed, failed
            /// It rang at the other side, and nobody answered: the way is there, the sound was not tried.
            case rang
        }

        var modem: String?
        var to: String
        var call: String
        var technologyBefore: String?
        var technologyDuring: String?
        var technologyAfter: String?
        var outcome: String?
        var cause: Int?
        var setupMilliseconds: Int?
        var seconds: Double?
        /// Whether the modem was seen without the call afterwards.
        var isIdle = false
        var verdict = Verdict.failed
        var reason = ""
        var exit: Int32 = CallExit.internalFailure

        private enum CodingKeys: String, CodingKey {
            case modem, to, call
            case technologyBefore = "technology_before"
            case technologyDuring = "technology_during"
            case technologyAfter = "technology_after"
            case outcome, cause
            case setupMilliseconds = "setup_ms"
            case seconds
            case isIdle = "idle"
            case verdict, reason, exit
        }
    }

    private struct State {
        var hasRung = false
        var setup: Duration?
        var end: CallEnd?
        var during: String?
    }

    /// Asks the modem where it is at this moment.
    typealias Look = @Sendable () async -> ModemNow?

    private let look: Look
    private let state = Mutex(State())

    init(_ look: @escaping Look) { self.look = look }

    /// Takes an event of the call; looks where the modem is once it rings, or at the answer where it was not said to ring: a later
    /// look might come after the call.
    func take(_ event: CallEvent?) async {
        guard case .progress(let progress) = event?.kind else { return }
        var wantsLook = false
        state.withLock { state in
            switch progress {
            case .alerting:
                state.hasRung = true
                wantsLook = state.during == nil
            case .connected(let setup):
                state.setup = setup
                wantsLook = state.during == nil
            case .ended(let end): state.end = end
            case .dialing, .ringing, .handover, .inProgress: break
            }
        }
        guard wantsLook, let technology = await look()?.technology else { return }
        state.withLock { $0.during = technology }
    }

    /// What came of it, once the call is over.
    func report(
        modem: String?,
        to number: String,
        call: String,
        before: String?,
        isIdle: Bool,
        after: String?
    ) -> Report {
        let (hasRung, setup, end, during) = state.withLock { ($0.hasRung, $0.setup, $0.end, $0.during) }
        var report = Report(modem: modem, to: number, call: call)
        report.technologyBefore = before
        report.technologyDuring = during
        report.technologyAfter = after
        report.isIdle = isIdle
        report.setupMilliseconds = setup.map { Int($0.inMilliseconds) }
        guard let end else {
            report.reason = "the end of the call was not told"
            return report
        }
        report.outcome = end.outcome.rawValue
        report.cause = end.cause
        report.seconds = Double(end.seconds.inMilliseconds) / 1000
        report.exit = end.outcome.exitStatus
        switch end.outcome {
        case .completed:
            report.verdict = .passed
            report.reason = Self.way(before, during)
        case .noAnswer where hasRung, .rejected where hasRung, .busy where hasRung || end.cause == 17:
            report.verdict = .rang
            report.reason = "the other side was reached and did not answer; \(Self.way(before, during))"
        default: report.reason = end.detail ?? Self.failure(before)
        }
        if !isIdle {
            report.verdict = .failed
            report.reason += "; the modem was not seen without the call"
            report.exit = report.exit == 0 ? CallExit.modemFailed : report.exit
        }
        return report
    }

    /// Over which network the call went.
    private static func way(_ before: String?, _ during: String?) -> String {
        let radio = during.flatMap { RadioTechnology(rawValue: $0) }
        guard let radio else { return "the modem does not tell over which network the call went" }
        guard radio.switchesCircuits else { return "calls go over \(radio.generation) (IMS)" }
        let came = before.flatMap { RadioTechnology(rawValue: $0) }
        if let came, !came.switchesCircuits {
            return
                "for calls it falls back from \(came.generation) to \(radio.generation): they end when that is switched off"
        }
        return "calls go over \(radio.generation): they end when that is switched off"
    }

    private static func failure(_ before: String?) -> String {
        guard let radio = before.flatMap({ RadioTechnology(rawValue: $0) }), !radio.switchesCircuits else {
            return "the network did not make the call"
        }
        return
            "the network did not make the call: in \(radio.generation) it needs IMS or a fallback; look with gsmbridge volte"
    }
}
