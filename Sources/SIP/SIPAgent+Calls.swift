package import CallModel
internal import Logging
internal import RTPMedia

// Calls that phones make.
extension SIPAgent {
    /// Calls of all phones at once, and of one; a further one is refused as busy.
    static let mostCalls = 32
    static let mostCallsOfPhone = 4
    static let mostCallsOfTrunk = 24

    /// The target is being rung.
    package func ring(_ id: UInt64) {
        guard let call = house.calls[id], call.phase == .asking else { return }
        house.calls[id]?.phase = .ringing
        endpoint(of: call)?.respond(id, SIPAnswer(status: 180))
    }

    /// Opens the way of the sound, before the answer where that is not there yet: what the network says is heard then.
    ///
    /// - Returns: where the sound is, once; nil where the call is over meanwhile.
    package func open(_ id: UInt64) async -> RTPSound? {
        guard let call = house.calls[id], call.phase != .ending, let endpoint = endpoint(of: call) else { return nil }
        guard call.offer != nil else {
            // It says where it wants its sound when it has heard our answer, which is given meanwhile.
            await withCheckedContinuation { waiting in
                if house.calls[id] == nil { waiting.resume() } else { house.calls[id]?.waiting.append(waiting) }
            }
            guard let call = house.calls[id], call.phase == .answered, let offer = call.offer else { return nil }
            return call.socket.sound(toward: offer, anew: true)
        }
        if call.phase != .answered {
            house.calls[id]?.phase = .ringing
            endpoint.respond(id, SIPAnswer(status: 183, sdp: call.answer))
        }
        return call.offer.flatMap { call.socket.sound(toward: $0, anew: true) }
    }

    /// The target has answered.
    package func answer(_ id: UInt64) {
        guard let call = house.calls[id], call.phase == .asking || call.phase == .ringing else { return }
        house.calls[id]?.phase = .answered
        endpoint(of: call)?.respond(id, SIPAnswer(status: 200, sdp: call.answer))
    }

    /// The call is over, or never comes about.
    ///
    /// - Parameter refusal: what the phone is told where it was not answered.
    package func end(_ id: UInt64, _ refusal: CallRefusal) {
        guard let call = house.calls[id], call.phase != .ending, let endpoint = endpoint(of: call) else { return }
        house.calls[id]?.phase = .ending
        let reason = refusal.cause.map { "Q.850;cause=\($0)" }
        if call.phase == .answered { return endpoint.hangUp(id, reason: reason) }
        let answer = SIPAnswer(
            status: refusal.status,
            phrase: refusal.phrase,
            retryAfter: refusal.retryAfter.map { "\($0)" },
            reason: reason
        )
        endpoint.respond(id, answer)
    }

    private func endpoint(of call: HouseCall) -> (any SIPEndpoint)? { house.doors[call.door]?.endpoint }

    /// Whether the phone still wants the call.
    package func isWanted(_ id: UInt64) -> Bool { house.calls[id].map { $0.phase != .ending } ?? false }

    // MARK: What phones say

    /// Takes a call of a phone, or answers why not.
    func invited(_ dialog: DialogID, _ request: SIPRequest, at door: Int, by caller: HouseCaller) -> SIPAnswer? {
        guard let dialled = request.target.flatMap(Self.number) else {
            return SIPAnswer(status: 484)
        }
        let call: PhoneCall
        do throws(CodeRefusal) { call = try self.call(dialog, dialled, by: caller) } catch {
            log.info("\(caller): a call is refused before it begins: \(error.phrase)")
            return SIPAnswer(status: 404, phrase: error.phrase)
        }
        if let refusal = refusal(of: caller, call.number) { return refusal }
        let codecs = codecs(of: caller)
        let offer = request.sdp.flatMap { SDPDescription($0)?.limited(to: codecs) }
        guard request.sdp == nil || offer.map({ $0.port > 0 }) ?? false else { return SIPAnswer(status: 488) }
        guard let socket = RTPSocket(toward: request.source.address, from: house.doors[door]?.own) else {
            return SIPAnswer(status: 503, retryAfter: "10")
        }
        socket.source = request.source.address
        house.calls[dialog] = HouseCall(call: call, door: door, offer: offer, socket: socket)
        letIn(socket.source)
        house.calls[dialog]?.callID = request.callID
        house.calls[dialog]?.codecs = codecs
        house.doors[door]?.endpoint.keep(dialog)
        log.info("\(caller): a call begins")
        tell(.call(call))
        return nil
    }

    /// Why a call is one too many; a call for help from a phone never is.
    private func refusal(of caller: HouseCaller, _ number: String) -> SIPAnswer? {
        let calls = house.calls.values.count { $0.call.caller == caller }
        switch caller {
        case .phone:
            if settings.isHelp(number) { return nil }
            guard calls < Self.mostCallsOfPhone else { return SIPAnswer(status: 486) }
        case .trunk: guard calls < Self.mostCallsOfTrunk else { return SIPAnswer(status: 503, retryAfter: "10") }
        }
        return house.calls.count < Self.mostCalls ? nil : SIPAnswer(status: 503, retryAfter: "10")
    }

