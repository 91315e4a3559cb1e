package import CallAudio
package import CallModel
internal import Glibc
internal import Synchronization

/// Who hears and speaks at our end of a call.
///
/// A file that is to be played is read, and one that is to be written is made, before anybody is called where there is time for
/// that: what is wrong with them is said before a call costs anything.
package final class CallEndpoint: Sendable {
    private struct Files: Sendable {
        var reader: WaveReader?
        var recorder: WaveRecorder?
    }

    private enum Server: Sendable {
        case unknown
        /// It has taken the connection, over which nothing was said yet.
        case reached(Int32)
        case used
    }

    /// As it was named.
    package let spec: AudioSpec
    /// As it is told of.
    package let title: String
    private let files = Mutex<Files?>(nil)
    private let server = Mutex(Server.unknown)

    /// Takes who it is; nothing is opened yet.
    ///
    /// - Parameter person: who it is of those that were named; nil where it is as named.
    package init(_ spec: AudioSpec, person: AudioSpec? = nil) {
        self.spec = spec
        title = (person ?? spec).description
    }

    /// Opens its files, once.
    ///
    /// - Throws: what is wrong with one, in a line.
    package func prepare() async throws(AudioSpecProblem) {
        guard files.withLock({ $0 == nil }) else { return }
        var opened = Files()
        let named = spec.files
        do throws(AudioPortError) {
            if let path = named.read { opened.reader = try await WaveReader.open(path) }
            if let path = named.written { opened.recorder = try await WaveRecorder.open(path) }
        } catch { throw AudioSpecProblem(description: error.description) }
        files.withLock { $0 = $0 ?? opened }
        guard case .alsa(let device) = spec else { return }
        do throws(AudioPortError) { try await AudioPort.open(card: device, id: 0).abandon() } catch {
            throw AudioSpecProblem(description: error.description)
        }
    }

    /// Connects to its server, where it has one, before anybody is called; the server is told of the call when it is answered.
    package func reach() async throws(AudioPortError) {
        guard case .audioSocket(let host, let port, _) = spec,
            server.withLock({ if case .unknown = $0 { true } else { false } })
        else { return }
        let descriptor = try await AudioSocketPort.connect(host: host, port: port)
        let isTaken = server.withLock { server in
            guard case .unknown = server else { return false }
            server = .reached(descriptor)
            return true
        }
        if !isTaken { close(descriptor) }
    }

    /// The port of its server, which is told these 16 bytes.
    package func socketPort(
        _ id: AudioPort.ID,
        host: String,
        port: Int,
        telling uuid: [UInt8]
    ) async throws(AudioPortError) -> AudioPort {
        if let held = takeServer() {
            if AudioSocketPort.isOpen(held) { return AudioSocketPort(id: id, socket: held, telling: uuid) }
            // It has waited for less long than it rang.
            close(held)
        }
        return AudioSocketPort(id: id, socket: try await AudioSocketPort.connect(host: host, port: port), telling: uuid)
    }

    private func takeServer() -> Int32? {
        server.withLock { server in
            defer { server = .used }
            if case .reached(let descriptor) = server { return descriptor }
            return nil
        }
    }

    deinit { if let held = takeServer() { close(held) } }

    /// The port of its files.
    package func wavePort(_ id: AudioPort.ID) async throws(AudioPortError) -> WavePort {
        do throws(AudioSpecProblem) { try await prepare() } catch { throw AudioPortError(error.description) }
        let opened = files.withLock { $0 ?? Files() }
        return WavePort(id: id, playing: opened.reader, recording: opened.recorder)
    }

    /// Closes its files, and waits until what was written is complete.
    package func finish() async {
        if let held = takeServer() { close(held) }
        guard let recorder = files.withLock({ $0?.recorder }) else { return }
        recorder.finish()
        await recorder.complete()
    }
}

/// What is wrong with an endpoint that can be had only now, in one line.
package struct AudioSpecProblem: Error, Sendable, CustomStringConvertible {
    /// The line.
    package var description: String
}
