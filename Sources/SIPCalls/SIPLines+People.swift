package import CallModel
internal import Calls
package import FoundationEssentials
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
    /// Has further people rung, and ends the ring, when the time for that has come.
    var timer: Task<Void, Never>?
    /// How many steps of the rule were begun.
    var steps = 0
    /// How many of them, the first ones among them, are about to ring: those may cost, which takes a moment to write down.
    var beginning = 0
    /// Who of those who ring is at this box: nothing rings there by itself, so the call waits for them until its time is over.
    var atBox: [AudioSpec] = []
    /// Who has taken the call, and when.
    var taker: AudioSpec?
    var takenAt: ContinuousClock.Instant?
    /// What of it is paid for.
    var paid: [PaidRing] = []
    /// Whether nobody wants it any more.
    var isGivenUp = false
    /// Who waits until one of those rung takes it: a call that is to be made then.
    var waiting: CheckedContinuation<String?, Never>?
}

/// The calls that ring people, by their ids.
struct PeopleRings: Sendable {
    /// The accounts, by their names.
    var accounts: Set<String> = []
    var live: [UUID: PeopleRing] = [:]
    private var last: UInt64 = 0

    /// Names a ring.
    mutating func name() -> UInt64 {
        last += 1
        return last
    }

    /// Goes on with another one alone, who is rung as long again; nil where the call is over.
    mutating func goOn(_ call: UUID, with person: AudioSpec) -> PeopleRing? {
        guard var ring = live[call] else { return nil }
        last += 1
        ring.number = last
        (ring.rule.ring, ring.rule.then, ring.rule.otherwise) = ([person], [], .reject)
        (ring.steps, ring.beginning, ring.isGivenUp, ring.atBox) = (0, 1, false, [])
        live[call] = ring
        return ring
    }

    /// Whether nobody of a ring is about to ring, and nobody at the box may take it.
    func isIdle(_ number: UInt64) -> Bool {
        call(of: number).flatMap { live[$0] }.map { $0.beginning == 0 && $0.atBox.isEmpty } ?? true
    }

    /// Takes the next step of a ring that nobody has taken yet.
    ///
    /// - Parameter step: which one is due; nil for any.
    mutating func step(_ number: UInt64, _ step: Int?) -> (call: UUID, people: [AudioSpec])? {
        guard let call = call(of: number), let ring = live[call], ring.taker == nil, !ring.isGivenUp,
            ring.steps < ring.rule.then.count, step == nil || step == ring.steps
        else { return nil }
        live[call]?.steps += 1
        live[call]?.beginning += 1
        return (call, ring.rule.then[ring.steps].ring)
    }

    /// Begins a ring by a rule; nil where the call rings already.
    mutating func begin(_ call: UUID, by rule: Configuration.IncomingRule) -> PeopleRing? {
        guard live[call] == nil else { return nil }
        last += 1
        let ring = PeopleRing(number: last, rule: rule)
        live[call] = ring
        return ring
    }

