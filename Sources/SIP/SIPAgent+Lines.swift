package import CallModel
internal import Logging
internal import RTPMedia

// Calls over accounts.
extension SIPAgent {
    /// Calls over all accounts at once.
    static let mostLineCalls = 32

    /// Names a call over an account.
    package func nameCall() -> UInt64 { nextDialog() }

    /// Calls a number over an account.
    ///
    /// - Parameters:
    ///   - id: its name, of ``nameCall()``.
    ///   - number: as the PBX wants it.
    ///   - tell: is told what becomes of it, in order, on the thread of SIP.
    package func call(
        _ id: UInt64,
        over name: String,
        to number: String,
        _ tell: @escaping @Sendable (LineNews) -> Void
    ) {
        func refuse(_ phrase: String) {
            var end = LineEnd(status: 503, phrase: phrase)
            end.isReal = false
            tell(.released(end))
        }
        guard let account = account(named: name), let endpoint = account.endpoint else {
            return refuse("there is no account \(name)")
        }
        guard account.isRegistered else {
            return refuse("account \(name) is not registered\(account.machine.reason.map { ": \($0)" } ?? "")")
        }
        guard lines.count < Self.mostLineCalls else { return refuse("too many calls are up over accounts") }
        guard let socket = RTPSocket(toward: account.address ?? account.server.host, orAnywhere: true) else {
            return refuse("there is no way to \(account.server.host), or no socket left")
        }
        socket.source =
            account.server.isNumeric ? account.server.host : account.address ?? account.serverAddresses.first
        let (encryption, isSecure) = (account.settings.encryption, account.server.transport == .tls)
        let offer = offer(socket, encryption, isSecure: isSecure, codecs: account.settings.codecs)
        lines[id] = LineCall(account: account.number, isIncoming: false, socket: socket, tell: tell)
        lines[id]?.offered = offer.crypto.first
        guard endpoint.invite(id, account.invite(number, sdp: offer.text(session: id, version: 1))) else {
            lines[id] = nil
            return refuse("the number can't be written as an address")
        }
        log.info("account \(name): a call goes out")
    }

    /// What we say of our sound first.
    ///
    /// - Parameters:
    ///   - isSecure: whether what is said is encrypted itself: else a key in it would be of no use.
    ///   - codecs: those that may be used; empty for the ordinary ones.
    func offer(
        _ socket: RTPSocket,
        _ encryption: SIPSettings.Encryption,
        isSecure: Bool,
        codecs: [RTPCodec] = []
    ) -> SDPDescription {
        var offer = SDPDescription(
            address: socket.address,
            port: socket.port,
            codecs: (codecs.isEmpty ? RTPCodec.ordinary : codecs).map { SDPDescription.Codec($0) },
            eventType: 101
        )
        offer.isSecure = encryption == .required
        if encryption == .required || encryption == .optional && isSecure {
            offer.crypto = [SDPDescription.Crypto(tag: 1, key: socket.key)]
        }
        return offer
    }

    /// Answers a call that came in.
    package func answer(line id: UInt64) {
        guard let call = lines[id], call.isIncoming, call.phase == .asking, let offer = call.other else { return }
        lines[id]?.phase = .up
        let answer = offer.answer(address: call.socket.address, port: call.socket.port, key: call.socket.key)
        let text = answer.text(session: id & 0xFFFF_FFFF, version: 1)
        endpoint(ofLine: call)?.respond(id, SIPAnswer(status: 200, sdp: text))
        call.tell(.answered)
    }

    /// Tells the far end of a call that came in that it rings.
    ///
    /// - Returns: whether the far end still waits for that.
    package func ring(line id: UInt64) -> Bool {
        guard let call = lines[id], call.isIncoming, call.phase == .asking || call.phase == .up else { return false }
        guard call.phase == .asking, !call.hasRung else { return true }
        lines[id]?.hasRung = true
        endpoint(ofLine: call)?.respond(id, SIPAnswer(status: 180))
        return true
    }

