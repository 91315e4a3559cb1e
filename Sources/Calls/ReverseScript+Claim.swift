internal import CallFlows
internal import CallLog
internal import CallModel
internal import CallPlanning
internal import CallRecords
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import PBX
internal import PBXLinks
internal import Settings
internal import Synchronization
internal import TextCoding

// The claim: the way to the held caller, and giving the caller back.
extension ReverseScript {
    func claim(for call: Call) async -> ReverseMachine.Event {
        guard let lease = await lease.value() else {
            return .claimFailed("no modem is free for it")
        }
        var isPermitted = false
        if let access = access?.accessNumber {
            if let refusal = await permit(access, call, on: lease) { return refused(refusal) }
            isPermitted = true
        }
        let reference = await reference()
        guard let reference, let link, link.capabilities.reverse == .native else {
            // The PBX can't be asked: it knows the call by its caller, and by the time.
            guard let access else { return .claimFailed("there is no callthrough.access_number to dial") }
            await forgetAnnouncements(on: lease)
            let lasts = state.withLock { $0.lasts }
            return .claimed(ReverseMachine.Claim(number: access.accessNumber.text, maxDuration: lasts))
        }
        if let left = heldFor, left <= .zero { return .claimExpired("its time was over before it could be claimed") }
        do throws(CallLogError) { try await tools.recorder.intend(.claim, id) } catch {
            return .claimFailed("a caller who can't be written down isn't claimed: \(error)")
        }
        tools.recorder.refer(id, to: reference.text)
        let ticket: CallTicket
        do throws(PBXError) {
            let own = await tools.ownNumber(on: lease, for: tools.directory.pbx(pbx))
            ticket = try await link.control.claimHeld(ClaimRequest(call: CallKey(id), held: reference, caller: own))
        } catch {
            switch error.kind {
            case .lost: return .claimLost(error.description)
            case .expired: return .claimExpired(error.description)
            case .ambiguous: return .claimUnanswered(error.description)
            case .refused, .unsupported: return .claimRefused(error.description)
            case .unreachable, .misconfigured: return .claimFailed(error.description)
            }
        }
        guard let number = ticket.dial ?? access?.accessNumber else {
            return .claimFailed("the PBX named no number to dial, and there is no callthrough.access_number")
        }
        if number.text != access?.accessNumber.text {
            // What a PBX says is dialled by the rules of this box, and reserved at its own price.
            if isPermitted { await tools.authority.settle(id, .notDialled) }
            if let refusal = await permit(number, call, on: lease) {
                return refused("the number that the PBX named: " + refusal)
            }
        }
        return claimed(ticket, number, call)
    }

    /// How long the PBX holds the caller yet, by its own word; nil where it did not say.
    private var heldFor: Duration? { state.withLock { $0.heldUntil }.map { ContinuousClock.now.duration(to: $0) } }

    private func claimed(_ ticket: CallTicket, _ number: DialString, _ call: Call) -> ReverseMachine.Event {
        var claim = ReverseMachine.Claim(
            number: number.text,
            expiresWithin: ticket.validFor ?? heldFor ?? .seconds(45),
            maxDuration: state.withLock { $0.lasts }
        )
        if let token = ticket.token {
            do throws(DTMFScriptError) {
                claim.steps = try DTMFScript("{token}#").instantiate(token: token.reveal())
            } catch {
                return .claimFailed("the PBX's token can't be sent as tones")
            }
        }
        return .claimed(claim)
    }

    private func refused(_ reason: String) -> ReverseMachine.Event {
        state.withLock { $0.refusal = reason }
        return .claimFailed(reason)
    }

    /// What the PBX calls the caller; where it rang first, its word is waited for if it sends one.
    private func reference() async -> CallReference? {
        if let known = state.withLock({ $0.reference }) { return known }
        guard let capabilities = link?.capabilities, capabilities.reverse == .native, capabilities.pushesEvents else {
            return nil
        }
        return await withTaskGroup(of: CallReference?.self) { [words] group in
            group.addTask {
                for await reference in words { return reference }
                return nil
            }
            group.addTask {
                // Cancelled means that the word has come.
                try? await Task.sleep(for: Self.wordWithin)
                return nil
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
    }

    /// Sees that the dialplan does not take our call for one that was announced before.
    private func forgetAnnouncements(on lease: ModemLease) async {
        guard let link, link.capabilities.announcesCallthrough else { return }
        let own = await tools.ownNumber(on: lease, for: tools.directory.pbx(pbx))
        do throws(PBXError) {
            try await link.control.withdrawCallthrough(WithdrawRequest(call: CallKey(id), caller: own))
        } catch {
            // One that is left ends by its time.
            tools.log.notice("what was announced before could not be taken back: \(error)")
        }
    }

    /// Has the call to a number permitted and reserved; why not, if it is not.
    private func permit(_ number: DialString, _ call: Call, on lease: ModemLease) async -> String? {
        guard let route = route(to: number) else { return "the number to dial is none" }
        if number.text != access?.accessNumber.text {
            // A number that the PBX names may begin with that of help, or be none at all.
            let gateway = tools.configuration.gateway
            let verdict = tools.configuration.policy.dialPolicy.verdict(onDialled: number, region: gateway.region)
            guard verdict.isAllowed else { return verdict.reason }
        }
        let longest = tools.configuration.policy.maxDuration
        let decision = await tools.authority.authorise(
            DialAuthority.Request(
                call: id,
                route: route,
                modem: lease.status.name ?? "-",
                isRoaming: lease.status.isRoaming,
                maxDuration: longest,
                // No person at this box chose it: it is no call for help.
                origin: .remote
            )
        )
        guard decision.verdict.isAllowed else { return decision.verdict.reason }
        call.markReserved()
        state.withLock { $0.lasts = decision.seconds.map { .seconds($0) } }
        return nil
    }

    private func route(to number: DialString) -> Route? {
        let region = tools.configuration.gateway.region
        guard let target = try? PhoneNumber(typed: number.text, region: region) else { return nil }
        return Route(into: pbx, at: target, dials: number.text, policy: tools.configuration.policy.dialPolicy)
    }

    /// Gives the caller back; without a reason because this box can't fetch them.
    func release(_ reason: ReverseMachine.ReleaseReason?, _ call: Call) {
        guard let reference = state.withLock({ $0.reference }), let link else { return }
        let why: ReleaseRequest.Reason =
            switch reason {
            case .declined: .declined
            case .expired: .expired
            case .failed, .interrupted: .failed
            case nil: .busy
            }
        call.errand { [tools] in
            do throws(PBXError) {
                try await link.control.releaseHeld(ReleaseRequest(held: reference, reason: why))
            } catch {
                tools.log.notice("the held caller could not be given back: \(error)")
            }
        }
    }
}

extension Route {
    /// The way into a PBX that holds a caller: no target, the PBX joins the two.
    init(into pbx: String, at number: PhoneNumber, dials: String, policy: DialPolicy) {
        self.init(callbackBy: pbx, to: number, policy: policy)
        method = .reverse
        self.dials = dials
        reason = "the PBX holds a caller"
    }
}

extension Configuration {
    /// The number of a modem's SIM, where it is set.
    func ownNumber(of modem: String?) -> PhoneNumber? { modem.flatMap { self.modem($0) }?.number }
}
