internal import CSofiaSIP

/// sofia-sip as the stack.
final class SofiaStack: SIPStack {
    private let loop: SIPLoop

    init(_ loop: SIPLoop) { self.loop = loop }

    func open(_ options: EndpointOptions, _ take: @escaping (SIPInput) -> Void) -> (any SIPEndpoint)? {
        SofiaEndpoint(loop, options, take)
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
    /// Numbers of dialogs that far ends begin: beyond all that the agent gives.
    private var lastForeign: DialogID = 1 << 63
    private var kept: Set<DialogID> = []
    private var isClosing = false

    init?(_ loop: SIPLoop, _ options: EndpointOptions, _ take: @escaping (SIPInput) -> Void) {
        self.loop = loop
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
            guard dialogs[event.number] != nil, event.status > 100 else { return }
            let answer = InviteAnswer(
                status: Int(event.status),
                phrase: event.phrase.map { String(cString: $0) } ?? "",
                sdp: event.description
            )
            take(SIPInput(dialog: event.number, kind: .answered(answer)))
        case CSIP_CANCEL.rawValue, CSIP_BYE.rawValue:
            if dialogs[event.number] != nil { take(SIPInput(dialog: event.number, kind: .gone)) }
        case CSIP_TERMINATED.rawValue:
            guard dialogs[event.number] != nil else { return }
            take(SIPInput(dialog: event.number, kind: .over))
            forget(event.number)
        default: break
        }
    }

    /// Tells of a request, which is answered meanwhile.
    private func ask(_ event: csip_event, _ kind: (SIPRequest) -> SIPInput.Kind) {
        guard let dialog = event.dialog, !isClosing else { return }
        lastForeign += 1
        let number = lastForeign
        dialogs[number] = dialog
        if let request = SIPRequest(event) {
            take(SIPInput(dialog: number, kind: kind(request)))
        } else {
            respond(number, SIPAnswer(status: 400))
        }
        if !kept.contains(number) { dialogs[number] = nil }
    }

    private func renew(_ event: csip_event) {
        guard dialogs[event.number] != nil else { return }
        if let request = SIPRequest(event) {
            take(SIPInput(dialog: event.number, kind: .renewed(request)))
        } else {
            respond(event.number, SIPAnswer(status: 400))
        }
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
        let texts = [order.account, order.route, order.registrar, order.user, order.instance]
        return withCStrings(texts) { texts in
            guard let made = csip_dialog_create(agent, dialog, texts[0], texts[0], texts[1]) else { return false }
            dialogs[dialog] = made
            csip_register(made, texts[2], texts[3], texts[4], order.expires)
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
        return withCStrings([order.caller, order.target, order.route, order.sdp]) { texts in
            let made = texts[1]
                .flatMap { target -> OpaquePointer? in
                    "<\(String(cString: target))>"
                        .withCString { csip_dialog_create(agent, dialog, texts[0], $0, texts[2]) }
                }
            guard let made else { return false }
            dialogs[dialog] = made
            csip_invite(made, texts[1], texts[3])
            return true
        }
    }

    func cancel(_ dialog: DialogID, reason: String?) {
        guard let pointer = dialogs[dialog] else { return }
        withCStrings([reason]) { csip_cancel(pointer, $0[0]) }
    }

    func hangUp(_ dialog: DialogID, reason: String?) {
        guard let pointer = dialogs[dialog] else { return }
        withCStrings([reason]) { csip_bye(pointer, $0[0]) }
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
    /// What is said of sound; nil for nothing.
    fileprivate var description: String? {
        sdp.map { start in
            start.withMemoryRebound(to: UInt8.self, capacity: Int(sdp_length)) { bytes in
                String(decoding: UnsafeBufferPointer(start: bytes, count: Int(sdp_length)), as: UTF8.self)
            }
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
        source = RequestSource(address: address, port: Int(event.source_port), transport: transport)
        contact = text(event.contact)
        expires = event.expires >= 0 ? Int(clamping: event.expires) : nil
        self.callID = callID
        sequence = event.cseq
        userAgent = text(event.user_agent)
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
