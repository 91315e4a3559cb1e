internal import CallFlows
internal import CallModel
internal import DialPlan
internal import Settings

// What the sound of a call asks of how it is made.
extension DialScript {
    /// The modems that it must not take: the one that its second call needs; help takes any.
    var keptFree: [String] { order.route.isEmergency ? [] : [order.second?.order.modem].compactMap(\.self) }

    /// The key that the other side has to press: as the call says, else as the PBX's entry does, whichever way the call came to it.
    func confirmation(on route: Route, _ tools: CallTools) -> OutgoingCallMachine.Confirmation? {
        if let named = order.confirmation { return named }
        guard !route.isEmergency, let entry = tools.configuration.pbx.first(where: { $0.name == route.pbx }) else {
            return nil
        }
        let keys: String? =
            switch route.method {
            case .callthrough: entry.callthrough?.confirm
            case .callback: entry.callback?.confirm
            case .direct, .internet, .reverse: nil
            }
        return keys.map { OutgoingCallMachine.Confirmation(digits: $0) }
    }
}
