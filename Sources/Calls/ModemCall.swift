internal import CallFlows
internal import CallLog
package import CallModel
package import DialPlan
package import FoundationEssentials
package import GatewayAPI
package import Modem
internal import Synchronization

/// One outgoing call on a modem that is set up: looks that nothing is left behind, dials, follows, and makes sure at the
/// end that nothing is left up.
///
/// The command line alone and the service make their calls with it. It reports everything but the end, which is whatever
/// ``run()`` returns.
package final class ModemCall: Sendable {
    private enum Stage: Sendable {
        case preparing
        case calling(CallRun<OutgoingCallMachine>)
        case over
    }

    private struct State: Sendable {
        var stage = Stage.preparing
        var isInterrupted = false
    }

    private let id: UUID
    private let route: Route
    private let maxDuration: Duration
    private let session: ModemSession
    private let loop: any ModemLoop
    private let tty: String?
    private let recorder: CallRecorder?
    private let looksTwice: Bool
    private let emit: @Sendable (CallEvent) -> Void
    private let state = Mutex(State())

    /// Creates the call; ``run()`` makes it.
    ///
    /// - Parameters:
    ///   - id: the call's id in events.
    ///   - route: how it is made.
    ///   - maxDuration: how long it may last once answered.
    ///   - session: a modem that has been brought up.
    ///   - loop: the loop of that session.
    ///   - tty: the path of its tty, by which a modem without an IMEI is found again.
    ///   - recorder: keeps the journal; it is for the caller to ``CallRecorder/begin(_:_:at:)`` the call there, and to give
    ///     it the events.
    ///   - looksTwice: whether the second look is waited for that some ends need (``CallRelease/mayComeUp``); false where
    ///     somebody else keeps the modem, and looks by itself.
    ///   - emit: takes the call's progress, in order.
    package init(
        id: UUID,
        route: Route,
        maxDuration: Duration,
        session: ModemSession,
        loop: any ModemLoop,
        tty: String? = nil,
        recorder: CallRecorder? = nil,
        looksTwice: Bool = true,
        emit: @escaping @Sendable (CallEvent) -> Void
    ) {
        self.id = id
        self.route = route
        self.maxDuration = maxDuration
        self.session = session
        self.loop = loop
        self.tty = tty
        self.recorder = recorder
        self.looksTwice = looksTwice
        self.emit = emit
    }

    /// Asks the call to end: hangs up if there is something to hang up.
    ///
    /// - Returns: whether it was still being prepared, so that nothing was dialled and nothing will be: whoever owns the
    ///   session ends the preparation then.
    @discardableResult
    package func interrupt() -> Bool {
        let stage = state.withLock { state in
            state.isInterrupted = true
            return state.stage
        }
        switch stage {
        case .preparing: return true
        case .calling(let run):
            run.post(.interrupted)
            return false
        case .over: return false
        }
    }

    /// Makes the call and returns how it ended.
    package func run() async -> CallEnd {
        if !route.isEmergency, let failure = recorder?.refusal { return CallEnd(unrecorded: failure) }
        let identity = await session.identity
        recorder?.place(id, imei: identity.imei, imsi: identity.imsi, tty: tty)
        let plan = route.plan(maxDuration: maxDuration)
        let digits = plan.steps.compactMap { step in if case .digit(let digit, _) = step { digit } else { nil } }
        if let digit = await session.unsendable(in: digits) {
            // Known before anybody is called, and paid for nothing.
            return CallEnd(
                outcome: .modemFailed,
                by: .local,
                detail: "this modem can't send the digit \(digit); take it out of the script, or take another modem"
            )
        }
        // The disk and the modem are busy at the same time; nothing is dialled before both have answered.
        async let noted = note()
        do throws(ModemError) {
            try await session.prepareToDial(isForEmergency: route.isEmergency)
        } catch {
            _ = await noted
            return await notPrepared(error)
        }
        // It has no call any more, whatever a crash left open.
        recorder?.modemIsIdle(imei: identity.imei, tty: tty)
        let journal = await noted
        var hooks = CallRun<OutgoingCallMachine>
            .Hooks { [emit, id] progress in
                if case .ended = progress { return }
                emit(CallEvent(.progress(progress), call: id))
            }
        hooks.journal = journal
        let leg = ModemLeg(session, loop)
        let run = CallRun(OutgoingCallMachine(plan: plan), on: leg, loop: loop, hooks: hooks)
        let goesOn = state.withLock { state in
            if state.isInterrupted { return false }
            state.stage = .calling(run)
            return true
        }
        guard goesOn else { return Self.interruptedEarly }
        let end = await leg.verify(await run.run(), waits: looksTwice)
        state.withLock { $0.stage = .over }
        return end
    }

    /// Has the dial step written down, and returns the journal with what came of that.
    private func note() async -> NotedJournal? {
        guard let journal = recorder?.journal(for: id) else { return nil }
        do throws(CallLogError) {
            try await journal.willDial(route.dials)
            return NotedJournal(journal: journal, failure: nil)
        } catch {
            return NotedJournal(journal: journal, failure: error)
        }
    }

    /// The end of a call for which the modem could not be made ready.
    private func notPrepared(_ error: ModemError) async -> CallEnd {
        if state.withLock({ $0.isInterrupted }) {
            // Nothing was dialled by this call; one that an earlier run left behind is ended all the same.
            _ = await session.ensureIdle()
            return Self.interruptedEarly
        }
        return CallEnd(outcome: error.callOutcome, by: .local, detail: error.description)
    }

    /// The end of a call that was interrupted before it began.
    package static let interruptedEarly = CallEnd(
        outcome: .interrupted,
        by: .local,
        detail: "before anything was dialled"
    )
}

extension ModemLeg {
    /// Looks once more whether the modem has nothing left of the call, however it ended, because a call that is left up costs
    /// money.
    ///
    /// - Parameters:
    ///   - end: how the call ended, as far as is known.
    ///   - waits: whether the second look is waited for that some ends need.
    /// - Returns: the end, and whether it is certain.
    func verify(_ end: CallEnd, waits: Bool = true) async -> CallEnd {
        var end = end
        if await ensureIdle(waits: waits) {
            end.hangUpVerified = true
        } else if end.outcome != .modemFailed {
            end.hangUpVerified = false
        }
        return end
    }
}

extension ModemError {
    /// What the error means for the call that it stops.
    package var callOutcome: CallOutcome {
        switch category {
        case .unusable: .noModem
        case .failed: .modemFailed
        case .noService: .noService
        case .sim: .sim
        }
    }
}

/// A journal in which the dial step has been noted already, as far as that was possible.
private struct NotedJournal: DialJournal {
    let journal: any DialJournal
    let failure: CallLogError?

    func willDial(_ number: String) async throws(CallLogError) {
        if let failure { throw failure }
    }

    func didDial() { journal.didDial() }
}
