internal import CallAudio
internal import CallFlows
internal import CallModel
internal import Glibc
internal import Logging
internal import Synchronization

/// What says to the other end of a call that it is held.
enum HoldMusic {
    /// Two soft notes every four seconds, silence between them.
    static let notes: [Int16] = {
        let rate = 8000.0
        var samples = [Int16](repeating: 0, count: 32_000)
        for (note, frequency) in [523.25, 659.25].enumerated() {
            for index in 0..<3200 {
                let time = Double(index) / rate
                // Each swells and dies away, so that it clicks nowhere.
                let height = 2000 * sin(Double.pi * Double(index) / 3200)
                samples[note * 3200 + index] = Int16(height * sin(2 * Double.pi * frequency * time))
            }
        }
        return samples
    }()

    /// The level below which a caller may take music for silence, and hang up; dBFS.
    private static let quietest = AudioLevel(decibels: -45)
    /// What is louder than ``loudest`` is turned down to ``usual``: speech on the telephone lies between −35 and −15 dBFS.
    private static let loudest = AudioLevel(decibels: -15)
    private static let usual = AudioLevel(decibels: -20)

    /// Reads a file of the user's, as loud as speech on the telephone.
    ///
    /// It reads files, and is not for a thread that others wait for.
    ///
    /// - Throws: what is wrong with it, in one line.
    static func read(_ path: String, from shelf: AnnouncementShelf) throws(AnnouncementError) -> [Int16] {
        let samples = try shelf.samples(of: [.file(path)])
        let level = AudioLevel(of: samples)
        guard level >= quietest else {
            throw AnnouncementError(
                "\(path) is too quiet (\(Int(level.decibels.rounded())) dBFS): a caller would take it for silence"
            )
        }
        guard level > loudest else { return samples }
        let factor = pow(10, (usual.decibels - level.decibels) / 20)
        return samples.map { Int16((Double($0) * factor).rounded()) }
    }
}

extension CallSound {
    /// Has the other end of a call that nobody has taken yet hear music until somebody comes.
    ///
    /// - Parameter path: a file of the user's; what can't be played is told, and the notes stand in its place.
    func hold(with path: String?) {
        hold(true)
        tell(.wanted)
        guard let path else { return }
        open { this in
            do throws(AnnouncementError) {
                let music = try HoldMusic.read(path, from: this.hooks.shelf)
                let isHeld = this.state.withLock { state in
                    state.music = music
                    return state.isHeld
                }
                if isHeld { this.hold(true) }
            } catch {
                this.log.warning(
                    "the music for callers who are held: \(error); they hear two notes",
                    metadata: this.metadata
                )
            }
        }
    }
}