    /// Ends a call in any phase; ``LineNews/hungUp(isKnown:)`` follows.
    package func hangUp(line id: UInt64) {
        guard let call = lines[id] else { return }
        defer { decide(joinsWith: id, false) }
        guard let endpoint = endpoint(ofLine: call) else { return over(line: id) }
        switch call.phase {
        case .asking where call.isIncoming:
            lines[id]?.phase = .ending
            lines[id]?.isKnownOver = true
            endpoint.respond(id, SIPAnswer(status: 486))
        case .asking:
            lines[id]?.phase = .ending
            endpoint.cancel(id, reason: nil)
        case .up:
            lines[id]?.phase = .ending
            endpoint.hangUp(id, reason: nil)
        case .ending, .done: return
        }
    }

    /// Where the sound of a call is, once; nil where the other side has said nothing of its own yet.
    package func sound(ofLine id: UInt64) -> RTPSound? {
        guard let call = lines[id], let other = call.other else { return nil }
        return call.socket.sound(toward: other)
    }

    /// Where it is since the other side has moved.
    package func movedSound(ofLine id: UInt64) -> RTPSound? {
        guard let call = lines[id], call.phase == .up, let other = call.other, call.socket.wasOpened else { return nil }
        return call.socket.sound(toward: other, anew: true)
    }

    /// Nothing is heard of a call that is up: asks whether the far end still has it.
    package func probe(line id: UInt64) {
        guard let call = lines[id], call.phase == .up else { return }
        lines[id]?.isProbed = true
        endpoint(ofLine: call)?.probe(id)
    }

    func endpoint(ofLine call: LineCall) -> (any SIPEndpoint)? {
        account(numbered: call.account)?.endpoint
    }

    // MARK: What far ends say

    /// Takes a call that comes in at an account.
    func invited(_ input: SIPInput, _ request: SIPRequest, at account: SIPAccount) {
        func refuse(_ status: Int) { account.endpoint?.respond(input.dialog, SIPAnswer(status: status)) }
        guard account.knows(request) else {
            log.notice("account \(account.settings.name): a call from \(request.source.address) is none of its PBX's")
            return refuse(403)
        }
        guard lines.count < Self.mostLineCalls else { return refuse(486) }
        guard
            let offer = request.sdp.flatMap({ SDPDescription($0) })
                .flatMap({ account.settings.encryption.taking(offer: $0) })?
                .limited(to: account.settings.codecs), offer.port > 0
        else { return refuse(488) }
        guard let socket = RTPSocket(toward: request.source.address) else { return refuse(503) }
        socket.source = request.source.address
        let id = input.dialog
        let call = AccountCall(
            id: id,
            account: account.settings.name,
            number: request.caller.flatMap(Self.number),
            called: request.called.flatMap(Self.number),
            name: request.callerName.map(Self.shown),
            divertedFrom: request.divertedFrom
        )
        var line = LineCall(account: account.number, isIncoming: true, socket: socket) { [tell] news in
            tell(.line(id, news))
        }
        line.other = offer
        if request.takesReferral { line.place = request.contact.flatMap { $0.contains("?") ? nil : $0 } }
        lines[id] = line
        account.endpoint?.keep(id)
        log.info("account \(account.settings.name): a call comes in")
        tell(.accountCall(call))
    }

