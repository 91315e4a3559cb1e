package import CallModel
internal import Logging
internal import RTPMedia

/// Who calls, as those who are rung are told.
struct RungCaller {
    /// Nil where it is withheld.
    var number: String?
    /// The name, where the number is a contact's.
    var name: String?
    /// The number from which the call was sent on; nil where that is not told.
    var divertedFrom: String?

    /// The same as a header from an address of ours.
    func diversion(host: String) -> String? {
        divertedFrom.flatMap { SIPAddress.isUser($0) ? Diversion.value($0, host: host) : nil }
    }
}

/// A place that rings for a call, or has taken it.
struct RungPhone {
    /// Over what it is called.
    enum Way: Hashable {
        /// An address of the house.
        case door(Int)
        case account(Int)
    }

    let ring: UInt64
    /// Who it is: `phone:desk`.
    let who: AudioSpec
    let way: Way
    let socket: RTPSocket
    let encryption: SIPSettings.Encryption
    /// How sound may be coded; empty for the ordinary codecs.
    var codecs: [RTPCodec] = []
    /// The key that our offer had; nil for none.
    var offered: SDPDescription.Crypto?
    /// What it says of its sound, once it has answered.
    var answer: SDPDescription?
    /// How often the password of the account was sent.
    var tries = 0
    var version: UInt64 = 1
    /// The name of the call at both ends, once an answer has told it.
    var callID: String?
    var isHeld = false
}

// Calls to people: phones ring, of the house, behind accounts, anywhere.
extension SIPAgent {
    /// Has people rung, phones each at all of their places, beside those who ring by the same number already.
    ///
    /// - Parameters:
    ///   - people: phones, numbers over accounts, addresses.
    ///   - ring: a number for it, which its news bear.
    ///   - number: who calls; nil where that is withheld.
    ///   - name: the caller's name, where the number is a contact's.
    ///   - diverted: the number from which the call was sent on; nil where that is not told.
    /// - Returns: at how many places it rings now, 0 where none can be reached; nil where one has the call, or it is not wanted any more.
    package func ring(
        _ people: [AudioSpec],
        as ring: UInt64,
        number: String?,
        name: String?,
        divertedFrom diverted: String? = nil
    ) -> Int? {
        let caller = RungCaller(number: number, name: name, divertedFrom: diverted)
        guard house.rings[ring]?.isOpen ?? true else { return nil }
        var dialogs = house.rings[ring]?.ringing ?? []
        for person in people {
            switch person {
            case .phone(let phone):
                for place in house.registrar.places(of: phone, at: .now) {
                    if let dialog = call(place, of: person, ring, caller) { dialogs.insert(dialog) }
                }
            case .account(let account, let target):
                if let dialog = call(target, over: account, person, ring, caller) { dialogs.insert(dialog) }
            case .sip(let address):
                if let dialog = call(address, person, ring, caller) { dialogs.insert(dialog) }
            default: continue
            }
        }
        if !dialogs.isEmpty { house.rings[ring] = RingGroup(dialogs) }
        return dialogs.count
    }

    /// Whether anybody rings, or has taken the call.
    package func isBusy(ring: UInt64) -> Bool { house.rings[ring].map { !$0.isOver } ?? false }

    /// Has a ring stop, unless one has taken the call; false where one has.
    package func stopUntaken(ring: UInt64) -> Bool {
        guard house.rings[ring]?.winner == nil else { return false }
        stop(ring: ring)
        return true
    }

    /// Has a ring stop, and hangs up who has taken the call.
    ///
    /// - Parameter isElsewhere: whether one who does not ring here has answered it, so that displays show no missed call.
    package func stop(ring: UInt64, isElsewhere: Bool = false) {
        guard var group = house.rings[ring] else { return }
        let steps = group.stop(isElsewhere: isElsewhere)
        keep(group, ring)
        perform(steps, ring)
    }

