internal import CallModel
internal import Logging
internal import RTPMedia

/// A phone that rings for a call, or has taken it.
struct RungPhone {
    let ring: UInt64
    let phone: String
    /// The address from which it is called.
    let door: Int
    let socket: RTPSocket
    /// What it says of its sound, once it has answered.
    var answer: SDPDescription?
}

// Calls to people: the phones ring.
extension SIPAgent {
    /// Has phones ring, each at all of its places.
    ///
    /// - Parameters:
    ///   - ring: a number for it, which its news bear.
    ///   - number: who calls; nil where that is withheld.
    ///   - name: the caller's name, where the number is a contact's.
    /// - Returns: at how many places they ring; 0 where none can be reached.
    package func ring(_ phones: [String], as ring: UInt64, number: String?, name: String?) -> Int {
        var dialogs: Set<DialogID> = []
        for phone in phones {
            for place in house.registrar.places(of: phone, at: .now) {
                if let dialog = call(place, of: phone, ring, number: number, name: name) { dialogs.insert(dialog) }
            }
        }
        if !dialogs.isEmpty { house.rings[ring] = RingGroup(dialogs) }
        return dialogs.count
    }

    /// Has a ring stop, and hangs up who has taken the call.
    package func stop(ring: UInt64) {
        guard var group = house.rings[ring] else { return }
        let steps = group.stop()
        keep(group, ring)
        perform(steps, ring)
    }

    /// Where the sound of the phone is that has taken the call, once; nil where none has.
    package func sound(ofRing ring: UInt64) -> PhoneSound? {
        guard let winner = house.rings[ring]?.winner, let phone = house.rung[winner], let answer = phone.answer else {
            return nil
        }
        return PhoneSound(phone.socket, answer)
    }

    private func call(
        _ place: Registrar.Binding,
        of phone: String,
        _ ring: UInt64,
        number: String?,
        name: String?
    ) -> DialogID? {
        let door = house.doors.first { !$0.value.isClosing && $0.value.transport == place.source.transport }
        guard let door, let socket = RTPSocket(toward: place.source.address) else { return nil }
        let codecs = G711.allCases.map { SDPDescription.Codec($0) }
        let offer = SDPDescription(address: socket.address, port: socket.port, codecs: codecs, eventType: 101)
        let dialog = nextDialog()
        let order = InviteOrder(
            target: place.contact,
            caller: Self.caller(number, name, host: socket.address),
            route: place.source.route,
            sdp: offer.text(session: dialog, version: 1)
        )
        guard door.value.endpoint.invite(dialog, order) else { return nil }
        house.rung[dialog] = RungPhone(ring: ring, phone: phone, door: door.key, socket: socket)
        return dialog
    }

    /// Who calls, as displays show it; nothing but the number and the name gets in.
    static func caller(_ number: String?, _ name: String?, host: String) -> String {
        guard let number, SIPAddress.isUser(number) else { return "\"Anonymous\" <sip:anonymous@anonymous.invalid>" }
        let shown = (name ?? number).unicodeScalars
            .filter { $0.value >= 0x20 && $0 != "\"" && $0 != "\\" && $0.value != 0x7F }
        return "\"\(String(String.UnicodeScalarView(shown.prefix(64))))\" <\(SIPAddress(user: number, host: host))>"
    }

    // MARK: What phones say

    func answered(_ dialog: DialogID, _ answer: InviteAnswer) {
        guard let phone = house.rung[dialog], var group = house.rings[phone.ring] else { return }
        if let described = answer.sdp.flatMap({ SDPDescription($0) }) { house.rung[dialog]?.answer = described }
        let steps: [RingGroup.Step] =
            switch answer.status {
            case 200..<300: group.answered(dialog)
            case 300...: group.ended(dialog)
            default: []
            }
        keep(group, phone.ring)
        perform(steps, phone.ring)
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
                log.info("phone \(house.rung[dialog]?.phone ?? "-"): takes the call")
                tell(.taken(ring))
            case .nobody: tell(.nobody(ring))
            case .left: tell(.left(ring))
            }
        }
    }

    private func endpoint(of dialog: DialogID) -> (any SIPEndpoint)? {
        house.rung[dialog].flatMap { house.doors[$0.door]?.endpoint }
    }
}
