// What a person orders.
extension SupervisedModem {
    static let switchedOff = "switched off by hand; 'gsmbridge modem NAME on' takes it into service again"

    /// Takes it out of service, or back; what is not there, stays away.
    func switchOff(_ isOff: Bool) {
        guard isSwitchedOff != isOff else { return }
        isSwitchedOff = isOff
        guard machine.state != .absent else { return }
        if isOff { handle(.appearedUnusable(Self.switchedOff)) } else { appear(at: place) }
    }
}
