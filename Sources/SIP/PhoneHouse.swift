/// The phones as the agent keeps them.
struct PhoneHouse {
    /// An open address, or one that closes.
    struct Door {
        var options: EndpointOptions
        var endpoint: any SIPEndpoint
        var isClosing = false

        /// `udp` or `tcp`.
        var transport: String { options.address.hasSuffix("=tcp") ? "tcp" : "udp" }
    }

    var doors: [Int: Door] = [:]
    var lastDoor = 0
    var gate = PhoneGate(at: .now)
    var registrar = Registrar()
    var knocks = KnockCounter()
    /// Whether a line is free for a call.
    var isFree = false
    /// The phones that ring, or have taken a call, by their dialogs.
    var rung: [DialogID: RungPhone] = [:]
    /// The calls that ring there, by the numbers that they were begun with.
    var rings: [UInt64: RingGroup] = [:]
    /// The calls that phones make, by their dialogs.
    var calls: [DialogID: HouseCall] = [:]
}
