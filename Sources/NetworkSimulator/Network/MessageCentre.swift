/// The service centre for short messages, and how it behaves.
package struct MessageCentre: Sendable, Equatable {
    /// From the text to the modem's word that the network has it.
    package var delay = Duration.milliseconds(300)
    /// From there to the report of the delivery.
    package var reportDelay = Duration.milliseconds(700)
    /// Numbers that never get a message; the report says so.
    package var unreachable: Set<String> = []
    /// Numbers for which the network refuses a message (`+CMS ERROR: 38`).
    package var refused: Set<String> = []
    /// Whether each message for a modem comes twice, as after a lost acknowledgement.
    package var sendsTwice = false
    /// The time at the world's first instant, in seconds since 1970.
    package var epoch: Int64 = 1_795_953_600

    /// The most that wait for a modem that can't take them.
    package static let mostHeld = 1000

    package var references = 0
    /// What waits for a modem that is not reachable, or has no place left.
    package var held: [Int: [[UInt8]]] = [:]
    /// What the network has taken, oldest first; bounded.
    package var taken: [TakenMessage] = []

    /// Makes a centre that works.
    package init() {}
}

/// A part of a message that the network has taken from a modem.
package struct TakenMessage: Sendable, Equatable {
    /// Which modem sent it.
    package let modem: Int
    /// Where it goes.
    package let number: String
    /// The text of this part.
    package let text: String
    /// Which part it is, from 1.
    package let place: Int
    /// Of how many.
    package let count: Int
    /// What the parts of one message have in common; nil for one of a single part.
    package let reference: Int?

    package init(modem: Int, number: String, text: String, place: Int, count: Int, reference: Int?) {
        (self.modem, self.number, self.text) = (modem, number, text)
        (self.place, self.count, self.reference) = (place, count, reference)
    }
}

/// The places for messages on a card or in a modem (3GPP TS 27.005 clause 3.2.2).
package struct MessageStore: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        /// 0 received and unread, 1 received and read (27.005 clause 3.1).
        package var state: Int
        /// The number of the service centre and the message.
        package var octets: [UInt8]
    }

    package var entries: [Int: Entry] = [:]
    package var places: Int
    package let first: Int

    package init(places: Int, first: Int) {
        self.places = places
        self.first = first
    }

    /// Stores one in the lowest free place; nil when all are taken.
    package mutating func store(_ octets: [UInt8]) -> Int? {
        guard entries.count < places, let place = (first..<(first + places)).first(where: { entries[$0] == nil }) else {
            return nil
        }
        entries[place] = Entry(state: 0, octets: octets)
        return place
    }
}
