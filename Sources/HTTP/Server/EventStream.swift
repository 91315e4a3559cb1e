internal import FoundationEssentials
internal import GatewayAPI
internal import HummingbirdCore
internal import NIOCore

/// One reader of the event stream, from its subscription to its end (Server-Sent Events, WHATWG HTML 9.2).
struct EventStream: Sendable {
    private let pieces: AsyncStream<OpenStreams.Piece>
    private let leave: @Sendable () -> Void
    private let hub: EventHub
    private let hasGap: Bool
    /// The event's name behind which the stream ends.
    private let last: String?
    private let isWanted: @Sendable () -> Bool

    /// Subscribes; from here on no event is lost.
    ///
    /// - Parameters:
    ///   - position: where the reader stopped; nil for new events only.
    ///   - call: the call that it wants to hear of; nil for all.
    ///   - isShown: whether the reader may hear of events of this name.
    ///   - last: the event's name behind which the stream ends; nil for none.
    ///   - isWanted: whether the reader may still hear of anything.
    ///   - hub: the events.
    ///   - streams: the service's other readers.
    ///   - channel: the reader's connection, whose end ends the subscription.
    init(
        from position: EventHub.Position?,
        call: UUID?,
        isShown: @escaping @Sendable (String) -> Bool = { _ in true },
        last: String? = nil,
        isWanted: @escaping @Sendable () -> Bool = { true },
        hub: EventHub,
        streams: OpenStreams,
        channel: any Channel
    ) throws(Problem) {
        let (pieces, feed) = AsyncStream.makeStream(
            of: OpenStreams.Piece.self,
            bufferingPolicy: .bufferingOldest(hub.mostBehind + (position == nil ? 0 : hub.mostKept))
        )
        guard let stream = streams.add(feed) else { throw Problem(.unavailable, "the service is stopping") }
        let admission = hub.listen(from: position, beyond: last == nil ? 0 : EventHub.mostFollowers) { entry in
            guard call == nil || entry.event.subject == call, isShown(entry.event.name) else { return true }
            guard case .enqueued = feed.yield(.event(entry)) else { return false }
            return true
        } ended: {
            streams.remove(stream)
        }
        guard let admission else {
            streams.remove(stream)
            throw Problem(.tooMany, "too many listen to the events already; try again later")
        }
        leave = {
            hub.dismiss(admission.listener)
            streams.remove(stream)
        }
        channel.closeFuture.whenComplete { [leave] _ in leave() }
        self.pieces = pieces
        self.hub = hub
        self.last = last
        self.isWanted = isWanted
        hasGap = admission.hasGap
    }

    /// Gives the subscription back where no stream comes of it.
    func abandon() { leave() }

    /// Writes the stream until one of the two sides ends it.
    func body() -> ResponseBody {
        ResponseBody { writer in
            defer { leave() }
            var buffer = ByteBuffer(string: hasGap ? Self.gap : ": connected\n\n")
            try await writer.write(buffer)
            reading: for await piece in pieces {
                guard isWanted() else { break }
                buffer.clear()
                switch piece {
                case .sign: buffer.writeString(":\n\n")
                case .event(let entry):
                    buffer.writeString("id: \(hub.position(behind: entry.id))\nevent: \(entry.event.name)\ndata: ")
                    buffer.writeBytes(try entry.json())
                    buffer.writeString("\n\n")
                    if entry.event.name == last {
                        try await writer.write(buffer)
                        break reading
                    }
                }
                try await writer.write(buffer)
            }
            try await writer.finish(nil)
        }
    }

    /// Some events are lost; what follows is everything that is still known.
    private static let gap = "event: stream.gap\ndata: {\"event\":\"stream.gap\"}\n\n"
}
