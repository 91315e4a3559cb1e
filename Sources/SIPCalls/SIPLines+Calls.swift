package import CallAudio
internal import CallModel
package import Calls
package import FoundationEssentials
package import GatewayAPI
internal import Logging
internal import SIP
internal import Synchronization

/// What a phone wants.
enum PhoneWish: Sendable {
    case call(PhoneCall)
    /// The call is not wanted any more.
    case end(PhoneCall)
    /// A call comes in over an account.
    case accountCall(AccountCall)
    /// A call rings on a modem.
    case rings(UUID)
    /// A call that rang people is over.
    case ended(UUID)
    /// One of those rung has taken the call of a ring; who.
    case taken(UInt64, AudioSpec)
    /// A phone is heard elsewhere now.
    case moved(PhoneLeg)
    /// It holds its call, or takes it up again.
    case held(PhoneLeg, Bool)
    /// It wants its call transferred.
    case transfer(TransferWish)
    /// A call that rings people was answered otherwise.
    case answeredElsewhere(UUID)
    /// The time of a step of a ring has come; which one.
    case step(UInt64, Int)
    /// Nobody rings any more.
    case nobody(UInt64)
    /// Nobody takes it.
    case givenUp(UInt64)
    /// Who had taken it has hung up.
    case left(UInt64)
    /// Something has changed that may free a line, or take the last.
    case look
}

// Calls that phones make: each is a dial like any other.
extension SIPLines {
    /// Does what phones want, until ``takeNoMore()`` and the last call are over.
    ///
    /// - Parameter order: what a call is to do that a phone's call is transferred to.
    package func serve(
        _ control: any LocalControl,
        order: @escaping @Sendable (String, RequestOrigin) async throws(ControlError) -> SecondOrder
    ) async {
        let admission = control.events.listen(from: nil) { [self] entry in
            if let event = entry.event as? CallEvent { take(event) }
            let name = entry.event.name
            if name.hasPrefix("modem.") || name == "call.dialing" || name == "call.ended" { wantsLook() }
            return true
        } ended: {
        }
        defer { if let admission { control.events.dismiss(admission.listener) } }
        wantsLook()
        await withDiscardingTaskGroup { group in
            for await wish in wishes {
                switch wish {
                case .call(let call): group.addTask { await self.make(call, control) }
                case .end(let call): finish(call)
                case .moved(let who): moved(who)
                case .held(let who, let isHeld): hold(who, isHeld)
                case .transfer(let wish): group.addTask { await self.transfer(wish, control, order) }
                case .answeredElsewhere(let call): await self.answeredElsewhere(call)
                case .look: await self.look(control)
                case .accountCall(let call): await self.take(call)
                case .rings(let call): group.addTask { await self.ring(call, control) }
                case .ended(let call): await self.ended(call)
                case .taken(let ring, let who): group.addTask { await self.taken(ring, by: who, control) }
                case .step(let ring, let step): group.addTask { await self.goOn(ring, step, control) }
                case .nobody(let ring): group.addTask { await self.goOn(ring, nil, control) }
                case .givenUp(let ring): await self.givenUp(ring, control)
                case .left(let ring): await self.left(ring, control)
                }
            }
        }
    }

    /// Takes no more calls of phones; those that live go on.
    package func takeNoMore() { wish.finish() }

    /// Has the lines looked at, once for all that has changed until then.
    private func wantsLook() {
        let isFirst = isLooking.withLock { isLooking in
            defer { isLooking = true }
            return !isLooking
        }
        if isFirst { wish.yield(.look) }
    }

    /// Looks whether a line is free, and has that said to trunks.
    private func look(_ control: any LocalControl) async {
        isLooking.withLock { $0 = false }
        guard let agent = present, let modems = try? await control.modems() else { return }
        await agent.setFree(modems.contains { $0.state == .ready })
    }

