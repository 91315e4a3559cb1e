internal import DialPlan
internal import TextCoding
internal import WebRequests

// Calls of ours that are to come: for a held caller, or to be led on to a target.
extension StasisMachine {
    /// How a call of ours is known when it comes.
    struct Sign: Sendable {
        /// The number of the SIM that will call, with its country code; nil where only the token says who calls.
        let caller: String?
        /// What the call has to send as tones; nil where the number is enough.
        let token: Secret?

        /// Signs of a SIM; one whose number is not known always gets a token.
        init(caller: String?, isTokenWanted: Bool) {
            self.caller = caller
            let isNeeded = caller == nil || isTokenWanted
            token = isNeeded ? Secret(String(Int.random(in: 10_000_000...99_999_999))) : nil
        }

        /// Whether the number that the trunk shows is enough.
        func admits(_ shown: String) -> Bool { token == nil && Self.isSame(shown, caller) }

        /// Whether it is worth listening for the token: not in a call that plainly comes from elsewhere.
        func mayAdmit(_ shown: String) -> Bool {
            token != nil && (caller == nil || Self.isSame(shown, caller) || Self.bare(shown).utf8.count < Self.shortest)
        }

        /// What is left of a number of any form when prefixes of dialling are gone: `+49151…`, `0049151…` and `0151…`
        /// end alike.
        private static func bare(_ shown: String) -> String {
            String(shown.filter { $0.isASCII && $0.isNumber }.drop { $0 == "0" })
        }

        /// Fewer digits than this are an extension, or nothing.
        private static let shortest = 7

        static func isSame(_ shown: String, _ number: String?) -> Bool {
            let bare = bare(shown)
            return bare.utf8.count >= shortest && number?.hasSuffix(bare) == true
        }
    }

    struct Claim: Sendable {
        let call: CallKey
        let sign: Sign
        let until: ContinuousClock.Instant
        let bridge: String
    }

    /// A call of ours that is to be led on to a target.
    struct Announcement: Sendable {
        let call: CallKey
        let sign: Sign
        /// The target, as the dialplan is asked for it.
        let target: String
        /// The context in which it is called.
        let context: String
        let until: ContinuousClock.Instant
    }

    // MARK: Announcing

    /// Expects a call of ours, to be led on to a target; a second one of the same SIM takes the place of the first.
    ///
    /// - Parameters:
    ///   - call: our call.
    ///   - own: the number of the SIM that will call; a token is given out where it is not known.
    ///   - target: whom the dialplan shall call.
    ///   - context: where in the dialplan.
    ///   - dial: where our call will arrive.
    ///   - now: the present.
    mutating func announce(
        _ call: CallKey,
        own: PhoneNumber?,
        target: String,
        context: String,
        dial: DialString,
        at now: ContinuousClock.Instant
    ) throws(PBXError) -> CallTicket {
        try needsConnection()
        let caller = own?.e164
        if let caller { self.own.insert(caller) }
        withdraw(call)
        withdraw(callsOf: caller)
        guard announcements.count < settings.most else {
            throw PBXError(.refused(status: nil), "too many calls are announced there", remedy: "try again in a minute")
        }
        let sign = Sign(caller: caller, isTokenWanted: false)
        announcements.append(
            Announcement(call: call, sign: sign, target: target, context: context, until: now + settings.announcement)
        )
        return CallTicket(dial: dial, token: sign.token, validFor: settings.announcement)
    }

    /// Expects a call of ours no more.
    mutating func withdraw(_ call: CallKey) { announcements.removeAll { $0.call == call } }

    /// Leads none of a SIM's calls on: the next one comes for something else.
    mutating func withdraw(callsOf caller: String?) {
        if let caller { announcements.removeAll { $0.sign.caller == caller } }
    }

    private func needsConnection() throws(PBXError) {
        guard !isOpen else { return }
        throw PBXError(
            .unreachable(.connection),
            "there is no connection for its events",
            remedy: "see that it runs, and that its ari.conf has this user; 'gsmbridge status' tells more"
        )
    }

    // MARK: Claims

    /// Gives a held caller to a call of ours.
    ///
    /// - Parameters:
    ///   - request: who claims whom.
    ///   - own: the number of the SIM that will call.
    ///   - isTokenWanted: whether our call has to send a token beside showing its number, which can be forged; where
    /// the
    ///     number is not known it has to in any case.
    ///   - dial: where it will call.
    ///   - now: the present.
    mutating func claim(
        _ request: ClaimRequest,
        own: PhoneNumber?,
        isTokenWanted: Bool,
        dial: DialString,
        at now: ContinuousClock.Instant
    ) throws(PBXError) -> (ticket: CallTicket, outputs: [Output]) {
        try needsConnection()
        if joins.contains(where: { $0.held == request.held }) {
            throw PBXError(.lost, "somebody else took the held caller", remedy: "nothing is left to do")
        }
        if unheld.contains(request.held) {
            throw PBXError(
                .expired,
                "the caller could not be held and went on in the dialplan",
                remedy: "look into the PBX's log for the reason"
            )
        }
        guard let place = waiting.firstIndex(where: { $0.channel == request.held }), waiting[place].until > now else {
            throw PBXError(.expired, "the held caller is gone", remedy: "nothing is left to do")
        }
        if let earlier = waiting[place].claim {
            guard earlier.call == request.call else {
                throw PBXError(.lost, "somebody else took the held caller", remedy: "nothing is left to do")
            }
            return (ticket(earlier, dial, now), [])
        }
        let until = min(now + settings.claim, waiting[place].since + settings.longest)
        let caller = own?.e164
        if let caller { self.own.insert(caller) }
        // The SIM's next call comes for this caller, and for no target that was announced before.
        withdraw(callsOf: caller)
        let claim = Claim(
            call: request.call,
            sign: Sign(caller: caller, isTokenWanted: isTokenWanted),
            until: until,
            bridge: application + "-join-" + request.call.text
        )
        waiting[place].claim = claim
        waiting[place].until = max(waiting[place].until, until)
        return (ticket(claim, dial, now), [.send(.makeBridge(claim.bridge))])
    }

    private func ticket(_ claim: Claim, _ dial: DialString, _ now: ContinuousClock.Instant) -> CallTicket {
        CallTicket(dial: dial, token: claim.sign.token, validFor: now.duration(to: claim.until))
    }
}
