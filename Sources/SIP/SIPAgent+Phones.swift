internal import CallModel
internal import Logging

// The phones of the house: who they are, where they are.
extension SIPAgent {
    /// How the phones stand, in the order of the settings.
    package func phones() -> [PhoneReport] {
        let now = ContinuousClock.now
        return settings.phones.map { phone in report(of: phone, at: now) }
    }

    private func report(of phone: SIPSettings.Phone, at now: ContinuousClock.Instant) -> PhoneReport {
        let places = house.registrar.places(of: phone.name, at: now)
        let latest = places.last
        return PhoneReport(
            name: phone.name,
            title: phone.title,
            contact: latest?.contact,
            contacts: places.map(\.contact),
            until: latest?.end,
            userAgent: latest?.userAgent,
            calls: house.calls.values.count { $0.call.caller == .phone(phone.name) }
                + house.rings.values.count { $0.winner.flatMap { house.rung[$0]?.who } == .phone(phone.name) }
        )
    }

    /// The trunks, in the order of the settings.
    package func trunks() -> [SIPSettings.Trunk] { settings.trunks }

    /// How many calls a trunk has.
    package func calls(ofTrunk name: String) -> Int { house.calls.values.count { $0.call.caller == .trunk(name) } }

    /// Says whether a line is free, which is what trunks ask by OPTIONS.
    package func setFree(_ isFree: Bool) { house.isFree = isFree }

    // MARK: Doors

    func configurePhones() {
        house.gate.passwords = Dictionary(settings.phones.map { ($0.name, $0.password) }) { first, _ in first }
        house.registrar.keep(Set(settings.phones.map(\.name)))
        forgetNumbers()
        let listens = !settings.phones.isEmpty || !settings.trunks.isEmpty
        let wanted = Set(listens ? settings.listen.compactMap { options(of: $0) } : [])
        house.nextTry = nil
        loop.guardRequests { [weak self] source, isStream, isCounted in
            self?.assumeIsolated { $0.isHeard(source, isStream: isStream, isCounted: isCounted) } ?? true
        }
        for (number, door) in house.doors where !door.isClosing {
            if wanted.contains(door.options) {
                house.doors[number]?.isRetiring = false
                house.doors[number]?.isOutdated = false
            } else if hasCalls(number), wanted.contains(where: { $0.address == door.options.address }) {
                // Only its certificate is another: it takes calls on, and is opened anew behind the last of them.
                house.doors[number]?.isOutdated = true
            } else {
                retire(number)
            }
        }
        let open = Set(house.doors.values.filter { !$0.isClosing }.map(\.options))
        let kept = Set(house.doors.values.filter(\.isOutdated).map(\.options.address))
        for options in wanted.subtracting(open).sorted(by: { $0.address < $1.address })
        where !kept.contains(options.address) {
            house.lastDoor += 1
            let number = house.lastDoor
            let endpoint = self.open(options) { [weak self] input in
                self?.assumeIsolated { $0.heard(input, at: number) }
            }
            guard let endpoint else {
                house.nextTry = .now + Self.triesAgainAfter
                if house.toldClosed.insert(options.address).inserted {
                    log.error("phones can't come to \(options.address): the address is taken, or none of this machine")
                }
                continue
            }
            house.toldClosed.remove(options.address)
            house.doors[number] = PhoneHouse.Door(options: options, endpoint: endpoint)
            log.notice("phones may come to \(options.address)")
        }
        // Whom the new settings know is heard from here on, at the new doors too.
        if !house.knocks.blocked.isEmpty { shutOut() }
        setAlarm()
    }

    /// How soon an address is tried again that was taken, or not there yet.
    private static let triesAgainAfter = Duration.seconds(5)

    /// How a door is opened; for TLS with the box's certificate and key in one file, as the stack wants them.
    private func options(of listener: SIPSettings.Listener) -> EndpointOptions? {
        var options = EndpointOptions(address: "sip:\(listener.address.place);transport=\(listener.transport.rawValue)")
        options.isRegistrar = true
        guard listener.transport == .tls else { return options }
        guard let certificate = settings.certificate, let key = settings.key else { return nil }
        do throws(PEMError) {
            (options.certificates, options.revision) =
                try PEMFiles.join(certificate: certificate, key: key, in: settings.directory)
        } catch {
            log.error("phones can't come over TLS: \(error)")
            return nil
        }
        options.address = "sips:\(listener.address.place);transport=tls"
        return options
    }

    /// Has a door take nobody any more, and close with the end of its last call.
    private func retire(_ number: Int) {
        guard hasCalls(number) else { return close(number) }
        house.doors[number]?.isRetiring = true
    }

    private func hasCalls(_ number: Int) -> Bool {
        house.calls.values.contains { $0.door == number }
            || house.rung.values.contains { $0.way == .door(number) }
    }

