extension SimulatedPBX {
    /// How the PBX is set up.
    package struct Settings: Sendable, Equatable {
        /// The numbers whose callers from outside are held.
        package var holdingNumbers: [String]
        /// The number that modems see when they are rung for a held caller.
        package var ringFrom: String
        /// The number that modems see when they are called back.
        package var callbackFrom: String
        /// The modem that is rung for a held caller, and called back when none is named; nil rings none for held
        /// callers.
        package var modem: Int?
        /// From the request, or from the arrival of a caller, until the modem is rung.
        package var ringDelay: Duration
        /// How long a modem is rung.
        package var ringTime: Duration
        /// What goes wrong with the rings.
        package var ringFault: RingFault?
        /// How long a caller is held for a claim.
        package var holdTime: Duration
        /// How long an announced or claiming call is waited for.
        package var ticketTime: Duration
        /// How a call that was announced, or that fetches a held caller, is known.
        package var recognition: Recognition
        /// Where such a call arrives, unless each has a number of its own.
        package var accessNumber: String
        /// The numbers that are given out one by one with ``Recognition/number``; who calls one unexpected is turned
        /// away.
        package var pool: [String]
        /// Whether the call of a modem that was rung for the only held caller fetches that caller without a claim.
        package var joinsUnclaimed: Bool
        /// Whether two requests with one key are one.
        package var honoursKeys: Bool
        /// Whether held callers, and calls that were not announced, are left to an application: it rings, joins and
        /// hangs up.
        package var asksApplication: Bool

        /// Makes the settings of a PBX that can do everything; the numbers are those that ``SimulatedNetwork/standard``
        /// has or leaves free.
        package init() {
            holdingNumbers = ["+4922166966950"]
            ringFrom = "+4922166966960"
            callbackFrom = "+4922166966961"
            modem = 0
            ringDelay = .milliseconds(500)
            ringTime = .seconds(25)
            ringFault = nil
            holdTime = .seconds(30)
            ticketTime = .seconds(45)
            recognition = .caller
            accessNumber = "+4922166966966"
            pool = ["+4922166966991", "+4922166966992", "+4922166966993"]
            joinsUnclaimed = false
            honoursKeys = true
            asksApplication = false
        }
    }

    /// How the PBX knows which of the expected calls has arrived.
    package enum Recognition: String, Sendable, CaseIterable {
        /// By the caller's number.
        case caller
        /// By digits that the caller sends, ended by `#`.
        case token
        /// By the called number, which is another one for each.
        case number
    }

    /// What can go wrong with a ring.
    package enum RingFault: Sendable, Equatable {
        /// It never comes.
        case never
        /// The modem sees another number.
        case elsewhere(from: String)
        /// It comes later by so much.
        case late(Duration)
    }
}
