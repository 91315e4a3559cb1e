internal import DialPlan
internal import Logging
internal import Synchronization
package import WebRequests

/// The way to one PBX: its profile's requests over a transport, with repeats where they are safe, and a circuit
/// breaker.
///
/// Call ``close()`` before letting go of one that made its own transport.
package final class PBXConnection: CallControl {
    /// How long an action may take in all, repeats included.
    package static let actionLimit = Duration.seconds(20)
    /// How long one request may take, connection and answer included.
    package static let requestLimit = Duration.seconds(10)
    /// More requests than any profile's action has.
    private static let mostSteps = 8

    /// The PBX as it is configured.
    package let account: PBXAccount
    private let transport: any HTTPTransport
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> ContinuousClock.Instant
    private let jitter: @Sendable () -> Double
    private let breaker: Mutex<CircuitBreaker>
    private let counts = Mutex(Counts())
    private let policy = RepeatPolicy()
    private let logger = Logger(label: "gsmbridge.pbx")

    /// What was asked and what came of it, since the start.
    package struct Counts: Sendable, Equatable {
        /// Requests that were sent, repeats included.
        package var requests = 0
        /// Requests that were sent again.
        package var repeats = 0
        /// Actions that the PBX did.
        package var successes = 0
        /// Actions that it did not do.
        package var failures = 0
        /// Actions that were refused because it is left alone.
        package var rested = 0
    }

    /// How the PBX's reachability stands, for `status` and metrics.
    package struct Reachability: Sendable, Equatable {
        /// What the circuit breaker does.
        package var position: CircuitBreaker.Position
        /// How many failures in a row there were.
        package var failures: Int
        /// How long it is left alone yet; nil when it is not.
        package var resting: Duration?
        /// What was asked since the start.
        package var counts: Counts
        /// How the connection for its events stands; nil where there is none.
        package var events: EventConnection?
    }

    /// Makes a connection; nothing is sent until something is asked.
    ///
    /// - Parameters:
    ///   - account: the PBX.
    ///   - transport: what carries requests; ``AsyncHTTPTransport`` in the service.
    ///   - breaker: how soon it is left alone, and for how long.
    ///   - clock: what pauses between repeats.
    ///   - now: the current instant.
    ///   - jitter: chance, from 0 up to 1.
    package init(
        account: PBXAccount,
        transport: any HTTPTransport,
        breaker: CircuitBreaker.Settings = CircuitBreaker.Settings(),
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.account = account
        self.transport = transport
        self.breaker = Mutex(CircuitBreaker(breaker))
        self.clock = clock
        self.now = now
        self.jitter = jitter
    }

    /// The PBX's name in the configuration.
    package var name: String { account.name }

    /// What the PBX can do.
    package var capabilities: PBXCapabilities { account.profile.capabilities(account) }

    /// How its reachability stands now.
    package var reachability: Reachability {
        let now = now()
        let counts = counts.withLock { $0 }
        return breaker.withLock {
            Reachability(
                position: $0.position(at: now),
                failures: $0.failures,
                resting: $0.remaining(at: now),
                counts: counts,
                events: account.stasis.connection
            )
        }
    }

    // MARK: Actions

    /// Announces a call to the access number.
    package func prepareCallthrough(_ request: CallthroughRequest) async throws(PBXError) -> CallTicket {
        try await ticket(.prepareCallthrough(request))
    }

    /// Takes an announcement back.
    package func withdrawCallthrough(_ request: WithdrawRequest) async throws(PBXError) {
        _ = try await perform(.withdrawCallthrough(request))
    }

    /// Asks the PBX to call us and a target.
    package func requestCallback(_ request: CallbackRequest) async throws(PBXError) -> CallReference? {
        guard case .accepted(let reference) = try await perform(.requestCallback(request)) else { return nil }
        return reference
    }

    /// Claims a held caller.
    package func claimHeld(_ request: ClaimRequest) async throws(PBXError) -> CallTicket {
        try await ticket(.claimHeld(request))
    }

    /// Gives a held caller back.
    package func releaseHeld(_ request: ReleaseRequest) async throws(PBXError) {
        _ = try await perform(.releaseHeld(request))
    }

    /// Ends a call of the PBX.
    package func hangUp(_ call: CallReference) async throws(PBXError) { _ = try await perform(.hangUp(call)) }

    /// Asks how a call of the PBX stands.
    package func status(of call: CallReference) async throws(PBXError) -> PBXCallState {
        guard case .state(let state) = try await perform(.status(call)) else { return .unknown }
        return state
    }

    /// Asks whether the PBX is there and knows us.
    package func health() async throws(PBXError) -> PBXHealth {
        let begin = now()
        guard case .health(let version) = try await perform(.health) else { return PBXHealth() }
        return PBXHealth(version: version, roundTrip: begin.duration(to: now()))
    }

    private func ticket(_ action: PBXAction) async throws(PBXError) -> CallTicket {
        guard case .ticket(let ticket) = try await perform(action) else { return CallTicket() }
        if let left = ticket.validFor, left <= .zero {
            throw named(PBXError(.expired, "its ticket is over already", remedy: "check the clocks of both ends"))
        }
        return ticket
    }

    // MARK: Exchanges

    private func perform(_ action: PBXAction) async throws(PBXError) -> PBXResult {
        do throws(PBXError) {
            let result = try await exchanges(of: action)
            counts.withLock { $0.successes += 1 }
            return result
        } catch {
            counts.withLock {
                if error.kind == .unreachable(.resting) { $0.rested += 1 } else { $0.failures += 1 }
            }
            logger.warning("\(action.name): \(named(error))")
            throw named(error)
        }
    }

    private func exchanges(of action: PBXAction) async throws(PBXError) -> PBXResult {
        if let number = action.numbers.first(where: \.isEmergency) {
            throw PBXError(
                .misconfigured,
                "\(action.name) names the emergency number \(number), and help is never called by way of a PBX",
                remedy: "dial it on this box; check own_number and the modem's number"
            )
        }
        let deadline = now() + Self.actionLimit
        var step = try account.profile.begin(action, account)
        for _ in 0..<Self.mostSteps {
            switch step.content {
            case .finish(let result): return result
            case .send(let request, let then):
                try admit(action)
                step = try then(try await send(request, until: deadline))
            }
        }
        throw PBXError(.ambiguous, "it asked for one more request again and again", remedy: "check the profile")
    }

    /// Lets a request pass, unless the PBX is left alone; what ends a call always passes.
    private func admit(_ action: PBXAction) throws(PBXError) {
        let now = now()
        let (isAdmitted, left) = breaker.withLock { ($0.admits(at: now), $0.remaining(at: now)) }
        guard !isAdmitted, !action.isEnding else { return }
        let seconds = max(1, Int((left ?? .zero).components.seconds))
        throw PBXError(
            .unreachable(.resting),
            "it failed several times in a row and is left alone for \(seconds) s more",
            remedy: "see that it runs; 'gsmbridge doctor --pbx NAME' tells what is wrong"
        )
    }

    private func send(
        _ request: WebRequest,
        until deadline: ContinuousClock.Instant
    ) async throws(PBXError) -> HTTPReply {
        var attempt = 0
        var mayHaveArrived = false
        while true {
            attempt += 1
            counts.withLock {
                $0.requests += 1
                if attempt > 1 { $0.repeats += 1 }
            }
            let left = now().duration(to: deadline)
            let outcome: RepeatPolicy.Outcome
            let result: Result<HTTPReply, TransportFailure>
            do throws(TransportFailure) {
                let reply = try await carry(request, within: min(left, Self.requestLimit))
                result = .success(reply)
                outcome = .status(reply.status, retryAfter: reply.retryAfter)
                // 501: it works, and knows no such request.
                note(isFailure: (500...599).contains(reply.status) && reply.status != 501)
            } catch {
                result = .failure(error)
                outcome = error.mayHaveArrived ? .noAnswer : .notSent
                mayHaveArrived = mayHaveArrived || error.mayHaveArrived
                if error.reason != .cancelled, error.reason != .forbidden { note(isFailure: true) }
            }
            if let wait = wait(outcome, result, request, attempt, until: deadline) {
                // A pause that is cut short by a cancelled task is followed by no further attempt.
                if !Task.isCancelled, (try? await clock.sleep(for: wait)) != nil { continue }
            }
            switch result {
            case .success(let reply):
                if request.effect != .harmless, mayHaveArrived, !(200...299).contains(reply.status) {
                    // Only the earlier one may have been done: that this one was not says nothing.
                    throw Self.error(TransportFailure(.closed, mayHaveArrived: true), request)
                }
                return reply
            case .failure(let failure): throw Self.error(failure, request)
            }
        }
    }

    /// Sends a request once.
    ///
    /// A request that may place a call is not cut short when its caller gives up: its answer says what there is to take
    /// back.
    private func carry(
        _ request: WebRequest,
        within limit: Duration
    ) async throws(TransportFailure) -> HTTPReply {
        guard request.effect != .harmless else { return try await transport.send(request, within: limit) }
        guard !Task.isCancelled else { throw TransportFailure(.cancelled, mayHaveArrived: false) }
        let result = await Task { [transport] () -> Result<HTTPReply, TransportFailure> in
            do throws(TransportFailure) {
                return .success(try await transport.send(request, within: limit))
            } catch {
                return .failure(error)
            }
        }
        .value
        return try result.get()
    }

    /// Sends one request that belongs to no action, with its repeats; returns its answer, with any status.
    func send(alone request: WebRequest) async throws(PBXError) -> HTTPReply {
        do throws(PBXError) {
            return try await send(request, until: now() + Self.actionLimit)
        } catch {
            throw named(error)
        }
    }

    private func wait(
        _ outcome: RepeatPolicy.Outcome,
        _ result: Result<HTTPReply, TransportFailure>,
        _ request: WebRequest,
        _ attempt: Int,
        until deadline: ContinuousClock.Instant
    ) -> Duration? {
        if case .failure(let failure) = result {
            switch failure.reason {
            case .cancelled, .forbidden, .obstacle(.certificate), .tooLong, .malformed: return nil
            case .obstacle, .closed, .late: break
            }
        }
        return policy.wait(
            after: outcome,
            effect: request.effect,
            attempt: attempt,
            left: now().duration(to: deadline),
            jitter: jitter()
        )
    }

    private func note(isFailure: Bool) {
        let now = now()
        let jitter = jitter()
        breaker.withLock {
            if isFailure { $0.failed(at: now, jitter: jitter) } else { $0.succeeded() }
        }
    }

    private func named(_ error: PBXError) -> PBXError {
        var copy = error
        copy.pbx = account.name
        return copy
    }

    private static func error(_ failure: TransportFailure, _ request: WebRequest) -> PBXError {
        if failure.reason == .forbidden {
            return PBXError(
                .misconfigured,
                "its url is plain HTTP to \(request.url.base.host), which would show secrets to the network",
                remedy: "take https://, or set 'plain_http: true' if that network is yours"
            )
        }
        guard failure.mayHaveArrived else {
            switch failure.reason {
            case .obstacle(let obstacle): return unreachable(obstacle, request)
            case .closed, .late, .cancelled, .tooLong, .malformed, .forbidden: return unreachable(.timeout, request)
            }
        }
        let what =
            switch failure.reason {
            case .late: "did not answer \(request) in time"
            case .tooLong: "answered \(request) with more than 64 KiB"
            case .malformed: "did not answer \(request) in HTTP"
            case .cancelled: "was not waited for"
            case .closed, .obstacle, .forbidden: "closed the connection before its answer to \(request) was complete"
            }
        let isHarmless = request.effect == .harmless
        return PBXError(
            isHarmless ? .unreachable(.timeout) : .ambiguous,
            "it " + what,
            remedy: isHarmless
                ? "see that it runs and is not overloaded"
                : "it may have acted: wait for its call, and look into its log before trying again"
        )
    }

    private static func unreachable(_ obstacle: TransportFailure.Obstacle, _ request: WebRequest) -> PBXError {
        let place = request.url.base.origin
        let (what, remedy) =
            switch obstacle {
            case .name: ("the name of \(place) can't be resolved", "check url and the box's name server")
            case .connection: ("nothing answers at \(place)", "see that it runs, and that no firewall is between")
            case .certificate:
                (
                    "the certificate of \(place) is not trusted, or does not match its name",
                    "for a certificate of your own, name its CA file in ca_file, readable for gsmbridge; else mend the certificate"
                )
            case .timeout: ("\(place) did not answer in time", "see that it runs, and that no firewall is between")
            case .resting: ("\(place) is left alone for now", "wait")
            }
        return PBXError(.unreachable(obstacle), what, remedy: remedy)
    }

    /// Closes the transport, if it is one over the network.
    package func close() async throws {
        if let network = transport as? AsyncHTTPTransport { try await network.close() }
    }
}