    /// Closes what was only kept for calls that are over.
    func closeRetired() {
        for (number, door) in house.doors
        where (door.isRetiring || door.isOutdated) && !door.isClosing && !hasCalls(number) {
            close(number)
        }
    }

    func closePhones() {
        (house.isOver, house.nextTry) = (true, nil)
        for number in house.doors.keys { close(number) }
    }

    private func close(_ number: Int) {
        guard house.doors[number]?.isClosing == false else { return }
        house.doors[number]?.isClosing = true
        house.doors[number]?.isOutdated = false
        // What is paid for ends at once; the far ends are told meanwhile.
        for call in house.calls where call.value.door == number { gone(call.key) }
        for phone in house.rung where phone.value.way == .door(number) { left(phone.key) }
        house.doors[number]?.endpoint.close()
    }

    private func heard(_ input: SIPInput, at number: Int) {
        guard let door = house.doors[number] else { return }
        let endpoint = door.endpoint
        switch input.kind {
        case .register where door.isRetiring, .options where door.isRetiring, .invite where door.isRetiring:
            endpoint.respond(input.dialog, SIPAnswer(status: 503))
        case .closed:
            // The stack tells no end of the calls that went over it.
            for call in house.calls where call.value.door == number { over(call.key) }
            for phone in house.rung where phone.value.way == .door(number) { overRung(phone.key) }
            house.doors[number] = nil
            hasClosed()
            // What takes its place waits for that.
            if !house.isOver { configurePhones() }
        case .register(let request):
            endpoint.respond(input.dialog, register(request, at: door.options.address))
            setAlarm()
        case .options(let request):
            endpoint.respond(input.dialog, look(from: request.source))
        case .invite(let request):
            let caller: HouseCaller
            if let trunk = settings.trunks.first(where: { $0.address.host == request.source.address }) {
                caller = .trunk(trunk.name)
            } else {
                switch admit(request) {
                case .failure(let refusal): return endpoint.respond(input.dialog, refusal.answer)
                case .success(let phone): caller = .phone(phone)
                }
            }
            let refusal = invited(input.dialog, request, at: number, by: caller)
            if let refusal { endpoint.respond(input.dialog, refusal) }
        case .answered(let answer): answered(input.dialog, answer)
        case .gone: house.rung[input.dialog] == nil ? gone(input.dialog) : left(input.dialog)
        case .over: house.rung[input.dialog] == nil ? over(input.dialog) : overRung(input.dialog)
        case .renewed(let request):
            let answer =
                house.rung[input.dialog] == nil
                ? renewed(input.dialog, request) : renewed(rung: input.dialog, request)
            endpoint.respond(input.dialog, answer)
        case .acknowledged(let sdp):
            house.rung[input.dialog] == nil
                ? acknowledged(input.dialog, sdp) : acknowledged(rung: input.dialog, sdp)
        case .probed(let status):
            house.rung[input.dialog] == nil
                ? probed(input.dialog, status: status) : probed(rung: input.dialog, status: status)
        case .keyed(let digit): keyed(input.dialog, digit)
        case .refer(let wish): endpoint.respond(input.dialog, referred(input.dialog, wish))
        case .registered, .hungUp, .referred: break
        }
    }

    // MARK: Requests

    private struct Refusal: Error {
        var answer: SIPAnswer
    }

    /// Which phone a request comes from; otherwise how it is answered.
    private func admit(_ request: SIPRequest) -> Result<String, Refusal> {
        guard mayCome(request.source) else { return .failure(Refusal(answer: SIPAnswer(status: 403))) }
        let claim = PhoneGate.Claim(
            method: request.method,
            user: request.target,
            host: request.host,
            credentials: request.credentials,
            source: request.source.network
        )
        switch house.gate.judge(claim, at: .now) {
        case .phone(let name): return .success(name)
        case .challenge(let nonce, let isStale):
            var challenge = "Digest realm=\"\(PhoneGate.realm)\", nonce=\"\(nonce)\", algorithm=MD5, qop=\"auth\""
            if isStale { challenge += ", stale=true" }
            let status = request.method == "REGISTER" ? 401 : 407
            return .failure(Refusal(answer: SIPAnswer(status: status, challenge: challenge)))
        case .refused(let news):
            if case .locked(let phone, let source)? = news {
                // The form of this line is in docs/sip.md, for fail2ban.
                log.warning(
                    "sip: locked out \(source): too many wrong passwords\(phone.map { " for phone \($0)" } ?? "")"
                )
                tell(.locked(phone: phone, source: source))
            }
            return .failure(Refusal(answer: SIPAnswer(status: 403)))
        }
    }