    /// A name of a header as it may be shown.
    private static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { $0.value >= 0x20 && $0 != "\"" && $0 != "\\" && $0.value != 0x7F }
        return String(String.UnicodeScalarView(scalars.prefix(64)))
    }

    /// Takes an answer to an INVITE of ours.
    func answered(line id: DialogID, _ answer: InviteAnswer) {
        guard var call = lines[id], let account = account(numbered: call.account) else { return }
        if answer.isReal { call.wasHeard = true }
        defer { if lines[id] != nil { lines[id] = call } }
        switch (call.phase, answer.status) {
        case (.asking, ..<200): progress(&call, answer, account)
        case (.asking, 200..<300):
            // An answer without a description goes by the one before it (RFC 3261 §13.2.1).
            if answer.sdp != nil { call.other = taken(answer, call, account) }
            guard let other = call.other, other.port > 0 else {
                call.phase = .done
                account.endpoint?.hangUp(id, reason: "Q.850;cause=88")
                return call.tell(.released(LineEnd(status: 488, phrase: "no sound can be had that is known here")))
            }
            call.socket.speaks(to: other)
            call.phase = .up
            call.tell(.answered)
        case (.asking, 401), (.asking, 407):
            guard call.tries == 0, let realm = answer.realm else {
                released(&call, answer)
                return drop(line: id, account)
            }
            call.tries += 1
            prove(id, account, realm: realm) { reason in
                call.phase = .done
                call.tell(.released(LineEnd(status: 401, phrase: reason)))
            }
            if call.phase == .done { drop(line: id, account) }
        case (.asking, _): released(&call, answer)
        case (.ending, 200..<300), (.done, 200..<300): account.endpoint?.hangUp(id, reason: nil)
        case (.ending, 300...): call.isKnownOver = isKnownOver(call, answer)
        case (.up, 200..<300):
            // The answer to a refresh of the session: one that would undo what was agreed changes nothing.
            if let described = taken(answer, call, account) { take(described, &call) }
        case (.up, _), (.ending, _), (.done, _): break
        }
    }

    /// Forgets a call whose challenge is not answered: the stack waits for that for ever.
    private func drop(line id: DialogID, _ account: SIPAccount) {
        lines[id] = nil
        account.endpoint?.forget(id)
        closeRetiredAccounts()
    }

    /// What an answer says of sound, as far as it fits what was offered.
    private func taken(_ answer: InviteAnswer, _ call: LineCall, _ account: SIPAccount) -> SDPDescription? {
        answer.sdp.flatMap { SDPDescription($0) }
            .flatMap { account.settings.encryption.taking(answer: $0, to: call.offered) }
    }

    private func progress(_ call: inout LineCall, _ answer: InviteAnswer, _ account: SIPAccount) {
        if let described = taken(answer, call, account), described.port > 0 {
            call.other = described
            call.socket.speaks(to: described)
            if !call.isEarly {
                call.isEarly = true
                call.tell(.early)
            }
        }
        guard answer.status >= 180, answer.status != 181, answer.status != 182, !call.hasRung,
            answer.status == 180 || call.isEarly
        else { return }
        call.hasRung = true
        call.tell(.alerting)
    }

    private func released(_ call: inout LineCall, _ answer: InviteAnswer) {
        call.phase = .done
        var end = LineEnd(status: answer.status, phrase: answer.phrase, cause: answer.cause)
        end.isReal = answer.isReal
        end.isKnownOver = isKnownOver(call, answer)
        call.tell(.released(end))
    }

    /// Whether the far end is known to have no call: it says so.
    ///
    /// What the stack says by itself, of a connection that was reset say, tells nothing of an INVITE that may have been out.
    private func isKnownOver(_ call: LineCall, _ answer: InviteAnswer) -> Bool { answer.isReal }

    /// Sends the password of an account for a call, or says why not.
    func prove(_ dialog: DialogID, _ account: SIPAccount, realm: String, fail: (String) -> Void) {
        let user = account.settings.loginName ?? account.settings.user
        do {
            let password = try account.settings.password()
            guard !password.contains(":"), !user.contains(":") else { return fail("a colon can't be sent") }
            account.endpoint?.authenticate(dialog, realm: realm, user: user, password: password)
        } catch { fail("\(error)") }
    }

    /// The far end has hung up, or taken its call back.
    func gone(line id: DialogID, cause: Int?) {
        guard let call = lines[id] else { return }
        // Behind its end: who waits finds it over.
        defer { left(joinsWith: id) }
        switch call.phase {
        case .asking, .up:
            lines[id]?.phase = .done
            call.tell(.released(LineEnd(cause: cause)))
        case .ending: lines[id]?.isKnownOver = true
        case .done: break
        }
    }

    /// The far end has no such call any more, or does not answer: what nobody hears is ended, for it may cost.
    func probed(line id: DialogID, status: Int) {
        guard let call = lines[id], call.phase == .up else { return }
        // Some never answer OPTIONS: once is no sign yet, and who holds the call says nothing anyway.
        lines[id]?.isProbed = false
        lines[id]?.unanswered = status == 408 ? call.unanswered + 1 : 0
        let isGone = status == 481 || status == 408 && call.unanswered > 0 && call.other?.isHold != true
        guard isGone else { return }
        lines[id]?.phase = .done
        defer { decide(joinsWith: id, false) }
        endpoint(ofLine: call)?.hangUp(id, reason: nil)
        var end = LineEnd(phrase: "nothing was heard of the far end any more")
        end.isReal = false
        end.isKnownOver = status == 481
        call.tell(.released(end))
    }

    func hungUp(line id: DialogID, status: Int) {
        // 481: it has no such call any more.
        if 200..<300 ~= status || status == 481 { lines[id]?.isKnownOver = true }
    }

    /// Nothing more comes of it.
    func over(line id: DialogID) {
        guard let call = lines.removeValue(forKey: id) else { return }
        defer {
            left(joinsWith: id)
            closeRetiredAccounts()
        }
        switch call.phase {
        case .asking, .up:
            var end = LineEnd(phrase: "the connection is lost")
            end.isReal = false
            end.isKnownOver = call.phase == .up || call.isIncoming
            call.tell(.released(end))
        case .ending: call.tell(.hungUp(isKnown: call.isKnownOver))
        case .done: break
        }
    }

    /// Other media are asked for in a call that is up.
    func renewed(line id: DialogID, _ request: SIPRequest) -> SIPAnswer {
        guard var call = lines[id], let account = account(numbered: call.account) else {
            return SIPAnswer(status: 481)
        }
        guard call.phase == .up else { return call.phase == .asking ? .early : SIPAnswer(status: 481) }
        let encryption = account.settings.encryption
        // Without a description ours is wanted (RFC 3261 §14.1).
        guard let text = request.sdp else {
            call.version += 1
            let isSecure = request.source.transport == "tls"
            let own = offer(call.socket, encryption, isSecure: isSecure, codecs: account.settings.codecs)
            call.offered = own.crypto.first
            lines[id] = call
            return SIPAnswer(status: 200, sdp: own.text(session: id & 0xFFFF_FFFF, version: call.version))
        }
        guard
            let offer = SDPDescription(text).flatMap({ encryption.taking(offer: $0) })?
                .limited(to: account.settings.codecs)
        else {
            return SIPAnswer(status: 488)
        }
        call.version += 1
        // What is offered with port 0 is refused with it (RFC 3264 §6).
        let port = offer.port == 0 ? 0 : call.socket.port
        let answer = offer.answer(address: call.socket.address, port: port, key: call.socket.key)
        take(offer, &call)
        lines[id] = call
        return SIPAnswer(status: 200, sdp: answer.text(session: id & 0xFFFF_FFFF, version: call.version))
    }

    /// Our answer was acknowledged; where the offer was ours, this answers it.
    func acknowledged(line id: DialogID, _ text: String?) {
        guard var call = lines[id], let account = account(numbered: call.account),
            let described = text.flatMap({ SDPDescription($0) })
                .flatMap({ account.settings.encryption.taking(answer: $0, to: call.offered) })
        else { return }
        take(described, &call)
        lines[id] = call
    }

    private func take(_ other: SDPDescription, _ call: inout LineCall) {
        let before = call.other
        guard other.port > 0 else { return }
        call.other = other.placed(like: before)
        call.socket.speaks(to: other)
        if before.map({ other.hasMoved(since: $0) }) ?? (other.address != "0.0.0.0") { call.tell(.moved) }
    }
}
