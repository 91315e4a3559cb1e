internal import CSofiaSIP

/// sofia-sip as the stack.
final class SofiaStack: SIPStack {
    private let loop: SIPLoop
    private let numbers = ForeignNumbers()

    init(_ loop: SIPLoop) { self.loop = loop }

    func open(_ options: EndpointOptions, _ take: @escaping (SIPInput) -> Void) -> (any SIPEndpoint)? {
        SofiaEndpoint(loop, options, numbers, take)
    }
}

/// Numbers of dialogs that far ends begin, of all endpoints: beyond all that the agent gives.
private final class ForeignNumbers {
    private var last: DialogID = 1 << 63

    func next() -> DialogID {
        last += 1
        return last
    }
}

/// A user agent of sofia-sip.
///
/// It is kept alive by the stack from its creation until it has closed.
private final class SofiaEndpoint: SIPEndpoint {
    /// Requests that are worked on at once; beyond them the stack itself answers 503.
    private static let mostRequests: UInt32 = 64

    private let loop: SIPLoop
    private let take: (SIPInput) -> Void
    private var agent: OpaquePointer?
    private var dialogs: [DialogID: OpaquePointer] = [:]
    private let numbers: ForeignNumbers
    private var kept: Set<DialogID> = []
    private var isClosing = false
    private var isTraced = false

    init?(
        _ loop: SIPLoop,
        _ options: EndpointOptions,
        _ numbers: ForeignNumbers,
        _ take: @escaping (SIPInput) -> Void
    ) {
        self.loop = loop
        self.numbers = numbers
        self.take = take
        let context = Unmanaged.passRetained(self)
        agent = withCStrings([options.address, "gsmbridge", options.certificates]) { texts in
            var made = csip_options()
            made.address = texts[0]
            made.user_agent = texts[1]
            made.certificates = texts[2]
            made.verifies_chain = true
            made.verifies_name = options.verifiesName
            made.is_registrar = options.isRegistrar
            made.most_requests = Self.mostRequests
            return csip_agent_create(
                loop.pointer,
                &made,
                { context, event in
                    guard let context, let event else { return }
                    Unmanaged<SofiaEndpoint>.fromOpaque(context).takeUnretainedValue().hear(event.pointee)
                },
                context.toOpaque()
            )
        }
        guard agent != nil else {
            context.release()
            return nil
        }
    }

