internal import CallModel

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

        /// The numeric address, IPv6 without its brackets.
        private var host: String { SIPAddress(options.address).map { RequestSource.canonical($0.host) } ?? "" }
        /// The address of ours that what goes out by it bears; nil where it listens at all.
        var own: String? { ["", "0.0.0.0", "::"].contains(host) ? nil : host }
        var isIPv6: Bool { host.contains(":") }
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
    /// The latest call that each phone has made, by its name: one for each that is set up.
    var latest: [String: PhoneCall] = [:]

    /// The door by which an address is called, with a socket for the sound at the door's own address; nil where none leads there.
    ///
    /// - Parameters:
    ///   - known: the address of the door to which it came last, which goes before all others.
    ///   - orAnywhere: whether the address may be a name.
    func way(
        to host: String,
        over transport: String,
        by known: String? = nil,
        orAnywhere: Bool = false
    ) -> (door: Int, endpoint: any SIPEndpoint, socket: RTPSocket)? {
        func rank(_ number: Int, _ door: Door) -> (Int, Int, Int, Int) {
            let isKnown = door.options.address == known
            let isNear = door.isIPv6 == host.contains(":")
            return (isKnown ? 0 : 1, isNear ? 0 : 1, door.isRetiring ? 1 : 0, number)
        }
        let fitting = doors.filter { !$0.value.isClosing && $0.value.transport == transport }
        for (number, door) in fitting.sorted(by: { rank($0.key, $0.value) < rank($1.key, $1.value) }) {
            let socket = RTPSocket(toward: host, from: door.own, orAnywhere: orAnywhere)
            if let socket { return (number, door.endpoint, socket) }
        }
        return nil
    }
}
