internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import SIP
internal import Settings
internal import Synchronization

/// A call that rings people, as long as it does.
struct PeopleRing: Sendable {
    /// The ring's number at the agent.
    var number: UInt64
    var rule: Configuration.IncomingRule
    /// Ends the ring when its time is over.
    var timer: Task<Void, Never>?
    /// Whether somebody has taken the call.
    var isTaken = false
}

/// The calls that ring people, by their ids.
struct PeopleRings: Sendable {
    var rules: [Configuration.IncomingRule] = []
    var live: [UUID: PeopleRing] = [:]
    private var last: UInt64 = 0

    /// Begins a ring; nil where no rule is for the call, or it rings already.
    mutating func begin(_ call: CallStatus) -> PeopleRing? {
        let rule = rules.first { $0.fits(modem: call.modem, number: call.target, isContact: call.name != nil) }
        guard let rule, live[call.call] == nil else { return nil }
        last += 1
        let ring = PeopleRing(number: last, rule: rule)
        live[call.call] = ring
        return ring
    }

    /// The call of a ring.
    func call(of number: UInt64) -> UUID? { live.first { $0.value.number == number }?.key }
}

// Calls to people: what rings on a modem rings phones by the rules, and the first to answer has it.
extension SIPLines {
    /// Takes what is told of calls.
    func take(_ event: CallEvent) {
        switch event.kind {
        case .progress(.ringing): wish.yield(.rings(event.call))
        case .progress(.ended): if people.withLock({ $0.live[event.call] != nil }) { wish.yield(.ended(event.call)) }
        default: break
        }
    }

    /// Has people rung for a call that waits for a decision.
    func ring(_ id: UUID, _ control: any LocalControl) async {
        guard let agent = present, let call = try? await control.calls().first(where: { $0.call == id }),
            call.method == .direct, call.direction == .incoming, call.state == .ringing,
            let ring = people.withLock({ $0.begin(call) })
        else { return }
        let places = await agent.ring(ring.rule.ring, as: ring.number, number: call.target, name: call.name)
        guard places > 0 else {
            log.notice("no phone of the rule can be rung: none is registered", metadata: ["call": "\(id.name)"])
            return await giveUp(id, control)
        }
        let timer = Task { [wish] in
            // Cancelled, somebody has taken the call, or it is over.
            guard (try? await Task.sleep(for: ring.rule.ringsFor)) != nil else { return }
            wish.yield(.givenUp(ring.number))
        }
        let isGone = people.withLock { people in
            people.live[id]?.timer = timer
            return people.live[id] == nil
        }
        if isGone { timer.cancel() }
    }

    /// Somebody has taken the call: it is answered, or that one is told that it is over.
    func taken(_ ring: UInt64, _ control: any LocalControl) async {
        let call = people.withLock { people -> UUID? in
            guard let call = people.call(of: ring) else { return nil }
            people.live[call]?.isTaken = true
            people.live[call]?.timer?.cancel()
            return call
        }
        guard let call else { return await present?.stop(ring: ring) ?? () }
        do throws(ControlError) { try await control.answer(call) } catch {
            log.notice("the call can't be answered: \(error)", metadata: ["call": "\(call.name)"])
            await present?.stop(ring: ring)
        }
    }

    /// Nobody has taken the call in time, or can.
    func givenUp(_ ring: UInt64, _ control: any LocalControl) async {
        let call = people.withLock { people in
            people.call(of: ring).flatMap { people.live[$0]?.isTaken == false ? $0 : nil }
        }
        guard let call else { return }
        await present?.stop(ring: ring)
        await giveUp(call, control)
    }

    /// Who had taken the call has hung up.
    func left(_ ring: UInt64, _ control: any LocalControl) async {
        guard let call = people.withLock({ $0.call(of: ring) }) else { return }
        await end(call, control)
    }

    /// The call is over.
    func ended(_ call: UUID) async {
        let ring = people.withLock { $0.live.removeValue(forKey: call) }
        ring?.timer?.cancel()
        if let ring { await present?.stop(ring: ring.number) }
    }

    private func giveUp(_ call: UUID, _ control: any LocalControl) async {
        let rule = people.withLock { $0.live[call]?.rule }
        switch rule?.otherwise {
        case .reject: await end(call, control)
        case .ask, nil: break
        }
    }

    private func end(_ call: UUID, _ control: any LocalControl) async {
        do throws(ControlError) { try await control.hangUp(call) } catch {
            // It is over already.
            log.debug("the call can't be hung up: \(error)", metadata: ["call": "\(call.name)"])
        }
    }
}