    private func hear(_ event: csip_event) {
        switch UInt32(bitPattern: event.kind) {
        case CSIP_REGISTER_ANSWER.rawValue:
            guard dialogs[event.number] != nil else { return }
            take(SIPInput(dialog: event.number, kind: .registered(RegisterAnswer(event))))
        case CSIP_SHUT_DOWN.rawValue: hasShutDown()
        case CSIP_REGISTER.rawValue: ask(event) { .register($0) }
        case CSIP_OPTIONS.rawValue: ask(event) { .options($0) }
        case CSIP_INVITE.rawValue: ask(event) { .invite($0) }
        case CSIP_REINVITE.rawValue: renew(event)
        case CSIP_INVITE_ANSWER.rawValue:
            guard dialogs[event.number] != nil else { return }
            // sofia would call again by itself after Retry-After, even with the call over here: the answer is the end.
            let isRetried = event.status == 100 && event.message_status >= 300
            if isRetried, event.message_status != 401, event.message_status != 407 {
                var answer = InviteAnswer(status: Int(event.message_status), phrase: "")
                answer.isReal = !event.is_internal
                answer.cause = event.cause
                take(SIPInput(dialog: event.number, kind: .answered(answer)))
                take(SIPInput(dialog: event.number, kind: .over))
                return forget(event.number)
            }
            guard event.status > 100 else { return }
            var answer = InviteAnswer(
                status: Int(event.status),
                phrase: event.phrase.map { String(cString: $0) } ?? "",
                sdp: event.description
            )
            answer.realm = event.realm.map { String(cString: $0) }
            answer.cause = event.cause
            answer.callID = event.call_id.map { String(cString: $0) }
            answer.isReal = event.call_id != nil && !event.is_internal
            take(SIPInput(dialog: event.number, kind: .answered(answer)))
        case CSIP_CANCEL.rawValue, CSIP_BYE.rawValue:
            if dialogs[event.number] != nil { take(SIPInput(dialog: event.number, kind: .gone(cause: event.cause))) }
        case CSIP_BYE_ANSWER.rawValue:
            guard dialogs[event.number] != nil else { return }
            take(SIPInput(dialog: event.number, kind: .hungUp(status: Int(event.status))))
        case CSIP_ACK.rawValue:
            guard dialogs[event.number] != nil else { return }
            take(SIPInput(dialog: event.number, kind: .acknowledged(event.description)))
        case CSIP_PROBE_ANSWER.rawValue:
            guard dialogs[event.number] != nil else { return }
            // What the stack says itself, of a network that is gone say (503), is no answer.
            let status = event.is_internal && event.status != 481 ? 408 : Int(event.status)
            take(SIPInput(dialog: event.number, kind: .probed(status: status)))
        case CSIP_INFO.rawValue:
            guard dialogs[event.number] != nil, let text = event.text, let type = event.body_type else { return }
            let digit = KeyMessage.digit(type: String(cString: type), text)
            if let digit { take(SIPInput(dialog: event.number, kind: .keyed(digit))) }
        case CSIP_REFER.rawValue:
            guard dialogs[event.number] != nil else { return }
            let referral = SIPReferral(
                user: event.refer_user.map { String(cString: $0) },
                headers: event.refer_headers.map { String(cString: $0) },
                source: event.source.map { String(cString: $0) } ?? ""
            )
            take(SIPInput(dialog: event.number, kind: .refer(referral)))
        case CSIP_REFER_ANSWER.rawValue:
            guard dialogs[event.number] != nil else { return }
            let status = Int(event.status)
            take(SIPInput(dialog: event.number, kind: .referred(status: status, isLast: status >= 300)))
        case CSIP_NOTIFY.rawValue:
            guard dialogs[event.number] != nil, let status = event.text.flatMap(Self.status) else { return }
            take(SIPInput(dialog: event.number, kind: .referred(status: status, isLast: status >= 200)))
        case CSIP_TERMINATED.rawValue:
            guard dialogs[event.number] != nil else { return }
            take(SIPInput(dialog: event.number, kind: .over))
            forget(event.number)
        default: break
        }
    }

    /// The status in a piece of a message, `SIP/2.0 200 OK`; nil for another text.
    private static func status(_ fragment: String) -> Int? {
        let words = fragment.prefix { !$0.isNewline }.split(separator: " ")
        guard words.count >= 2, words[0] == "SIP/2.0", let status = Int(words[1]), 100...699 ~= status else {
            return nil
        }
        return status
    }

    /// Tells of a request, which is answered meanwhile.
    private func ask(_ event: csip_event, _ kind: (SIPRequest) -> SIPInput.Kind) {
        guard let dialog = event.dialog, !isClosing else { return }
        let number = numbers.next()
        dialogs[number] = dialog
        if isForeign(event) {
            respond(number, SIPAnswer(status: 415))
        } else if let request = SIPRequest(event) {
            take(SIPInput(dialog: number, kind: kind(request)))
        } else {
            respond(number, SIPAnswer(status: 400))
        }
        if !kept.contains(number) { dialogs[number] = nil }
    }

    private func renew(_ event: csip_event) {
        guard dialogs[event.number] != nil else { return }
        if isForeign(event) {
            respond(event.number, SIPAnswer(status: 415))
        } else if let request = SIPRequest(event) {
            // An UPDATE that asks for nothing is answered without an offer of ours (RFC 3311 §5.2).
            if request.method == "UPDATE", request.sdp == nil {
                return respond(event.number, SIPAnswer(status: 200))
            }
            take(SIPInput(dialog: event.number, kind: .renewed(request)))
        } else {
            respond(event.number, SIPAnswer(status: 400))
        }
    }

