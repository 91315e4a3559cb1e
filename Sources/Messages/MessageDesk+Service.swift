internal import DialPlan
package import FoundationEssentials
package import GatewayAPI
internal import Lines
internal import Modem

/// A session of USSD, and who waits for what the network says in it.
struct ServiceSession: Sendable {
    var lease: ModemLease
    var waiter: CheckedContinuation<Result<ServiceText, ControlError>, Never>?
    /// What ends it when nothing happens.
    var limit: Task<Void, Never>?
}

// USSD.
extension MessageDesk {
    /// How long the network may take for an answer, and a person for a reply.
    private static let answersWithin: Duration = .seconds(60)

    /// See ``MessageControl/beginService(_:modem:session:)``.
    package func beginService(
        _ code: String,
        modem: String,
        session: UUID
    ) async throws(ControlError) -> ServiceAnswer {
        guard !isStopping else { throw .unavailable("the service is stopping") }
        if let mistake = ServiceCode.mistake(in: code) { throw .invalid("\(code): \(mistake)") }
        if let problem = ServiceCode.problem(with: code) { throw .policy("\(code): \(problem)") }
        guard settings.allowedCodes.contains(code) else {
            throw .policy("\(code) is not allowed; add it to ussd.allow to change that")
        }
        guard services[session] == nil else {
            throw .conflict("there is a session of the id \(session.name); take another")
        }
        return try await openService(code, modem: modem, session: session)
    }

    /// Begins a session with a code that may be sent.
    func openService(
        _ code: String,
        modem: String,
        session id: UUID = UUID()
    ) async throws(ControlError) -> ServiceAnswer {
        let flag = PreemptionFlag()
        let lease: ModemLease
        do throws(FleetError) {
            lease = try await tools.fleet.lease(ModemWish(modem: modem, for: .message), within: .seconds(10)) {
                [weak self] in
                flag.set()
                Task { await self?.endSession(id, "broken off: the modem was needed for a call") }
            }
        } catch {
            if case .unknownModem = error { throw .notFound(error.reason) }
            throw .conflict(error.reason)
        }
        // Before this, the end that a call asks for finds no session.
        guard !flag.isSet, !isStopping, !endedEarly.contains(id) else {
            await lease.giveBack(clean: true)
            throw .conflict(flag.isSet ? "the modem was needed for a call" : "ended before it began")
        }
        services[id] = ServiceSession(lease: lease)
        return try await exchange(code, session: id)
    }

    /// See ``MessageControl/continueService(_:session:)``.
    package func continueService(_ text: String, session id: UUID) async throws(ControlError) -> ServiceAnswer {
        guard ServiceCode.isReply(text) else { throw .invalid("text: a reply has 1 to 182 characters, and no quotes") }
        // Where the network has ended the session unseen, it would be taken for a new one's code.
        guard !ServiceCode.isCode(text) else { throw .policy("text: a code is no reply") }
        guard let session = services[id] else { throw .notFound("the session is over") }
        guard session.waiter == nil else { throw .conflict("the network has yet to answer in this session") }
        return try await exchange(text, session: id)
    }

    /// Ends a session, and tells the network.
    package func endSession(_ id: UUID, _ reason: String) {
        guard let session = services.removeValue(forKey: id) else {
            endedEarly = endedEarly.suffix(15) + [id]
            return
        }
        session.limit?.cancel()
        session.waiter?.resume(returning: .failure(.failed(reason)))
        Task {
            await session.lease.session.cancelService()
            await session.lease.giveBack(clean: true)
        }
    }

    private func exchange(_ text: String, session id: UUID) async throws(ControlError) -> ServiceAnswer {
        guard let session = services[id] else { throw .notFound("the session is over") }
        session.limit?.cancel()
        let modemSession = session.lease.session
        let result: Result<ServiceText, ControlError> = await withCheckedContinuation { continuation in
            services[id]?.waiter = continuation
            limit(id, "the network did not answer within \(Self.answersWithin.components.seconds) s")
            Task {
                guard let failure = await modemSession.sendService(text) else { return }
                endSession(id, failure)
            }
        }
        let answer = try result.get()
        if let failure = answer.failure {
            endSession(id, failure)
            throw .failed(failure)
        }
        if answer.asks, services[id] != nil {
            limit(id, "nobody replied within \(Self.answersWithin.components.seconds) s")
            return ServiceAnswer(session: id, text: answer.text, done: false)
        }
        if let session = services.removeValue(forKey: id) {
            session.limit?.cancel()
            await session.lease.giveBack(clean: true)
        }
        return ServiceAnswer(session: nil, text: answer.text, done: true)
    }

    private func limit(_ id: UUID, _ reason: String) {
        services[id]?.limit?.cancel()
        guard let modem = services[id]?.lease.session else { return }
        services[id]?.limit = Task { [weak self] in
            let end = ContinuousClock.now + Self.answersWithin
            while ContinuousClock.now < end, !Task.isCancelled {
                guard await !modem.isClosed else {
                    await self?.endSession(id, "the modem is gone")
                    return
                }
                try? await Task.sleep(for: .seconds(1))
            }
            if !Task.isCancelled { await self?.endSession(id, reason) }
        }
    }

    /// The network said something: an answer in a session, or news.
    func heard(_ text: ServiceText, of key: ObjectIdentifier, _ box: Box) {
        if text.failure == nil {
            tools.tell(MessageEvent(service: text.text, modem: box.name ?? box.reference, done: !text.asks))
        }
        let found = services.first { ObjectIdentifier($0.value.lease.session) == key }
        guard let (id, session) = found else { return }
        guard session.waiter != nil else {
            // The network does not wait for the reply any more.
            if !text.asks { endSession(id, text.failure ?? "the network has ended the session") }
            return
        }
        services[id]?.waiter = nil
        session.waiter?.resume(returning: .success(text))
    }
}
