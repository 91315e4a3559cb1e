package import CallAudio
package import FoundationEssentials
package import Logging
internal import Synchronization

/// The one audio loop of this process, made when it is first needed, and who hears of which port.
package final class AudioDesk: Sendable {
    typealias Listener = @Sendable (AudioEvent.Kind) -> Void

    private struct State {
        var loop: AudioLoop?
        var isOver = false
        var last: UInt64 = 0
        var listeners: [AudioPort.ID: Listener] = [:]
    }

    /// Makes the port of the phone that has a call; nil where there are no phones.
    package typealias PhonePort = @Sendable (UUID, AudioPort.ID) async throws(AudioPortError) -> AudioPort

    private let state = Mutex(State())
    private let phones = Mutex<PhonePort?>(nil)
    private let log: Logger

    /// Creates a desk without a loop.
    package init(log: Logger) { self.log = log }

    /// The loop.
    ///
    /// - Throws: why there is none.
    func loop() throws(AudioPortError) -> AudioLoop {
        do {
            return try state.withLock { state in
                if let loop = state.loop { return loop }
                guard !state.isOver else { throw AudioPortError("the service is stopping") }
                let loop = try AudioLoop { [weak self] event in self?.listener(event.port)?(event.kind) }
                state.loop = loop
                return loop
            }
        } catch { throw AudioPortError("\(error)") }
    }

    /// Has phones take part.
    package func take(phones: @escaping PhonePort) { self.phones.withLock { $0 = phones } }

    /// The port of the phone that has a call.
    func phonePort(of call: UUID) async throws(AudioPortError) -> AudioPort {
        guard let make = phones.withLock({ $0 }) else { throw AudioPortError("there are no phones") }
        return try await make(call, name())
    }

    /// A name for a port, or for a conversation, that was never given before.
    func name() -> UInt64 {
        state.withLock { state in
            state.last += 1
            return state.last
        }
    }

    /// Has what happens to a port told, in order, on a thread of the loop; nil ends that.
    func listen(to port: AudioPort.ID, _ take: Listener?) { state.withLock { $0.listeners[port] = take } }

    private func listener(_ port: AudioPort.ID) -> Listener? { state.withLock { $0.listeners[port] } }

    /// Ends the loop.
    package func stop() {
        let loop = state.withLock { state in
            state.isOver = true
            defer { state.loop = nil }
            return state.loop
        }
        loop?.stop()
    }
}
