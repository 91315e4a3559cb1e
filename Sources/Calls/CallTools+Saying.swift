internal import CallAudio
internal import CallEndpoints
package import CallModel
package import FoundationEssentials
internal import Settings

extension CallTools {
    /// Says words once to a phone in a call that has no other end; cancelled, it ends at once.
    ///
    /// - Returns: why it was not heard to its end; nil where it was.
    package func say(_ words: [Playback], to call: UUID) async -> String? {
        let samples: [Int16]
        do throws(AnnouncementError) { samples = try configuration.announcements.samples(of: words) } catch {
            return "\(error)"
        }
        let loop: AudioLoop
        let port: AudioPort
        do throws(AudioPortError) {
            loop = try sounds.loop()
            port = try await sounds.phonePort(of: call)
        } catch { return "\(error)" }
        let (ends, end) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        sounds.listen(to: port.id) { kind in
            switch kind {
            case .announced: end.yield(true)
            case .ended: end.yield(false)
            case .stalled, .resumed, .started, .played, .prompt, .digit: break
            }
        }
        defer { sounds.listen(to: port.id, nil) }
        let conversation = sounds.name()
        guard loop.join(conversation, port, SilentPort(id: sounds.name())) else {
            return "the audio loop has too much to do"
        }
        guard loop.announce(AnnouncementPlayer(samples, repeats: false), to: port.id) else {
            _ = await loop.part(conversation)
            return "the audio loop has too much to do"
        }
        // As long as it is, and a while for a busy machine.
        let limit = Duration.milliseconds(samples.count / 8) + .seconds(5)
        let isHeard = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await isWhole in ends { return isWhole }
                return false
            }
            group.addTask {
                // Cancelled, it is decided.
                try? await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        _ = await loop.part(conversation)
        return isHeard ? nil : "it was hung up, or its sound is gone"
    }
}
