package import CallLog
internal import FoundationEssentials
package import GatewayAPI
package import Logging
internal import ServiceLifecycle
internal import Synchronization
package import WebRequests

/// Sends the events to the configured URLs as signed Standard Webhooks, each URL's in order, until they are taken.
///
/// The publisher of an event waits for nothing: the event is put into a queue in memory, and a task of its own writes
/// it down, so that it survives a restart. Each goes out at least once, always under the same `webhook-id`.
package final class WebhookSender: Service {
    /// Makes what carries requests to a URL.
    package typealias Transport = @Sendable (WebhookDestination) -> any HTTPTransport

    /// How patient it is.
    package struct Settings: Sendable {
        /// When a webhook is tried again, and when it is given up.
        package var policy = OutgoingWebhooks.Settings()
        /// How long an attempt may take, connection and answer included.
        package var limit: Duration = .seconds(10)
        /// How long is waited for more to write down at once: a call's events come close together.
        package var gathering: Duration = .milliseconds(50)

        /// Creates the settings of a service.
        package init() {}
    }

    private struct Line {
        var destination: WebhookDestination
        let transport: any HTTPTransport
    }

    private struct State {
        var destinations: [WebhookDestination]
        var lines: [String: Line] = [:]
        var queue: OutgoingWebhooks
        var pending = PendingWebhooks()
        /// What people were told, by destination.
        var gates: [String: PeopleGate] = [:]
        var isRunning = false
        /// Ends the subscription to the events.
        var finish: (@Sendable () -> Void)?
        var isStopped = false
    }

    /// Clocks may be set meanwhile, so that nothing is slept through.
    private static let longestSleep = Duration.seconds(60)

    private let events: EventHub
    private let writer: CallLogWriter
    private let figures: WebhookFigures
    private let log: Logger
    private let settings: Settings
    private let makeTransport: Transport
    private let state: Mutex<State>
    private let (wakeUps, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let (notes, note) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Creates a sender; nothing is read, opened or sent before ``run()``.
    ///
    /// - Parameters:
    ///   - events: where events come from.
    ///   - writer: the way to the database in which webhooks are kept.
    ///   - destinations: where events go, each URL once.
    ///   - figures: who counts.
    ///   - log: who is told of what goes wrong.
    ///   - settings: how patient it is.
    ///   - transport: what carries requests; the network in the service.
    package init(
        events: EventHub,
        writer: CallLogWriter,
        destinations: [WebhookDestination],
        figures: WebhookFigures,
        log: Logger,
        settings: Settings = Settings(),
        transport: @escaping Transport = { destination in
            if case .email(let recipient, _, let program)? = destination.people?.service {
                return MailTransport(program: program, recipient: recipient)
            }
            return AsyncHTTPTransport(
                certificateAuthority: destination.certificateAuthority,
                allowsPlainHTTP: destination.allowsPlainHTTP
            )
        }
    ) {
        self.events = events
        self.writer = writer
        self.figures = figures
        self.log = log
        self.settings = settings
        makeTransport = transport
        state = Mutex(State(destinations: destinations, queue: OutgoingWebhooks(settings.policy)))
    }

    // MARK: Life

    /// Sends until the service stops; what waits then is written down.
    ///
    /// Stop it after the publishers of events, so that the last ones are among them.
    package func run() async throws {
        await restore()
        let listening = Task { await listen() }
        wake.yield()
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.writeDown() }
                await self.send(in: &group)
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.wake.finish()
        }
        // What was published until now is among them, cancelled or not.
        stopListening()
        await listening.value
        let lines = state.withLock { state in
            state.isRunning = false
            defer { state.lines = [:] }
            return Array(state.lines.values)
        }
        // Cancelled or not, what waits is kept.
        await Task { _ = await keep() }.value
        for line in lines { await close(line) }
    }

    /// Takes the URLs of a new configuration; what waits for one that is gone is forgotten.
    package func replace(_ destinations: [WebhookDestination]) async {
        let closed = state.withLock { state in
            state.destinations = destinations
            return state.isRunning ? self.connect(&state) : []
        }
        for line in closed { await close(line) }
        note.yield()
        wake.yield()
    }

    /// Makes the lines fit the destinations; returns those to close.
    private func connect(_ state: inout State) -> [Line] {
        var closed: [Line] = []
        var lines: [String: Line] = [:]
        for destination in state.destinations {
            let key = destination.key
            if var line = state.lines.removeValue(forKey: key) {
                let old = line.destination
                if old.certificateAuthority == destination.certificateAuthority,
                    old.allowsPlainHTTP == destination.allowsPlainHTTP, old.people == destination.people
                {
                    line.destination = destination
                    lines[key] = line
                    continue
                }
                closed.append(line)
            }
            lines[key] = Line(destination: destination, transport: makeTransport(destination))
        }
        for (key, line) in state.lines {
            closed.append(line)
            for delivery in state.queue.remove(key) { state.pending.forget(delivery) }
        }
        state.lines = lines
        figures.retain(Set(state.destinations.map(\.name)))
        for destination in state.destinations {
            figures.change(destination.name) { $0.waiting = state.queue.count(to: destination.key) }
        }
        return closed
    }

    private func close(_ line: Line) async {
        guard let network = line.transport as? AsyncHTTPTransport else { return }
        do { try await network.close() } catch {
            log.warning("\(line.destination.name): the connections could not be closed: \(error)")
        }
    }

    // MARK: What comes

    /// Readers may hold all places at the hub: one more is for the webhooks.
    private static let placesBeyond = 1

    /// Takes the events until it is stopped or the hub closes.
    private func listen() async {
        var position = EventHub.Position(id: 0)
        while true {
            guard let subscription = events.subscribe(from: position, beyond: Self.placesBeyond) else {
                if !events.isClosed { log.error("too many listen to the events: none are sent to webhooks.notify") }
                return
            }
            let isStopped = state.withLock { state in
                state.finish = subscription.finish
                return state.isStopped
            }
            if isStopped { subscription.finish() }
            if subscription.hasGap { log.error("events came faster than they were queued: some are not sent") }
            for await entry in subscription.entries {
                do {
                    queue(entry.event.name, try entry.json(), id: "\(events.position(behind: entry.id))")
                } catch {
                    log.error("the event \(entry.event.name) could not be written: \(error)")
                }
                position.id = entry.id
            }
            if state.withLock({ $0.isStopped }) { return }
        }
    }

    private func stopListening() {
        let finish = state.withLock { state in
            state.isStopped = true
            return state.finish
        }
        finish?()
    }

    /// Queues an event for each URL that wants it; called for one event at a time, in order.
    private func queue(_ name: String, _ json: [UInt8], id: String) {
        let now = UnixTime.now
        state.withLock { state in
            for (key, line) in state.lines where line.destination.wants(name) {
                if let people = line.destination.people {
                    switch state.gates[key, default: PeopleGate()]
                        .admits(name, json, mostPerHour: people.mostPerHour, now: now)
                    {
                    case .goesOut: break
                    case .uninteresting: continue
                    case .tooMany:
                        figures.change(line.destination.name) { $0.lost["rate", default: 0] += 1 }
                        continue
                    }
                }
                let lost = state.queue.add(id: id, to: key, body: json, now: now)
                for (delivery, reason) in lost {
                    state.pending.forget(delivery)
                    count(loss: reason, of: line.destination)
                }
                state.pending.add(id: id, to: key, body: json, now: now)
                let waiting = state.queue.count(to: key)
                figures.change(line.destination.name) { $0.waiting = waiting }
            }
        }
        note.yield()
        wake.yield()
    }

    private func count(loss: OutgoingWebhooks.Loss, of destination: WebhookDestination) {
        figures.change(destination.name) { $0.lost[loss.rawValue, default: 0] += 1 }
    }

    // MARK: What goes

    private func send(in group: inout DiscardingTaskGroup) async {
        var timer: ContinuousClock.Instant?
        for await _ in wakeUps {
            let now = UnixTime.now
            let (due, next) = state.withLock { ($0.queue.due(now: now), $0.queue.next) }
            for delivery in due { group.addTask { await self.attempt(delivery) } }
            guard let next else { continue }
            let end = ContinuousClock.now + min(max(.zero, now.duration(to: next)), Self.longestSleep)
            if let timer, timer > .now, timer <= end { continue }
            timer = end
            group.addTask {
                // Cancelled means that the wait is over.
                do { try await Task.sleep(until: end, clock: .continuous) } catch { return }
                self.wake.yield()
            }
        }
    }

    private func attempt(_ delivery: OutgoingWebhooks.Delivery) async {
        guard let line = state.withLock({ $0.lines[delivery.destination] }) else { return }
        let destination = line.destination
        var outcome = OutgoingWebhooks.Outcome.failed(retryAfter: nil)
        var trouble = "the URL can't be used"
        let isForPeople = destination.people != nil
        let request =
            if let people = destination.people {
                people.request(
                    to: destination.url,
                    id: delivery.id,
                    body: delivery.body,
                    secrets: destination.secrets,
                    now: .now
                )
            } else {
                WebRequest.standardWebhook(
                    to: destination.url,
                    id: delivery.id,
                    body: delivery.body,
                    secrets: destination.secrets,
                    now: .now
                )
            }
        if let request {
            do throws(TransportFailure) {
                let reply = try await line.transport.send(request, within: settings.limit)
                outcome = OutgoingWebhooks.Outcome(reply, isForPeople: isForPeople)
                trouble = "it answered with status \(reply.status)"
            } catch {
                // Cut short by our own end it counts for nothing, and is made again after the next start.
                if Task.isCancelled { return }
                trouble = error.reason.words
            }
        } else if isForPeople {
            outcome = .refused
        }
        finish(delivery, destination, outcome, trouble)
        note.yield()
        wake.yield()
    }

    private func finish(
        _ delivery: OutgoingWebhooks.Delivery,
        _ destination: WebhookDestination,
        _ outcome: OutgoingWebhooks.Outcome,
        _ trouble: String
    ) {
        let (loss, waiting) = state.withLock { state in
            let loss = state.queue.finished(delivery, outcome, now: .now, jitter: Double.random(in: 0..<1))
            if let first = state.queue.first(to: delivery.destination), first.id == delivery.id {
                state.pending.update(first)
            } else {
                state.pending.forget(delivery)
            }
            return (loss, state.queue.count(to: delivery.destination))
        }
        let isTaken = outcome == .taken
        figures.change(destination.name) { figures in
            figures.waiting = waiting
            figures.trouble = isTaken ? nil : trouble
            if isTaken { figures.delivered += 1 } else { figures.failures += 1 }
        }
        if let loss {
            count(loss: loss, of: destination)
            log.warning("\(destination.name): the event \(delivery.id) is given up (\(loss.rawValue)): \(trouble)")
        } else if !isTaken, delivery.attempts == 0 {
            log.warning("\(destination.name): \(trouble); the event \(delivery.id) is tried again")
        }
    }

    // MARK: What is kept

    private func restore() async {
        let result: Result<[KeptWebhook], CallLogError>
        do throws(CallLogError) {
            let list = try await writer.perform { (log) throws(CallLogError) in try log.webhooks() }
            result = .success(list)
        } catch {
            figures.keeping("\(error)")
            log.error("webhooks that wait could not be read: \(error)")
            result = .failure(error)
        }
        let kept = (try? result.get()) ?? []
        state.withLock { state in
            state.isRunning = true
            state.pending.begin(behind: kept)
            var ours: [OutgoingWebhooks.Delivery] = []
            let known = Set(state.destinations.map(\.key))
            for webhook in kept {
                let delivery = OutgoingWebhooks.Delivery(webhook)
                // Its URL is not in the configuration any more.
                if known.contains(delivery.destination) {
                    ours.append(delivery)
                } else {
                    state.pending.forget(delivery)
                }
            }
            for delivery in state.queue.restore(ours, now: .now) { state.pending.forget(delivery) }
            _ = connect(&state)
        }
    }

    private func writeDown() async {
        for await _ in notes {
            var pause = settings.gathering
            repeat {
                // Cancelled means that the last writing is done elsewhere.
                do { try await Task.sleep(for: pause) } catch { return }
                pause = min(max(pause * 2, .seconds(1)), .seconds(30))
            } while await !keep()
        }
    }

    /// Writes down what has changed; false when that failed, and is to be tried again.
    @discardableResult
    private func keep() async -> Bool {
        let changes = state.withLock { $0.pending.take() }
        guard !changes.isEmpty else { return true }
        let (put, forget) = changes.sorted
        do throws(CallLogError) {
            try await writer.perform { (log) throws(CallLogError) in try log.keepWebhooks(put, forget: forget) }
            figures.keeping(nil)
            return true
        } catch {
            state.withLock { $0.pending.giveBack(changes) }
            figures.keeping("\(error)")
            return false
        }
    }
}