    /// Where the sound of the phone is that has taken the call, once; nil where none has.
    package func sound(ofRing ring: UInt64) -> RTPSound? {
        guard let winner = house.rings[ring]?.winner, let phone = house.rung[winner], let answer = phone.answer else {
            return nil
        }
        return phone.socket.sound(toward: answer, anew: true)
    }

    /// Asks whether who has taken the call of a ring still has it.
    package func probe(ring: UInt64) {
        guard let winner = house.rings[ring]?.winner else { return }
        endpoint(of: winner)?.probe(winner)
    }

    /// It has no such call any more, or does not answer: it costs on all the same.
    func probed(rung dialog: DialogID, status: Int) {
        guard status == 481 || status == 408 else { return }
        endpoint(of: dialog)?.hangUp(dialog, reason: nil)
        left(dialog)
    }

    private func call(
        _ place: Registrar.Binding,
        of who: AudioSpec,
        _ ring: UInt64,
        _ caller: RungCaller
    ) -> DialogID? {
        let way = house.way(to: place.source.address, over: place.source.transport, by: place.door)
        guard let (number, endpoint, socket) = way else { return nil }
        socket.source = place.source.address
        let dialog = nextDialog()
        let codecs = codecs(of: who)
        let own = offer(socket, .optional, isSecure: place.source.transport == "tls", codecs: codecs)
        let order = InviteOrder(
            target: place.contact,
            caller: Self.caller(caller.number, caller.name, host: socket.address),
            route: place.source.route,
            diversion: caller.diversion(host: socket.address),
            sdp: own.text(session: dialog, version: 1)
        )
        var phone = RungPhone(ring, who, .door(number), socket, own)
        phone.codecs = codecs
        return call(endpoint, dialog, order, phone)
    }

    /// How the sound of a phone of the house may be coded; empty for the ordinary codecs.
    func codecs(of who: AudioSpec) -> [RTPCodec] {
        guard case .phone(let name) = who else { return [] }
        return settings.phones.first { $0.name == name }?.codecs ?? []
    }

    /// Calls a number over an account: another extension of its PBX, say.
    private func call(
        _ number: String,
        over name: String,
        _ who: AudioSpec,
        _ ring: UInt64,
        _ caller: RungCaller
    ) -> DialogID? {
        guard let account = account(named: name), account.isRegistered, let endpoint = account.endpoint,
            let socket = RTPSocket(toward: account.address ?? account.server.host, orAnywhere: true)
        else { return nil }
        let dialog = nextDialog()
        let (encryption, isSecure) = (account.settings.encryption, account.server.transport == .tls)
        let own = offer(socket, encryption, isSecure: isSecure, codecs: account.settings.codecs)
        let text = own.text(session: dialog, version: 1)
        var order = account.invite(number, name: (caller.name ?? caller.number).map(Self.quotable), sdp: text)
        order.diversion = caller.diversion(host: account.settings.registrar.host)
        var phone = RungPhone(ring, who, .account(account.number), socket, own, encryption)
        phone.codecs = account.settings.codecs
        return call(endpoint, dialog, order, phone)
    }

    /// Calls an address, from the first address of the house that leads there.
    private func call(
        _ address: String,
        _ who: AudioSpec,
        _ ring: UInt64,
        _ caller: RungCaller
    ) -> DialogID? {
        guard let target = SIPAddress(address) else { return nil }
        let transport = target.transport ?? .udp
        // The house's own address looks at no certificate of others: keys would go to anybody who answers there.
        guard transport != .tls else {
            log.error("\(who) is not rung: nothing here checks its certificate; use UDP or TCP, or an account")
            return nil
        }
        let way = house.way(to: target.host, over: transport.rawValue, orAnywhere: !target.isNumeric)
        guard let (number, endpoint, socket) = way else { return nil }
        if target.isNumeric { socket.source = RequestSource.canonical(target.host) }
        let dialog = nextDialog()
        let own = offer(socket, .optional, isSecure: false)
        let order = InviteOrder(
            target: target.description,
            caller: Self.caller(caller.number, caller.name, host: socket.address),
            route: nil,
            diversion: caller.diversion(host: socket.address),
            sdp: own.text(session: dialog, version: 1)
        )
        return call(endpoint, dialog, order, RungPhone(ring, who, .door(number), socket, own))
    }

