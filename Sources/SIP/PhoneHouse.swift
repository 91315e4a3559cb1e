/// The phones as the agent keeps them.
struct PhoneHouse {
    /// An open address, or one that closes.
    struct Door {
        var options: EndpointOptions
        var endpoint: any SIPEndpoint
        var isClosing = false
        /// Whether it is not wanted any more, and waits for the end of its calls.
        var isRetiring = false

        /// Whether it has another certificate than it should, and is opened anew behind its last call.
        var isOutdated = false

        /// `udp`, `tcp` or `tls`.
        var transport: String { String(options.address.suffix(3)) }
    }

    var doors: [Int: Door] = [:]
    var lastDoor = 0
    /// Whether no door is opened any more.
    var isOver = false
    /// When doors that could not be opened are tried again; nil where all are open.
    var nextTry: ContinuousClock.Instant?
    /// The addresses of which that was told.
    var toldClosed: Set<String> = []
    var gate = PhoneGate(at: .now)
    var registrar = Registrar()
    var knocks = KnockCounter()
    /// The addresses of this machine.
    var own = OwnAddresses()
    /// Whether a line is free for a call.
    var isFree = false
    /// The phones that ring, or have taken a call, by their dialogs.
    var rung: [DialogID: RungPhone] = [:]
    /// The calls that ring there, by the numbers that they were begun with.
    var rings: [UInt64: RingGroup] = [:]
    /// The dialogs in which a transfer is under way.
    var transfers: Set<DialogID> = []
    /// The calls that phones make, by their dialogs.
    var calls: [DialogID: HouseCall] = [:]
}