    /// Whether a request that may be about sound has a body of another kind (RFC 3261 §21.4.13).
    private func isForeign(_ event: csip_event) -> Bool {
        let isSound =
            UInt32(bitPattern: event.kind) != CSIP_REGISTER.rawValue
            && UInt32(bitPattern: event.kind) != CSIP_OPTIONS.rawValue
        return isSound && event.is_body_foreign
    }

    private func hasShutDown() {
        guard isClosing, let agent else { return }
        self.agent = nil
        for dialog in dialogs.values { csip_dialog_destroy(dialog) }
        dialogs = [:]
        take(SIPInput(dialog: 0, kind: .closed))
        // sofia must not be freed in a callback of its own.
        loop.afterwards {
            csip_agent_destroy(agent)
            Unmanaged.passUnretained(self).release()
        }
    }

    func register(_ dialog: DialogID, _ order: RegisterOrder) -> Bool {
        guard let agent, dialogs[dialog] == nil else { return false }
        let texts = [order.account, order.route, order.registrar, order.user, order.token, order.instance]
        return withCStrings(texts) { texts in
            guard let made = csip_dialog_create(agent, dialog, texts[0], texts[0], texts[1]) else { return false }
            dialogs[dialog] = made
            csip_register(made, texts[2], texts[3], texts[4], texts[5], order.expires)
            return true
        }
    }

    func authenticate(_ dialog: DialogID, realm: String, user: String, password: String) {
        guard let pointer = dialogs[dialog] else { return }
        csip_authenticate(pointer, "Digest:\(realm):\(user):\(password)")
    }

    func forget(_ dialog: DialogID) {
        kept.remove(dialog)
        if let pointer = dialogs.removeValue(forKey: dialog) { csip_dialog_destroy(pointer) }
    }

    func respond(_ dialog: DialogID, _ answer: SIPAnswer) {
        guard let pointer = dialogs[dialog] else { return }
        let texts = [
            answer.phrase, answer.challenge, answer.contact, answer.retryAfter, answer.reason, answer.sdp,
        ]
        withCStrings(texts) { texts in
            var made = csip_answer()
            made.status = Int32(answer.status)
            made.phrase = texts[0]
            made.challenge = texts[1]
            made.is_proxy_challenge = answer.status == 407
            made.contact = texts[2]
            made.retry_after = texts[3]
            made.reason = texts[4]
            made.sdp = texts[5]
            csip_respond(pointer, &made)
        }
    }

    func block(_ sources: [UInt32]) {
        guard let agent else { return }
        csip_agent_block(agent, sources, UInt32(sources.count))
    }

    func keep(_ dialog: DialogID) {
        guard let pointer = dialogs[dialog] else { return }
        kept.insert(dialog)
        csip_dialog_keep(pointer, dialog)
    }

    func invite(_ dialog: DialogID, _ order: InviteOrder) -> Bool {
        guard let agent, dialogs[dialog] == nil else { return false }
        let texts = [order.caller, order.target, order.route, order.user, order.diversion, order.sdp]
        return withCStrings(texts) { texts in
            let made = texts[1]
                .flatMap { target -> OpaquePointer? in
                    "<\(String(cString: target))>"
                        .withCString { csip_dialog_create(agent, dialog, texts[0], $0, texts[2]) }
                }
            guard let made else { return false }
            dialogs[dialog] = made
            csip_invite(made, texts[1], texts[3], texts[4], texts[5])
            return true
        }
    }

    func renew(_ dialog: DialogID, sdp: String) {
        guard let pointer = dialogs[dialog] else { return }
        withCStrings([sdp]) { csip_invite(pointer, nil, nil, nil, $0[0]) }
    }

    func notify(_ dialog: DialogID, _ status: String, isLast: Bool) {
        guard let pointer = dialogs[dialog] else { return }
        withCStrings([status]) { csip_notify(pointer, $0[0], isLast) }
    }

    func refer(_ dialog: DialogID, to target: String, replacing other: DialogID) -> Bool {
        guard let pointer = dialogs[dialog], let other = dialogs[other] else { return false }
        return withCStrings([target]) { texts in texts[0].map { csip_refer(pointer, other, $0) } ?? false }
    }