    /// The phone does not want the call any more.
    func gone(_ dialog: DialogID) {
        guard let call = house.calls[dialog], call.phase != .ending else { return }
        house.calls[dialog]?.phase = .ending
        tell(.callGone(call.call))
    }

    /// Nothing more comes of a dialog.
    func over(_ dialog: DialogID) {
        gone(dialog)
        let call = house.calls.removeValue(forKey: dialog)
        house.transfers.remove(dialog)
        for waiting in call?.waiting ?? [] { waiting.resume() }
        closeRetired()
    }

    private func codecs(of caller: HouseCaller) -> [RTPCodec] {
        if case .phone(let name) = caller { codecs(of: AudioSpec.phone(name)) } else { [] }
    }

    /// Our answer was acknowledged; where the offer was ours, this answers it.
    func acknowledged(_ dialog: DialogID, _ text: String?) {
        guard let call = house.calls[dialog], call.phase == .answered else { return }
        // We offer phones no key there.
        let described = text.flatMap { SDPDescription($0) }
            .flatMap { SIPSettings.Encryption.optional.taking(answer: $0, to: nil) }
        if let described { take(described, dialog, call) }
        for waiting in call.waiting { waiting.resume() }
        house.calls[dialog]?.waiting = []
        guard house.calls[dialog]?.offer == nil else { return }
        // Nobody would hear anything, and the call costs on.
        log.notice("\(call.call.caller) has not said where it wants its sound: its call is ended")
        endpoint(of: call)?.hangUp(dialog, reason: "Q.850;cause=88")
        gone(dialog)
    }

    /// Takes where a phone wants its sound from now on.
    private func take(_ other: SDPDescription, _ dialog: DialogID, _ call: HouseCall) {
        guard other.port > 0, call.offer != nil || other.address != "0.0.0.0" else { return }
        house.calls[dialog]?.offer = other.placed(like: call.offer)
        call.socket.speaks(to: other)
        if let before = call.offer, other.hasMoved(since: before) { tell(.moved(.call(dialog))) }
        guard other.isHold != call.isHeld else { return }
        house.calls[dialog]?.isHeld = other.isHold
        tell(.held(.call(dialog), other.isHold))
    }

    /// The media of a call that is up are asked for anew, in another place, held, or resumed.
    func renewed(_ dialog: DialogID, _ request: SIPRequest) -> SIPAnswer {
        guard let call = house.calls[dialog] else { return SIPAnswer(status: 481) }
        guard call.phase == .answered else { return .early }
        let offer = request.sdp.flatMap { SDPDescription($0)?.limited(to: call.codecs) }
        guard request.sdp == nil || offer != nil else { return SIPAnswer(status: 488) }
        house.calls[dialog]?.version += 1
        if let offer { take(offer, dialog, call) }
        return SIPAnswer(status: 200, sdp: call.described(offer, version: call.version + 1))
    }

    /// Takes a digit that was keyed at the far end of any call, and said in a message.
    func keyed(_ dialog: DialogID, _ digit: Character) {
        let socket = house.calls[dialog]?.socket ?? house.rung[dialog]?.socket ?? lines[dialog]?.socket
        socket?.said.say(digit)
    }

    /// Asks whether a phone still has its call.
    package func probe(_ id: UInt64) {
        guard let call = house.calls[id], call.phase == .answered else { return }
        endpoint(of: call)?.probe(id)
    }

    /// The phone has no such call any more, or does not answer: it costs on all the same.
    func probed(_ dialog: DialogID, status: Int) {
        guard status == 481 || status == 408, house.calls[dialog]?.phase == .answered else { return }
        log.notice("a phone does not answer any more: its call is ended")
        house.calls[dialog].flatMap { endpoint(of: $0) }?.hangUp(dialog, reason: nil)
        gone(dialog)
    }

    /// The number in the user of a URI: what can stand on a dial pad, percent signs undone (RFC 3261 §19.1.2).
    static func number(_ user: String) -> String? {
        // What stands behind a semicolon are parameters (RFC 3966, `phone-context`).
        guard let plain = Percent.undone(String(decoding: user.utf8.prefix(128), as: UTF8.self).prefix { $0 != ";" })
        else {
            return nil
        }
        var bytes = Array(plain.utf8)
        // DECT bases send the key that ends a number with it.
        if bytes.count > 1, bytes.last == UInt8(ascii: "#"),
            !bytes.dropLast().contains(where: { "*#".utf8.contains($0) })
        {
            bytes.removeLast()
        }
        let known = bytes.allSatisfy { (0x30...0x39).contains($0) || "+*#-.() ".utf8.contains($0) }
        return known && bytes.contains { (0x30...0x39).contains($0) } ? String(decoding: bytes, as: UTF8.self) : nil
    }
}
