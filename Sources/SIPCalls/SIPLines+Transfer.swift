internal import CallModel
internal import Calls
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import SIP
internal import Settings
internal import Synchronization

/// A transfer that a phone has asked for: its own end stays until the new one is there, or has failed.
struct Transfer: Sendable {
    var wish: TransferWish
    /// The ring at another phone.
    var ring: UInt64?
    var timer: Task<Void, Never>?
    /// Whether the phone has hung up meanwhile: many do so at once.
    var isAbandoned = false
}

// Transfers: the other end of a call is given to another phone, to a number, or to the other end of a second call.
extension SIPLines {
    /// How long another phone is rung.
    private static let ringsFor = Duration.seconds(45)

    /// The call of a phone's end.
    func call(of leg: PhoneLeg) -> UUID? {
        switch leg {
        case .call(let id): made.withLock { $0[id] }
        case .ring(let ring): people.withLock { $0.call(of: ring) }
        }
    }

    /// A phone holds its call, or takes it up again: the other end hears that it is held.
    func hold(_ leg: PhoneLeg, _ isHeld: Bool) {
        guard let call = call(of: leg) else { return }
        held.withLock { held in if isHeld { held.insert(call) } else { held.remove(call) } }
        guard transfers.withLock({ $0[call] == nil }) else { return }
        tools()?.hold(call, isHeld)
    }

    func transfer(
        _ wish: TransferWish,
        _ control: any LocalControl,
        _ order: @Sendable (String, RequestOrigin) async throws(ControlError) -> SecondOrder
    ) async {
        guard let agent = present else { return }
        guard let call = call(of: wish.leg), let tools = tools() else {
            return await agent.report(wish.dialog, 481, "No such call")
        }
        let isFirst = transfers.withLock { transfers in
            guard transfers[call] == nil else { return false }
            transfers[call] = Transfer(wish: wish)
            return true
        }
        guard isFirst else { return await agent.report(wish.dialog, 491, "Another transfer is under way") }
        await agent.report(wish.dialog, 100, "Trying")
        tools.hold(call, true)
        switch wish.target {
        case .phone(let name): await ring(name, for: call, control)
        case .number(let number):
            do throws(ControlError) {
                let second = try await order(number, .phone(wish.phone))
                if let end = await tools.connect(call, to: second) { return await fail(call, CallRefusal(end)) }
                await succeed(call, by: nil)
            } catch { await fail(call, CallRefusal(error)) }
        case .leg(let leg):
            guard let other = self.call(of: leg), other != call, await tools.join(call, other) else {
                return await fail(call, CallRefusal(status: 481))
            }
            tools.hold(other, false)
            held.withLock { _ = $0.remove(other) }
            await letGo(leg, of: other)
            await succeed(call, by: nil)
        }
    }

    /// Rings another phone for a call.
    private func ring(_ phone: String, for call: UUID, _ control: any LocalControl) async {
        guard let agent = present else { return }
        let status = try? await control.calls().first { $0.call == call }
        let ring = people.withLock { $0.name() }
        transfers.withLock { $0[call]?.ring = ring }
        let places = await agent.ring([.phone(phone)], as: ring, number: status?.target, name: status?.name)
        guard let places, places > 0 else { return await fail(call, CallRefusal(status: 480)) }
        let timer = Task { [wish] in
            // Cancelled, it is decided.
            guard (try? await Task.sleep(for: Self.ringsFor)) != nil else { return }
            wish.yield(.givenUp(ring))
        }
        transfers.withLock { $0[call]?.timer = timer }
    }

    /// The call that is to be transferred to who is rung.
    func transfer(by ring: UInt64) -> UUID? {
        transfers.withLock { transfers in transfers.first { $0.value.ring == ring }?.key }
    }

    /// Whether a call goes on without the phone that has hung up: it is being transferred.
    func leavesTransfer(of call: UUID) -> Bool {
        transfers.withLock { transfers in
            transfers[call]?.isAbandoned = true
            return transfers[call] != nil
        }
    }

    /// The new end is there.
    func succeed(_ call: UUID, by who: AudioSpec?) async {
        guard let transfer = transfers.withLock({ $0.removeValue(forKey: call) }), let agent = present else { return }
        transfer.timer?.cancel()
        await transfer.timer?.value
        held.withLock { _ = $0.remove(call) }
        await agent.report(transfer.wish.dialog, 200, "OK")
        // At no time the call is nobody's: its sound may be opened just now.
        if let ring = transfer.ring, let who {
            var rule = Configuration.IncomingRule()
            rule.ring = [who]
            people.withLock { $0.live[call] = PeopleRing(number: ring, rule: rule, taker: who, takenAt: .now) }
        }
        await letGo(transfer.wish.leg, of: call)
        if let who { tools()?.moveEndpoint(of: call, to: who) }
        tools()?.hold(call, false)
        log.notice("the call is transferred", metadata: ["call": "\(call.name)"])
    }

    /// The new end can't be had: all stays as it was.
    func fail(_ call: UUID, _ refusal: CallRefusal) async {
        guard let transfer = transfers.withLock({ $0.removeValue(forKey: call) }) else { return }
        transfer.timer?.cancel()
        await transfer.timer?.value
        if let ring = transfer.ring { await present?.stop(ring: ring) }
        await present?.report(transfer.wish.dialog, refusal.status, refusal.phrase ?? "Not transferred")
        if transfer.isAbandoned {
            tools()?.finish(call, "it could not be transferred, and the telephone has hung up")
        } else if held.withLock({ !$0.contains(call) }) {
            tools()?.hold(call, false)
        }
    }

    /// Has a phone leave a call that goes on without it.
    private func letGo(_ leg: PhoneLeg, of call: UUID) async {
        switch leg {
        case .call(let id):
            made.withLock { $0[id] = nil }
            await present?.end(id, CallRefusal(status: 200))
        case .ring(let ring):
            people.withLock { people in
                if people.live[call]?.number == ring { people.live[call] = nil }
            }
            await present?.stop(ring: ring)
        }
    }
}
