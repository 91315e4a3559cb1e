/// The phones that ring for one call, without I/O: the first to answer has it, the others stop.
///
/// | a dialog | answers | fails or ends | all are stopped |
/// |---|---|---|---|
/// | ringing, nobody has taken the call | taken, the others cancelled as answered elsewhere | gone; nobody, if it was the last | cancelled |
/// | ringing, another has taken it | hung up | gone | – |
/// | has taken it | – | left | hung up |
struct RingGroup {
    /// What is to be done.
    enum Step: Hashable {
        case cancel(DialogID, isElsewhere: Bool)
        case hangUp(DialogID)
        /// This one has the call.
        case taken(DialogID)
        /// Nobody rings any more.
        case nobody
        /// Who had the call has hung up.
        case left
    }

    private(set) var ringing: Set<DialogID>
    private(set) var winner: DialogID?
    private var isStopped = false

    /// Begins with the phones that ring.
    init(_ ringing: Set<DialogID>) { self.ringing = ringing }

    /// Whether more may ring beside those who do: nobody has taken the call, and it is wanted.
    var isOpen: Bool { winner == nil && !isStopped }

    /// Whether nothing more comes of it.
    var isOver: Bool { ringing.isEmpty && winner == nil }

    mutating func answered(_ dialog: DialogID) -> [Step] {
        guard ringing.remove(dialog) != nil else { return [] }
        // It was quicker than our word that it shall stop.
        guard winner == nil, !isStopped else { return [.hangUp(dialog)] }
        winner = dialog
        return [.taken(dialog)] + ringing.sorted().map { .cancel($0, isElsewhere: true) }
    }

    mutating func ended(_ dialog: DialogID) -> [Step] {
        if winner == dialog {
            (winner, isStopped) = (nil, true)
            return [.left]
        }
        guard ringing.remove(dialog) != nil, ringing.isEmpty, winner == nil, !isStopped else { return [] }
        return [.nobody]
    }

    /// The call is over, or nobody is wanted any more.
    ///
    /// - Parameter isElsewhere: whether one who does not ring here has answered it.
    mutating func stop(isElsewhere: Bool = false) -> [Step] {
        defer { (winner, isStopped) = (nil, true) }
        return (winner.map { [.hangUp($0)] } ?? []) + ringing.sorted().map { .cancel($0, isElsewhere: isElsewhere) }
    }
}
