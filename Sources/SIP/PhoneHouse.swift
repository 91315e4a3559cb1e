/// The phones as the agent keeps them.
struct PhoneHouse {
    /// An open address, or one that closes.
    struct Door {
        var options: EndpointOptions
        var endpoint: any SIPEndpoint
        var isClosing = false
    }

    var doors: [Int: Door] = [:]
    var lastDoor = 0
    var gate = PhoneGate(at: .now)
    var registrar = Registrar()
    var knocks = KnockCounter()
    /// Whether a line is free for a call.
    var isFree = false
    /// The calls that phones make, by their dialogs.
    var calls: [DialogID: HouseCall] = [:]
}