    func probe(_ dialog: DialogID) { if let pointer = dialogs[dialog] { csip_probe(pointer) } }

    func cancel(_ dialog: DialogID, reason: String?) {
        guard let pointer = dialogs[dialog] else { return }
        withCStrings([reason]) { csip_cancel(pointer, $0[0]) }
    }

    func hangUp(_ dialog: DialogID, reason: String?) {
        guard let pointer = dialogs[dialog] else { return }
        withCStrings([reason]) { csip_bye(pointer, $0[0]) }
    }

    func trace(_ isTraced: Bool) {
        guard let agent, !isClosing, isTraced != self.isTraced else { return }
        self.isTraced = isTraced
        csip_agent_trace(agent, isTraced)
    }

    func close() {
        guard let agent, !isClosing else { return }
        isClosing = true
        csip_agent_shut_down(agent)
    }
}

extension RegisterAnswer {
    fileprivate init(_ event: csip_event) {
        status = Int(event.status)
        phrase = event.phrase.map { String(cString: $0) } ?? ""
        realm = event.realm.map { String(cString: $0) }
        expires = event.expires >= 0 ? Int(event.expires) : nil
        retryAfter = event.retry_after >= 0 ? Int(event.retry_after) : nil
    }
}

extension csip_event {
    /// The cause of the network; nil for none.
    fileprivate var cause: Int? { (1...127).contains(reason_cause) ? Int(reason_cause) : nil }

    /// What is said of sound; nil for nothing.
    fileprivate var description: String? { Self.text(sdp, sdp_length) }

    /// What is said in a call; nil for nothing.
    fileprivate var text: String? { Self.text(body, body_length) }

    private static func text(_ start: UnsafePointer<CChar>?, _ length: UInt32) -> String? {
        start?
            .withMemoryRebound(to: UInt8.self, capacity: Int(length)) { bytes in
                String(decoding: UnsafeBufferPointer(start: bytes, count: Int(length)), as: UTF8.self)
            }
    }
}

extension SIPRequest {
    /// Nil where the stack does not know what every request has.
    fileprivate init?(_ event: csip_event) {
        func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
        guard let method = text(event.method), let address = text(event.source), let callID = text(event.call_id),
            let transport = text(event.transport)
        else { return nil }
        self.method = method
        target = text(event.request_user)
        caller = text(event.from_user)
        called = text(event.to_user)
        divertedFrom = Diversion.number(headers: text(event.diversion), history: text(event.history))
        callerName = text(event.from_display)
        parameters = text(event.request_params)
        source = RequestSource(address: address, port: Int(event.source_port), transport: transport)
        contact = text(event.contact)
        expires = event.expires >= 0 ? Int(clamping: event.expires) : nil
        contacts = (text(event.contacts) ?? "").split(separator: "\n")
            .compactMap { line in
                let parts = line.split(separator: "\t")
                guard parts.count == 2, let seconds = Int(parts[1]) else { return nil }
                return Contact(uri: String(parts[0]), expires: seconds >= 0 ? seconds : nil)
            }
        self.callID = callID
        sequence = event.cseq
        userAgent = text(event.user_agent)
        takesReferral = event.takes_referral
        sdp = event.description
        host = text(event.request_host)
        var parameters: [String] = []
        if var next = event.credentials {
            // More than this no digest has.
            while let parameter = next.pointee, parameters.count < 32 {
                parameters.append(String(cString: parameter))
                next += 1
            }
        }
        credentials = parameters.isEmpty ? nil : DigestCredentials(parameters)
    }
}

/// Calls `body` with texts as C sees them; they are valid within it alone.
private func withCStrings<Result>(_ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
    let copies = texts.map { $0.map { Array($0.utf8CString) } }
    func collect(_ index: Int, _ pointers: [UnsafePointer<CChar>?]) -> Result {
        guard index < copies.count else { return body(pointers) }
        guard let copy = copies[index] else { return collect(index + 1, pointers + [nil]) }
        return copy.withUnsafeBufferPointer { collect(index + 1, pointers + [$0.baseAddress]) }
    }
    return collect(0, [])
}