    private func make(_ call: PhoneCall, _ control: any LocalControl) async {
        guard let agent = present else { return }
        let id = UUID()
        made.withLock { $0[call.id] = id }
        defer { made.withLock { $0[call.id] = nil } }
        if call.asksStatus { return await sayStatus(to: call, as: id, agent, control) }
        var request = DialRequest(number: call.number)
        request.via = call.via
        do throws(ControlError) {
            try await control.follow(
                request,
                id: id,
                origin: RequestOrigin(call.caller),
                within: .seconds(30)
            ) { event in
                // The phone may have given up before there was a call to end.
                if await !agent.isWanted(call.id) { self.finish(call) }
                guard let event = event.callEvent, case .progress(let progress) = event.kind else { return }
                switch progress {
                // From here on it was really called; a callback rings instead.
                case .dialing, .ringing: await agent.remember(call)
                case .alerting: await agent.ring(call.id)
                case .inProgress: await agent.answer(call.id)
                case .ended(let end): await agent.end(call.id, CallRefusal(end))
                case .connected, .handover: break
                }
            }
        } catch {
            // It may live on where only its events broke off.
            if case .callMayGoOn = error { await hangUp(call, control) }
            await agent.end(call.id, CallRefusal(error))
        }
    }

    /// Who has made a call has hung up.
    private func finish(_ call: PhoneCall) {
        guard let id = made.withLock({ $0[call.id] }), !leavesTransfer(of: id) else { return }
        stopSaying(to: id)
        tools()?.finish(id, "hung up at \(call.caller)")
    }

    private func moved(_ who: PhoneLeg) {
        moving.withLock { _ = $0.remove(who) }
        if let call = call(of: who) { tools()?.moveEndpoint(of: call) }
    }

    /// While nothing comes from the telephone of a call, it is asked every 30 s whether it still has the call.
    func watch(_ call: UUID, isSilent: Bool) {
        silent.withLock { silent in
            if !isSilent { return silent.removeValue(forKey: call)?.cancel() ?? () }
            guard silent[call] == nil else { return }
            silent[call] = Task { [weak self] in
                while (try? await Task.sleep(for: .seconds(28))) != nil, let self, let agent = present {
                    if let id = made.withLock({ made in made.first { $0.value == call }?.key }) {
                        await agent.probe(id)
                    }
                    if let ring = people.withLock({ $0.live[call]?.number }) { await agent.probe(ring: ring) }
                }
            }
        }
    }

    private func hangUp(_ call: PhoneCall, _ control: any LocalControl) async {
        guard let id = made.withLock({ $0[call.id] }) else { return }
        do throws(ControlError) { try await control.hangUp(id) } catch {
            // It is over already, or was never begun.
            log.debug("\(call.caller): its call can't be hung up: \(error)")
        }
    }
}

// Sound of phones.
extension SIPLines {
    /// The phone's end of a call of the service, as a port of its own: of the phone that has made it, or that has taken it.
    ///
    /// - Parameter id: the port's name.
    /// - Throws: why there is none.
    package func port(of call: UUID, named id: AudioPort.ID) async throws(AudioPortError) -> AudioPort {
        let phoneCall = made.withLock { made in made.first { $0.value == call }?.key }
        let ring = people.withLock { $0.live[call]?.number }
        var sound: RTPSound?
        if let phoneCall { sound = await present?.open(phoneCall) }
        if let ring { sound = await present?.sound(ofRing: ring) }
        guard let sound else { throw AudioPortError("no phone has the call") }
        return try RTPPort.open(sound, id: id)
    }
}

// Calls over accounts.
extension SIPLines: AccountLines {
    package func leg(over account: String) async -> (any AccountLeg)? {
        guard let agent = present else { return nil }
        return SIPLeg(agent, over: account, id: await agent.nameCall())
    }

    /// Takes a call that comes in over an account.
    private func take(_ call: AccountCall) async {
        guard let agent = present else { return }
        let leg = SIPLeg(agent, over: call.account, id: call.id)
        legs.add(leg, call.id)
        let begun = tools()
            .flatMap { tools in
                AccountCallScript.begin(
                    call.account,
                    from: call.number,
                    to: call.called,
                    divertedFrom: call.divertedFrom,
                    on: leg,
                    tools
                )
            }
        guard begun != nil else {
            return await agent.hangUp(line: call.id)
        }
        // It may have been given up before there was a leg to tell.
        if await !agent.ring(line: call.id) { leg.take(.released(LineEnd())) }
    }
}

extension RequestOrigin {
    fileprivate init(_ caller: HouseCaller) {
        switch caller {
        case .phone(let name): self = .phone(name)
        case .trunk(let name): self = .trunk(name)
        }
    }
}
