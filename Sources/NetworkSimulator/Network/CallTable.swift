/// Every call of a world, live and past, with what the PBX knows about it.
package struct CallTable: Sendable {
    /// How many calls are remembered; an hour of constant calls on eight modems makes some 5,000.
    package static let limit = 16_384

    package private(set) var calls: [SimulatedCall] = []
    private var nextID = 1
    /// The dialogues of access numbers, by call.
    package var dialogues: [Int: AccessDialogue] = [:]

    package init() {}

    /// Adds a call and returns its number.
    package mutating func add(_ make: (Int) -> SimulatedCall) -> Int {
        let id = nextID
        nextID += 1
        calls.append(make(id))
        if calls.count > Self.limit, let oldest = calls.firstIndex(where: { !$0.isLive }) {
            calls.remove(at: oldest)
        }
        return id
    }

    /// The call with a number; setting one that is unknown does nothing.
    package subscript(id: Int) -> SimulatedCall? {
        get { index(of: id).map { calls[$0] } }
        set {
            guard let newValue, let index = index(of: id) else { return }
            calls[index] = newValue
        }
    }

    /// Numbers rise along the array, so that a call is found by bisection.
    private func index(of id: Int) -> Int? {
        var low = 0
        var high = calls.count
        while low < high {
            let middle = (low + high) / 2
            if calls[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < calls.count && calls[low].id == id ? low : nil
    }
}