    private func call(
        _ endpoint: any SIPEndpoint,
        _ dialog: DialogID,
        _ order: InviteOrder,
        _ phone: RungPhone
    ) -> DialogID? {
        guard endpoint.invite(dialog, order) else { return nil }
        house.rung[dialog] = phone
        letIn(phone.socket.source)
        return dialog
    }

    /// Who calls, as displays show it; nothing but the number and the name gets in.
    static func caller(_ number: String?, _ name: String?, host: String) -> String {
        guard let number, SIPAddress.isUser(number) else { return "\"Anonymous\" <sip:anonymous@anonymous.invalid>" }
        return "\"\(quotable(name ?? number))\" <\(SIPAddress(user: number, host: host))>"
    }

    /// What may stand between quotes.
    static func quotable(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { $0.value >= 0x20 && $0 != "\"" && $0 != "\\" && $0.value != 0x7F }
        return String(String.UnicodeScalarView(scalars.prefix(64)))
    }

    // MARK: What phones say

    func answered(_ dialog: DialogID, _ answer: InviteAnswer) {
        guard let phone = house.rung[dialog], var group = house.rings[phone.ring] else {
            // It was stopped meanwhile, and an answer has crossed that.
            if 200..<300 ~= answer.status { endpoint(of: dialog)?.hangUp(dialog, reason: nil) }
            return
        }
        if let callID = answer.callID { house.rung[dialog]?.callID = callID }
        let taken = answer.sdp.flatMap { SDPDescription($0) }
            .flatMap { phone.encryption.taking(answer: $0, to: phone.offered) }
        // What would undo what was agreed changes nothing.
        if taken != nil || group.winner != dialog, answer.sdp != nil { house.rung[dialog]?.answer = taken }
        var steps: [RingGroup.Step] = []
        switch answer.status {
        case 200..<300:
            if let sound = house.rung[dialog]?.answer, sound.port > 0 {
                steps = group.answered(dialog)
            } else {
                endpoint(of: dialog)?.hangUp(dialog, reason: "Q.850;cause=88")
                steps = group.ended(dialog)
            }
        case 401, 407:
            if proves(dialog, phone, answer) { return }
            steps = group.ended(dialog)
        // What refuses a refresh of the session ends no call that people have.
        case 300... where group.winner == dialog: break
        case 300...: steps = group.ended(dialog)
        default: break
        }
        keep(group, phone.ring)
        perform(steps, phone.ring)
    }

    /// Sends the password of the account over which a number is rung, once.
    private func proves(_ dialog: DialogID, _ phone: RungPhone, _ answer: InviteAnswer) -> Bool {
        guard case .account(let number) = phone.way, phone.tries == 0, let realm = answer.realm,
            let account = account(numbered: number)
        else { return false }
        house.rung[dialog]?.tries += 1
        var isSent = true
        prove(dialog, account, realm: realm) { reason in
            log.error("account \(account.settings.name): \(reason)")
            isSent = false
        }
        return isSent
    }

