package import CallLog
internal import FoundationEssentials
package import GatewayAPI
package import Lines
package import Logging
package import Modem
internal import Synchronization

/// The messages and the USSD of all modems: taken in, sent, told.
///
/// What is received is on the disk before it is deleted on a card; what is sent is on the disk before a modem gets it, and
/// never given to one twice. None of it keeps a call: leases are of class *message*, and each command lets a ring pass.
package actor MessageDesk {
    /// What it works with.
    package struct Tools: Sendable {
        var fleet: ModemFleet
        var log: CallLogWriter
        var balances: BalanceBook
        var logger: Logger
        /// The name of a number in international format.
        var name: @Sendable (String) -> String?
        /// Tells everybody.
        var tell: @Sendable (any GatewayEvent) -> Void
        /// Takes what a message of a listed number asks for, once.
        var order: @Sendable (MessageOrder) -> Void
        /// Today, and the first day of the month, as ``OutgoingRecord`` counts them.
        var today: @Sendable () -> (today: Int, firstOfMonth: Int)

        /// Puts them together.
        package init(
            fleet: ModemFleet,
            log: CallLogWriter,
            balances: BalanceBook = BalanceBook(),
            logger: Logger,
            name: @escaping @Sendable (String) -> String?,
            tell: @escaping @Sendable (any GatewayEvent) -> Void,
            order: @escaping @Sendable (MessageOrder) -> Void = { _ in },
            today: @escaping @Sendable () -> (today: Int, firstOfMonth: Int)
        ) {
            self.fleet = fleet
            self.log = log
            self.balances = balances
            self.logger = logger
            self.name = name
            self.tell = tell
            self.order = order
            self.today = today
        }
    }

    /// A modem, as far as messages are concerned.
    struct Box {
        var session: ModemSession
        /// What the fleet knows it by.
        var reference: String
        var name: String?
        /// The card.
        var sim: String
        /// Its stores; nil before it was set up for messages.
        var stores: [String]?
        /// Whether there may be something in them.
        var isWaiting = true
        var fetching: Task<Void, Never>?
    }

    /// Something that a modem said.
    private struct Item: Sendable {
        var key: ObjectIdentifier
        var news: MessageNews
    }

    /// How many messages are taken off cards within an hour; what is more waits there, and behind it at the network.
    static let mostPerHour = 1000
    /// The most news that wait: modems that hand messages over directly say one at a time.
    private static let mostNews = 4096
    /// After how many turns stores are looked into although nothing was said.
    private static let looksEvery = 60
    /// How often is looked whether a balance is due, in seconds.
    private static let turnsEvery: Duration = .seconds(10)

    let tools: Tools
    var settings: MessageSettings
    var boxes: [ObjectIdentifier: Box] = [:]
    var isStopping = false
    /// When messages were taken off cards within the last hour.
    var takenAt: [ContinuousClock.Instant] = []
    /// Reports whose message is not written down yet.
    var pendingReports: [PendingReport] = []
    /// Messages that are being sent.
    var sending: [UUID: Task<Void, Never>] = [:]
    /// What settles what an earlier run left open, once and before anything is sent.
    var recovery: Task<Void, Never>?
    /// The last balance of each modem, and when it was asked for.
    var balances: [String: StoredBalance] = [:]
    /// Modems whose balance was asked for by a message, and until when its answer is one.
    var asked: [String: ContinuousClock.Instant] = [:]
    /// Sessions of USSD.
    var services: [UUID: ServiceSession] = [:]
    /// Sessions that were ended before they had a modem: the latest 16.
    var endedEarly: [UUID] = []

    private let items: AsyncStream<Item>
    private nonisolated let item: AsyncStream<Item>.Continuation

    /// Creates a desk; ``run()`` has it work.
    package init(_ tools: Tools, settings: MessageSettings) {
        self.tools = tools
        self.settings = settings
        (items, item) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostNews))
    }

    /// Takes other settings.
    package func configure(_ settings: MessageSettings) { self.settings = settings }

    /// Works until ``stop()``.
    package func run() async {
        await recovered()
        await loadBalances()
        await keepUp()
        let looks = Task { [weak self] in
            var turns = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.turnsEvery)
                turns += 1
                if turns % Self.looksEvery == 0 { await self?.lookEverywhere() }
                await self?.askForBalances()
            }
        }
        for await item in items { await take(item.news, key: item.key) }
        looks.cancel()
        // A part on its way gets some time; what it is then, the next start says.
        for _ in 0..<100 where !sending.isEmpty { try? await Task.sleep(for: .milliseconds(100)) }
        for box in boxes.values { await box.fetching?.value }
    }

    /// Ends it: what is on its way is waited for, nothing new is begun.
    package func stop() {
        isStopping = true
        for box in boxes.values { box.fetching?.cancel() }
        for id in services.keys { endSession(id, "the service is stopping") }
        item.finish()
    }

    /// A modem was set up: from here on its messages are taken; may be called from the fleet's loop.
    package nonisolated func watch(_ session: ModemSession, _ status: LineStatus) {
        Task { [weak self] in await self?.attach(session, status) }
    }

    private func attach(_ session: ModemSession, _ status: LineStatus) async {
        guard !isStopping else { return }
        let key = ObjectIdentifier(session)
        let identity = await session.identity
        guard let reference = status.name ?? identity.imei ?? status.tty else { return }
        let sim = identity.imsi ?? identity.iccid ?? reference
        // A session of before, of the same modem, is closed.
        boxes = boxes.filter { $0.key == key || $0.value.reference != reference }
        let fetching = boxes[key]?.fetching
        boxes[key] = Box(session: session, reference: reference, name: status.name, sim: sim, fetching: fetching)
        await session.watchMessages { [item] news in _ = item.yield(Item(key: key, news: news)) }
        lookInto(key)
    }

    private func take(_ news: MessageNews, key: ObjectIdentifier) async {
        guard let box = boxes[key] else { return }
        switch news {
        case .stored:
            boxes[key]?.isWaiting = true
            lookInto(key)
        case .direct(let octets): _ = await store(octets, of: box)
        case .service(let text): heard(text, of: key, box)
        }
    }

    private func lookEverywhere() {
        for key in boxes.keys {
            boxes[key]?.isWaiting = true
            lookInto(key)
        }
    }
}

/// A note between a lease and the one who is told to give it back.
final class PreemptionFlag: Sendable {
    private let state = Mutex(false)

    var isSet: Bool { state.withLock { $0 } }

    func set() { state.withLock { $0 = true } }
}
