internal import CallModel
internal import Calls
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import SIP
internal import Settings
internal import Synchronization

// Who is rung when: those of a rule, those of its steps beside them, and who is rung when nobody has taken the call.
extension SIPLines {
    /// Has people rung for a call that waits for a decision.
    func ring(_ id: UUID, _ control: any LocalControl) async {
        guard let call = try? await control.calls().first(where: { $0.call == id }),
            [.direct, .internet, .reverse].contains(call.method), call.direction == .incoming, call.state == .ringing,
            // One that is answered at once, for an endpoint or a caller who calls on, rings nobody.
            let tools = tools(), tools.ringsPeople(id), let rule = tools.people(of: id),
            let ring = people.withLock({ people in
                let ring = people.begin(id, by: rule)
                if ring != nil { people.live[id]?.beginning = 1 }
                return ring
            })
        else { return }
        time(ring, id)
        await self.ring(rule.ring, for: id, ring.number, control)
    }

    /// Rings another one, where nobody has taken the call.
    func ring(_ person: AudioSpec, insteadFor id: UUID, _ control: any LocalControl) async {
        guard let ring = people.withLock({ $0.goOn(id, with: person) }) else { return }
        ring.timer?.cancel()
        log.info("nobody has taken the call: \(person.kind) is rung", metadata: ["call": "\(id.name)"])
        time(ring, id)
        await self.ring([person], for: id, ring.number, control)
    }

    /// Rings the next ones beside those who ring; where all have refused, before their time.
    ///
    /// - Parameter step: whose time has come; nil where nobody rings any more.
    func goOn(_ number: UInt64, _ step: Int?, _ control: any LocalControl) async {
        if step == nil {
            // One who is about to ring, or rings again by now, tells by itself when that is over.
            guard people.withLock({ $0.isIdle(number) }), await present?.isBusy(ring: number) != true else { return }
        }
        if let due = people.withLock({ $0.step(number, step) }) {
            await ring(due.people, for: due.call, number, control)
        } else if step == nil {
            await givenUp(number, control)
        }
    }

    private func ring(_ wanted: [AudioSpec], for id: UUID, _ number: UInt64, _ control: any LocalControl) async {
        let places = await reach(wanted, for: id, number, control)
        people.withLock { if $0.live[id]?.number == number { $0.live[id]?.beginning -= 1 } }
        guard let places, places == 0 else { return }
        log.notice("no phone of the rule can be rung: none is registered", metadata: ["call": "\(id.name)"])
        await goOn(number, nil, control)
    }

    /// Has those ring who may.
    ///
    /// - Returns: at how many places; nil where the call is over, taken or given up meanwhile.
    private func reach(
        _ wanted: [AudioSpec],
        for id: UUID,
        _ number: UInt64,
        _ control: any LocalControl
    ) async -> Int? {
        let rung = await permitted(wanted, for: id)
        let call = try? await control.calls().first { $0.call == id }
        let atBox = rung.filter(\.isAtBox)
        let isWanted = people.withLock { people in
            let isWanted = people.live[id].map { $0.number == number && $0.taker == nil && !$0.isGivenUp } ?? false
            if isWanted { people.live[id]?.atBox += atBox }
            return isWanted
        }
        guard let call, isWanted else { return nil }
        guard let agent = present else { return atBox.count }
        let places = await agent.ring(
            rung,
            as: number,
            number: call.target,
            name: call.name,
            divertedFrom: call.divertedFrom
        )
        return places.map { $0 + atBox.count }
    }

    /// Has the steps of a ring be due in time, and its end.
    private func time(_ ring: PeopleRing, _ id: UUID) {
        let timer = Task { [wish] in
            var passed = Duration.zero
            // Cancelled, one of those rung has taken the call, or it is over. At most 8 steps.
            for (place, step) in ring.rule.then.enumerated() {
                guard (try? await Task.sleep(for: step.after - passed)) != nil else { return }
                passed = step.after
                wish.yield(.step(ring.number, place))
            }
            guard (try? await Task.sleep(for: ring.rule.ringsFor - passed)) != nil else { return }
            wish.yield(.givenUp(ring.number))
        }
        let isGone = people.withLock { people in
            people.live[id]?.timer = timer
            return people.live[id] == nil
        }
        if isGone { timer.cancel() }
    }

    /// Those who may be rung; what costs is reserved and written down.
    private func permitted(_ wanted: [AudioSpec], for id: UUID) async -> [AudioSpec] {
        guard let tools = tools() else { return [] }
        var rung: [AudioSpec] = []
        for person in wanted {
            switch await tools.judge(person) {
            case .free: rung.append(person)
            case .refused(let why):
                log.notice("\(person.kind) of a rule is not rung: \(why)", metadata: ["call": "\(id.name)"])
            case .paid(let paid):
                let isWanted = people.withLock { people in
                    people.live[id]?.paid.append(paid)
                    return people.live[id] != nil
                }
                guard isWanted else {
                    await tools.settle(paid, answered: nil)
                    return []
                }
                tools.note(paid, of: id)
                rung.append(person)
            }
        }
        return rung
    }
}