    /// Whether phones may come from an address: of a house, or one of this machine.
    ///
    /// No packet of others gets in from one of this machine's by IPv4 (a martian: RFC 1812 §5.3.8, which the kernel sees to). By IPv6 a
    /// forged one may: it meets the digest as any other, and its answer goes to this machine.
    private func mayCome(_ source: RequestSource) -> Bool {
        settings.allowsPublic || source.isOfTheHouse || house.own.contains(source.address, at: .now)
    }

    /// Whether a request is heard, whatever it asks for: each costs the stack a transaction.
    ///
    /// Datagrams may be forged, and shut out no connection from the same address.
    func isHeard(_ source: String, isStream: Bool = false, isCounted: Bool = true) -> Bool {
        let now = ContinuousClock.now
        guard !isOurs(source, at: now) else { return true }
        let way = isStream ? "\(source) by connection" : source
        guard !house.knocks.isBlocked(way, at: now) else { return false }
        guard isCounted else { return true }
        let verdict = house.knocks.count(way, at: now)
        if verdict.isBlocked { shutOut() }
        if verdict.isNews {
            log.warning("sip: many requests without a password from \(source): it is not heard for a minute")
            tell(.flood(source: source))
        }
        return !verdict.isBlocked
    }

    /// Whether an address is that of a trunk, of a phone that is registered, or of one that has a call: nobody may silence those by
    /// packets that bear their address.
    private func isOurs(_ source: String, at now: ContinuousClock.Instant) -> Bool {
        settings.trunks.contains { $0.address.host == source } || house.registrar.isPlace(source, at: now)
            || house.calls.values.contains { $0.socket.source == source }
            || house.rung.values.contains { $0.socket.source == source }
    }

    /// Answers who asks whether a line is free; the one who has to wait is told for how long, as with a call.
    private func look(from source: RequestSource) -> SIPAnswer {
        let isTrunk = settings.trunks.contains { $0.address.host == source.address }
        guard isTrunk || mayCome(source) else { return SIPAnswer(status: 403) }
        return house.isFree ? SIPAnswer(status: 200) : SIPAnswer(status: 503, retryAfter: "10")
    }

    /// Lets an address in that is ours from now on, where packets that bore it have shut it out.
    func letIn(_ source: String?) {
        guard let source, house.knocks.isBlocked(source, at: .now) else { return }
        shutOut()
    }

    /// Has the doors shut for those who flood; they come over IPv4 and UDP, or cost a connection each.
    private func shutOut() {
        let now = ContinuousClock.now
        let sources = house.knocks.blocked.filter { !isOurs($0.source, at: now) }
            .compactMap { RequestSource.word(of: $0.source) }
        for door in house.doors.values where !door.isClosing { door.endpoint.block(sources) }
        setAlarm()
    }

    private func register(_ request: SIPRequest, at door: String) -> SIPAnswer {
        let name: String
        switch admit(request) {
        case .success(let phone): name = phone
        case .failure(let refusal): return refusal.answer
        }
        // Nobody registers for another (RFC 3261 §10.3, step 4).
        guard request.called == nil || request.called == name else { return SIPAnswer(status: 403) }
        let now = ContinuousClock.now
        let wanted =
            request.contacts.isEmpty
            ? [(request.contact, request.expires)] : request.contacts.map { (Optional($0.uri), $0.expires) }
        var answer = SIPAnswer(status: 400)
        var wasNews = false
        for (contact, expires) in wanted {
            let order = Registrar.Order(
                contact: contact,
                expires: expires,
                source: request.source,
                door: door,
                callID: request.callID,
                sequence: request.sequence,
                userAgent: request.userAgent
            )
            switch house.registrar.take(order, of: name, at: now) {
            case .wrong: return SIPAnswer(status: 400)
            case .outdated: return SIPAnswer(status: 500, phrase: "Out of order")
            case .bound(let places, let isNews):
                wasNews = wasNews != isNews
                let contacts = places.map { "<\($0.contact)>;expires=\($0.expires)" }
                answer = SIPAnswer(status: 200, contact: contacts.isEmpty ? nil : contacts.joined(separator: ", "))
            }
        }
        letIn(request.source.address)
        if wasNews { tellPhone(name, at: now) }
        return answer
    }

    private func tellPhone(_ name: String, at now: ContinuousClock.Instant) {
        guard let phone = settings.phones.first(where: { $0.name == name }) else { return }
        let report = report(of: phone, at: now)
        log.notice("phone \(name): \(report.contact == nil ? "gone" : "registered")")
        tell(.phone(report))
    }

    func expirePhones(at now: ContinuousClock.Instant) {
        if house.knocks.forgive(at: now) { shutOut() }
        for phone in house.registrar.expire(at: now) { tellPhone(phone, at: now) }
    }
}