    /// Other media are asked for by who has taken the call.
    func renewed(rung dialog: DialogID, _ request: SIPRequest) -> SIPAnswer {
        guard let phone = house.rung[dialog] else { return SIPAnswer(status: 481) }
        guard phone.answer != nil else { return .early }
        house.rung[dialog]?.version += 1
        // Without a description ours is wanted (RFC 3261 §14.1).
        guard let text = request.sdp else {
            let isSecure = request.source.transport == "tls"
            let own = offer(phone.socket, phone.encryption, isSecure: isSecure, codecs: phone.codecs)
            house.rung[dialog]?.offered = own.crypto.first
            return SIPAnswer(status: 200, sdp: own.text(session: dialog & 0xFFFF_FFFF, version: phone.version + 1))
        }
        guard
            let offer = SDPDescription(text).flatMap({ phone.encryption.taking(offer: $0) })?.limited(to: phone.codecs)
        else {
            return SIPAnswer(status: 488)
        }
        take(offer, rung: dialog)
        let port = offer.port == 0 ? 0 : phone.socket.port
        let answer = offer.answer(address: phone.socket.address, port: port, key: phone.socket.key)
        return SIPAnswer(status: 200, sdp: answer.text(session: dialog & 0xFFFF_FFFF, version: phone.version + 1))
    }

    /// Takes where who has taken the call wants the sound from now on.
    private func take(_ other: SDPDescription, rung dialog: DialogID) {
        guard let phone = house.rung[dialog], other.port > 0 else { return }
        let before = phone.answer
        house.rung[dialog]?.answer = other.placed(like: before)
        phone.socket.speaks(to: other)
        if before.map({ other.hasMoved(since: $0) }) ?? false { tell(.moved(.ring(phone.ring))) }
        guard other.isHold != phone.isHeld else { return }
        house.rung[dialog]?.isHeld = other.isHold
        tell(.held(.ring(phone.ring), other.isHold))
    }

    /// Our answer was acknowledged; where the offer was ours, this answers it.
    func acknowledged(rung dialog: DialogID, _ text: String?) {
        guard let phone = house.rung[dialog],
            let described = text.flatMap({ SDPDescription($0) })
                .flatMap({ phone.encryption.taking(answer: $0, to: phone.offered) })
        else { return }
        take(described, rung: dialog)
    }

    func left(_ dialog: DialogID) {
        guard let phone = house.rung[dialog], var group = house.rings[phone.ring] else { return }
        let steps = group.ended(dialog)
        keep(group, phone.ring)
        perform(steps, phone.ring)
    }

    func overRung(_ dialog: DialogID) {
        left(dialog)
        house.rung[dialog] = nil
        house.transfers.remove(dialog)
        closeRetired()
        closeRetiredAccounts()
    }

    private func keep(_ group: RingGroup, _ ring: UInt64) { house.rings[ring] = group.isOver ? nil : group }

    private func perform(_ steps: [RingGroup.Step], _ ring: UInt64) {
        for step in steps {
            switch step {
            case .cancel(let dialog, let isElsewhere):
                // RFC 3326, and what telephones take as no missed call.
                let reason = isElsewhere ? "SIP;cause=200;text=\"Call completed elsewhere\"" : nil
                endpoint(of: dialog)?.cancel(dialog, reason: reason)
            case .hangUp(let dialog): endpoint(of: dialog)?.hangUp(dialog, reason: nil)
            case .taken(let dialog):
                log.info("\(house.rung[dialog].map { "\($0.who)" } ?? "-"): takes the call")
                if let who = house.rung[dialog]?.who { tell(.taken(ring, who)) }
            case .nobody: tell(.nobody(ring))
            case .left: tell(.left(ring))
            }
        }
    }

    private func endpoint(of dialog: DialogID) -> (any SIPEndpoint)? {
        switch house.rung[dialog]?.way {
        case .door(let number): house.doors[number]?.endpoint
        case .account(let number): account(numbered: number)?.endpoint
        case nil: nil
        }
    }
}

extension RungPhone {
    fileprivate init(
        _ ring: UInt64,
        _ who: AudioSpec,
        _ way: Way,
        _ socket: RTPSocket,
        _ own: SDPDescription,
        _ encryption: SIPSettings.Encryption = .optional
    ) {
        self.init(
            ring: ring,
            who: who,
            way: way,
            socket: socket,
            encryption: encryption,
            offered: own.crypto.first
        )
    }
}
