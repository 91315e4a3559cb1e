internal import GatewayAPI

extension TokenGate.Right {
    /// The state of the box as this right may see it: for looking, without whom it talks with and whose SIMs it has.
    func shown(_ status: GatewayStatus) -> GatewayStatus {
        guard self == .looking else { return status }
        var status = status
        for index in status.calls.indices {
            status.calls[index].target = nil
            status.calls[index].number = nil
            status.calls[index].name = nil
        }
        status.modems = shown(status.modems)
        return status
    }

    /// The modems as this right may see them.
    func shown(_ modems: [ModemStatus]) -> [ModemStatus] {
        guard self == .looking else { return modems }
        return modems.map { modem in
            var modem = modem
            modem.iccid = nil
            modem.imsi = nil
            modem.number = nil
            return modem
        }
    }
}
