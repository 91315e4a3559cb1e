internal import CallAudio
internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import SIP
internal import Synchronization

/// What a phone wants.
enum PhoneWish: Sendable {
    case call(PhoneCall)
    /// The call is not wanted any more.
    case end(PhoneCall)
    /// A call rings on a modem.
    case rings(UUID)
    /// A call that rang people is over.
    case ended(UUID)
    /// Somebody has taken the call of a ring.
    case taken(UInt64)
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
    func serve(_ control: any LocalControl) async {
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
                case .end(let call): group.addTask { await self.hangUp(call, control) }
                case .look: await self.look(control)
                case .rings(let call): group.addTask { await self.ring(call, control) }
                case .ended(let call): await self.ended(call)
                case .taken(let ring): group.addTask { await self.taken(ring, control) }
                case .givenUp(let ring): await self.givenUp(ring, control)
                case .left(let ring): await self.left(ring, control)
                }
            }
        }
    }

    /// Takes no more calls of phones; those that live go on.
    func takeNoMore() { wish.finish() }

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
        do throws(ControlError) {
            try await control.follow(
                DialRequest(number: call.number),
                id: id,
                origin: RequestOrigin(call.caller),
                within: .seconds(30)
            ) { event in
                // The phone may have given up before there was a call to end.
                if await !agent.isWanted(call.id) { await self.hangUp(call, control) }
                guard let event = event.callEvent, case .progress(let progress) = event.kind else { return }
                switch progress {
                case .alerting: await agent.ring(call.id)
                case .inProgress: await agent.answer(call.id)
                case .ended(let end): await agent.end(call.id, CallRefusal(end))
                case .dialing, .ringing, .connected, .handover: break
                }
            }
        } catch {
            // It may live on where only its events broke off.
            if case .callMayGoOn = error { await hangUp(call, control) }
            await agent.end(call.id, CallRefusal(error))
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
    func port(of call: UUID, named id: AudioPort.ID) async throws(AudioPortError) -> AudioPort {
        let phoneCall = made.withLock { made in made.first { $0.value == call }?.key }
        let ring = people.withLock { $0.live[call]?.number }
        var sound: PhoneSound?
        if let phoneCall { sound = await present?.open(phoneCall) }
        if let ring { sound = await present?.sound(ofRing: ring) }
        guard let sound else { throw AudioPortError("no phone has the call") }
        let port = RTPPort(
            id: id,
            socket: sound.descriptor,
            to: sound.address,
            port: sound.port,
            codec: sound.codec,
            eventType: sound.eventType
        )
        guard let port else { throw AudioPortError("the phone names no address for its sound") }
        return port
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
