internal import CallModel
internal import Logging

// Transfers that phones ask for (RFC 3515, 5589): the other end of a call is given to another phone, to a number, or to the other
// end of a second call of the phone.
extension SIPAgent {
    /// Takes a wish, which is told of; how it goes is told by ``report(_:_:_:)``.
    func referred(_ dialog: DialogID, _ wish: SIPReferral) -> SIPAnswer {
        // 404 or 481 would end the whole call (RFC 5057 §5.1).
        guard let (leg, phone, source) = leg(dialog) else { return SIPAnswer(status: 603) }
        // No other address may send a call elsewhere, even one that has overheard its messages.
        guard wish.source == source else { return SIPAnswer(status: 403) }
        guard !house.transfers.contains(dialog) else { return SIPAnswer(status: 491) }
        let target: TransferWish.Target
        if let replaces = wish.replaces {
            guard let other = self.leg(of: phone, callID: replaces), other != leg else {
                return SIPAnswer(status: 603)
            }
            target = .leg(other)
        } else {
            guard let user = wish.user.flatMap({ Percent.undone($0) }) else { return SIPAnswer(status: 400) }
            if settings.phones.contains(where: { $0.name == user }) {
                target = .phone(user)
            } else if let number = Self.number(user) {
                target = .number(number)
            } else {
                return SIPAnswer(status: 603)
            }
        }
        house.transfers.insert(dialog)
        log.info("phone:\(phone): a call is to be transferred")
        tell(.transfer(TransferWish(dialog: dialog, leg: leg, phone: phone, target: target)))
        return SIPAnswer(status: 202)
    }

    /// Tells a phone how a transfer goes; it is over with a status from 200 on.
    package func report(_ dialog: UInt64, _ status: Int, _ phrase: String) {
        guard house.transfers.contains(dialog) else { return }
        if status >= 200 { house.transfers.remove(dialog) }
        endpoint(ofPhone: dialog)?.notify(dialog, "SIP/2.0 \(status) \(phrase)\r\n", isLast: status >= 200)
    }

    /// A phone's end of a call, by its dialog, with the phone and the address that it calls from; nil where there is none.
    private func leg(_ dialog: DialogID) -> (PhoneLeg, phone: String, source: String?)? {
        if let call = house.calls[dialog], call.phase == .answered, case .phone(let name) = call.call.caller {
            // Where the box itself speaks there is nobody to be given away.
            guard !call.call.asksStatus else { return nil }
            return (.call(dialog), name, call.socket.source)
        }
        guard let phone = house.rung[dialog], case .phone(let name) = phone.who,
            house.rings[phone.ring]?.winner == dialog
        else { return nil }
        return (.ring(phone.ring), name, phone.socket.source)
    }

    /// A phone's end of another call.
    private func leg(of phone: String, callID: String) -> PhoneLeg? {
        let dialogs =
            house.calls.filter { $0.value.callID == callID }.map(\.key)
            + house.rung.filter { $0.value.callID == callID }.map(\.key)
        return dialogs.lazy.compactMap { self.leg($0) }.first { $0.phone == phone }?.0
    }

    private func endpoint(ofPhone dialog: DialogID) -> (any SIPEndpoint)? {
        let door: Int? =
            if let call = house.calls[dialog] {
                call.door
            } else if case .door(let number) = house.rung[dialog]?.way {
                number
            } else {
                nil
            }
        return door.flatMap { house.doors[$0]?.endpoint }
    }
}
