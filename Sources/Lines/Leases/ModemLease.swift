package import Modem
internal import Synchronization

/// A modem that is lent: nothing else is done to it until it is given back.
///
/// A lease that is forgotten gives itself back, as one that left the modem in doubt.
package struct ModemLease: Sendable {
    /// Counts up; never used twice.
    package let id: UInt64
    /// The modem as it stood when it was taken.
    package let status: LineStatus
    /// Its session; closed when the modem vanishes.
    package let session: ModemSession
    /// The session's loop.
    package let loop: any ModemLoop

    private let end: End

    /// Gives the modem back when the last reference to the lease goes.
    private final class End: Sendable {
        private let giveBack: @Sendable (Bool) async -> Void
        private let isOver = Mutex(false)

        init(_ giveBack: @escaping @Sendable (Bool) async -> Void) { self.giveBack = giveBack }

        deinit {
            guard !isOver.withLock({ $0 }) else { return }
            Task { [giveBack] in await giveBack(false) }
        }

        func giveBack(clean: Bool) async {
            let isFirst = isOver.withLock { isOver in
                defer { isOver = true }
                return !isOver
            }
            if isFirst { await giveBack(clean) }
        }
    }

    init(
        id: UInt64,
        status: LineStatus,
        connection: ModemConnection,
        giveBack: @escaping @Sendable (Bool) async -> Void
    ) {
        self.id = id
        self.status = status
        session = connection.session
        loop = connection.loop
        end = End(giveBack)
    }

    /// Gives the modem back; only the first time counts.
    ///
    /// - Parameter clean: whether it is known to have no call; otherwise that is made sure of before it is lent
    ///   again.
    package func giveBack(clean: Bool) async {
        await end.giveBack(clean: clean)
    }
}
