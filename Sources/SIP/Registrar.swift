/// Where the phones are: what they have registered, for how long.
///
/// Without I/O; the time is handed in.
struct Registrar {
    /// A place at which a phone can be called.
    struct Binding: Hashable {
        /// The URI that the phone wants to be called by.
        var contact: String
        /// Where it came from, and is sent to: through a NAT its contact leads nowhere.
        var source: RequestSource
        /// The address of the house to which it came, and from which it is called: a NAT lets no other one through.
        var door: String
        var end: ContinuousClock.Instant
        var callID: String
        var sequence: UInt32
        var userAgent: String?
    }

    /// What REGISTER asks for, of a phone that has proved itself.
    struct Order {
        /// The URI of the contact, `*` for all; nil where only a look is wanted.
        var contact: String?
        /// How many seconds it is to hold; 0 takes it away, nil leaves it to us.
        var expires: Int?
        var source: RequestSource
        /// The address of the house to which it came.
        var door: String
        var callID: String
        var sequence: UInt32
        var userAgent: String?
    }

    /// How it is answered.
    enum Answer: Equatable {
        /// The places that hold now, with their seconds.
        case bound([(contact: String, expires: Int)], isNews: Bool)
        /// An older order than the last one (RFC 3261 §10.3, step 7).
        case outdated
        /// `*` with a time, or a contact that is too long.
        case wrong

        static func == (one: Self, other: Self) -> Bool {
            switch (one, other) {
            case (.bound(let a, let x), .bound(let b, let y)):
                a.map(\.contact) == b.map(\.contact) && a.map(\.expires) == b.map(\.expires) && x == y
            case (.outdated, .outdated), (.wrong, .wrong): true
            default: false
            }
        }
    }

    /// What holds without a word of the phone, and the most that it may want.
    static let longest = 3600
    /// Places of one phone; a further one takes the place of the oldest.
    static let mostPlaces = 4

    private(set) var bindings: [String: [Binding]] = [:]

    mutating func take(_ order: Order, of phone: String, at now: ContinuousClock.Instant) -> Answer {
        let before = places(of: phone, at: now)
        var places = before
        let seconds = min(max(0, order.expires ?? Self.longest), Self.longest)
        switch order.contact {
        case nil: break
        case "*":
            guard order.expires == 0 else { return .wrong }
            places = []
        case let contact?:
            guard contact.utf8.count <= 512 else { return .wrong }
            if let known = places.first(where: { $0.contact == contact }), known.callID == order.callID,
                order.sequence <= known.sequence
            {
                return .outdated
            }
            places.removeAll { $0.contact == contact }
            guard seconds > 0 else { break }
            if places.count >= Self.mostPlaces { places.removeFirst() }
            places.append(
                Binding(
                    contact: contact,
                    source: order.source,
                    door: order.door,
                    end: now + .seconds(seconds),
                    callID: order.callID,
                    sequence: order.sequence,
                    userAgent: order.userAgent
                )
            )
        }
        bindings[phone] = places.isEmpty ? nil : places
        let isNews = before.isEmpty != places.isEmpty
        return .bound(places.map { ($0.contact, Int((($0.end - now) / .seconds(1)).rounded(.up))) }, isNews: isNews)
    }

    /// The places of a phone that hold, the oldest first.
    func places(of phone: String, at now: ContinuousClock.Instant) -> [Binding] {
        (bindings[phone] ?? []).filter { $0.end > now }
    }

    /// Whether a phone is registered from an address.
    func isPlace(_ address: String, at now: ContinuousClock.Instant) -> Bool {
        bindings.values.contains { $0.contains { $0.source.address == address && $0.end > now } }
    }

    /// Forgets what has lapsed.
    ///
    /// - Returns: the phones that can't be reached any more.
    mutating func expire(at now: ContinuousClock.Instant) -> [String] {
        var gone: [String] = []
        for (phone, places) in bindings where places.contains(where: { $0.end <= now }) {
            let left = places.filter { $0.end > now }
            bindings[phone] = left.isEmpty ? nil : left
            if left.isEmpty { gone.append(phone) }
        }
        return gone.sorted()
    }

    /// When the next place lapses; nil for none.
    var nextEnd: ContinuousClock.Instant? { bindings.values.joined().map(\.end).min() }

    /// Forgets phones that are not configured any more.
    mutating func keep(_ phones: Set<String>) { bindings = bindings.filter { phones.contains($0.key) } }
}