    /// Begins a ring for a call that is to be made then.
    mutating func begin(_ call: UUID, ringing person: AudioSpec, within limit: Duration) -> PeopleRing? {
        var rule = Configuration.IncomingRule()
        (rule.ring, rule.ringsFor) = ([person], limit)
        return begin(call, by: rule)
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
        case .progress(.connected):
            // Given up, it may be answered for a message.
            let isOthers = people.withLock { $0.live[event.call].map { $0.taker == nil && !$0.isGivenUp } ?? false }
            if isOthers { wish.yield(.answeredElsewhere(event.call)) }
        case .audio(let report) where ["phone", "sip", "account"].contains { report.endpoint.hasPrefix("\($0):") }:
            watch(event.call, isSilent: report.state == .stalled)
        case .quality(let quality): take(quality)
        case .progress(.ended):
            watch(event.call, isSilent: false)
            if transfers.withLock({ $0[event.call] != nil }) { wish.yield(.ended(event.call)) }
            held.withLock { _ = $0.remove(event.call) }
            if people.withLock({ $0.live[event.call] != nil }) { wish.yield(.ended(event.call)) }
        default: break
        }
    }

    /// One of those rung has taken the call: it is answered, or that one is told that it is over.
    func taken(_ ring: UInt64, by who: AudioSpec, _ control: any LocalControl) async {
        if let call = transfer(by: ring) { return await succeed(call, by: who) }
        let found = people.withLock { people -> (call: UUID, paid: [PaidRing])? in
            // Given up, the call is another one's.
            guard let call = people.call(of: ring), people.live[call]?.isGivenUp == false else { return nil }
            people.live[call]?.timer?.cancel()
            people.live[call]?.taker = who
            people.live[call]?.takenAt = .now
            defer { people.live[call]?.paid.removeAll { $0.person != who } }
            return (call, people.live[call]?.paid ?? [])
        }
        guard let (call, paid) = found else { return await present?.stop(ring: ring) ?? () }
        for paid in paid {
            if paid.person == who { begin(paid, call) } else { await tools()?.settle(paid, answered: nil) }
        }
        if let waiting = waiting(for: call) { return waiting.resume(returning: nil) }
        do throws(ControlError) { try await control.answer(call) } catch {
            log.notice("the call can't be answered: \(error)", metadata: ["call": "\(call.name)"])
            await present?.stop(ring: ring)
            if tools()?.isUnconfirmed(call) == true { await unconfirmed(call, control) }
        }
    }

    /// Who has taken the call has not pressed the key: it goes on as if nobody had, and has cost what it has.
    private func unconfirmed(_ call: UUID, _ control: any LocalControl) async {
        let (paid, takenAt) = people.withLock { people -> ([PaidRing], ContinuousClock.Instant?) in
            defer {
                people.live[call]?.timer?.cancel()
                people.live[call]?.taker = nil
                people.live[call]?.paid = []
                people.live[call]?.isGivenUp = true
            }
            return (people.live[call]?.paid ?? [], people.live[call]?.takenAt)
        }
        for paid in paid { await tools()?.settle(paid, answered: takenAt.map { ContinuousClock.now - $0 }) }
        await giveUp(call, control)
    }

    /// Nobody has taken the call in time, or can.
    func givenUp(_ ring: UInt64, _ control: any LocalControl) async {
        if let call = transfer(by: ring) {
            await present?.stop(ring: ring)
            return await fail(call, CallRefusal(status: 480))
        }
        // One who has answered in this moment has the call, and that is told by itself.
        guard await present?.stopUntaken(ring: ring) ?? true else { return }
        let call = people.withLock { people -> UUID? in
            // Once: a caller who leaves a message is not disturbed by the end of the time.
            guard let call = people.call(of: ring), let rung = people.live[call], rung.taker == nil, !rung.isGivenUp
            else { return nil }
            rung.timer?.cancel()
            people.live[call]?.isGivenUp = true
            return call
        }
        guard let call else { return }
        if let waiting = waiting(for: call) {
            people.withLock { $0.live[call] = nil }
            return waiting.resume(returning: "nobody has answered there")
        }
        await giveUp(call, control)
    }

    /// Who waits until one of those rung takes a call, once.
    private func waiting(for call: UUID) -> CheckedContinuation<String?, Never>? {
        people.withLock { people in
            defer { people.live[call]?.waiting = nil }
            return people.live[call]?.waiting
        }
    }

    /// See ``AccountLines/summon(_:for:shows:within:)``.
    package func summon(
        _ person: AudioSpec,
        for call: UUID,
        shows number: String?,
        within limit: Duration
    ) async -> String? {
        guard let agent = present,
            let ring = people.withLock({ $0.begin(call, ringing: person, within: limit) })
        else { return "nothing speaks SIP here" }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiting in
                people.withLock { $0.live[call]?.waiting = waiting }
                Task {
                    let isWanted = people.withLock { $0.live[call]?.isGivenUp == false }
                    guard isWanted, await agent.ring([person], as: ring.number, number: number, name: nil) ?? 0 > 0
                    else {
                        self.waiting(for: call)?
                            .resume(
                                returning: "it can't be reached: it is not registered, or nothing listens for its way"
                            )
                        people.withLock { $0.live[call] = nil }
                        return
                    }
                    let timer = Task { [wish] in
                        guard (try? await Task.sleep(for: limit)) != nil else { return }
                        wish.yield(.givenUp(ring.number))
                    }
                    people.withLock { $0.live[call]?.timer = timer }
                }
            }
        } onCancel: {
            // The call is not wanted any more.
            wish.yield(.givenUp(ring.number))
        }
    }

    /// A person has answered the call at this box: the phones ring for nothing.
    func answeredElsewhere(_ call: UUID) async {
        let isTaken = people.withLock { $0.live[call].map { $0.taker != nil } ?? true }
        if !isTaken { await ended(call, isElsewhere: true) }
    }

    /// See ``AccountLines/taker(of:)``.
    package func taker(of call: UUID) -> AudioSpec? { people.withLock { $0.live[call]?.taker } }

    /// Has a call over an account last no longer than it may.
    private func begin(_ paid: PaidRing, _ call: UUID) {
        tools()?.noteAnswer(paid, of: call)
        let timer = Task { [tools] in
            // Cancelled, it is over.
            guard (try? await Task.sleep(for: paid.limit)) != nil else { return }
            tools()?.finish(call, "the call to \(paid.person.kind) may last no longer")
        }
        people.withLock { $0.live[call]?.timer = timer }
    }

    /// Who had taken the call has hung up.
    func left(_ ring: UInt64, _ control: any LocalControl) async {
        guard let call = people.withLock({ $0.call(of: ring) }), !leavesTransfer(of: call) else { return }
        if tools()?.leavesQuestion(of: call) == true { return }
        tools()?.finish(call, "the telephone has hung up")
    }

    /// The call is over.
    ///
    /// - Parameter isElsewhere: whether a person at this box has taken it.
    func ended(_ call: UUID, isElsewhere: Bool = false) async {
        if transfers.withLock({ $0[call] != nil }) { await fail(call, CallRefusal(status: 487)) }
        let ring = people.withLock { $0.live.removeValue(forKey: call) }
        guard let ring else { return }
        ring.timer?.cancel()
        await ring.timer?.value
        await present?.stop(ring: ring.number, isElsewhere: isElsewhere)
        for paid in ring.paid {
            let answered = ring.taker == paid.person ? ring.takenAt.map { ContinuousClock.now - $0 } : nil
            await tools()?.settle(paid, answered: answered)
        }
    }

    func giveUp(_ call: UUID, _ control: any LocalControl) async {
        let rule = people.withLock { $0.live[call]?.rule }
        switch rule?.otherwise {
        case .reject: await end(call, control)
        case .voicemail: await takeMessage(call, control)
        case .ring(let person): await ring(person, insteadFor: call, control)
        case .ask, nil: break
        }
    }

    /// Has the caller leave a message, which is no longer than 3 min.
    private func takeMessage(_ call: UUID, _ control: any LocalControl) async {
        people.withLock { $0.live[call]?.isGivenUp = true }
        guard tools()?.takeMessage(call) == true else { return await end(call, control) }
        do throws(ControlError) { try await control.answer(call) } catch {
            log.notice("the call can't be answered for a message: \(error)", metadata: ["call": "\(call.name)"])
            return await end(call, control)
        }
        let timer = Task { [tools] in
            // Cancelled, it is over.
            guard (try? await Task.sleep(for: .seconds(180))) != nil else { return }
            tools()?.finish(call, "the message may be no longer")
        }
        let isOver = people.withLock { people in
            people.live[call]?.timer = timer
            return people.live[call] == nil
        }
        if isOver { timer.cancel() }
    }

    private func end(_ call: UUID, _ control: any LocalControl) async {
        do throws(ControlError) { try await control.hangUp(call) } catch {
            // It is over already.
            log.debug("the call can't be hung up: \(error)", metadata: ["call": "\(call.name)"])
        }
    }
}
