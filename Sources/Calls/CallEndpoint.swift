internal import CallAudio
package import CallModel
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

    /// As it was named.
    package let spec: AudioSpec
    private let files = Mutex<Files?>(nil)

    /// Takes who it is; nothing is opened yet.
    package init(_ spec: AudioSpec) { self.spec = spec }

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
    }

    /// The port of its files.
    func wavePort(_ id: AudioPort.ID) async throws(AudioPortError) -> WavePort {
        do throws(AudioSpecProblem) { try await prepare() } catch { throw AudioPortError(error.description) }
        let opened = files.withLock { $0 ?? Files() }
        return WavePort(id: id, playing: opened.reader, recording: opened.recorder)
    }

    /// Closes its files, and waits until what was written is complete.
    func finish() async {
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
