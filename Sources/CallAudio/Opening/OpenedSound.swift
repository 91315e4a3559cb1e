package import CallModel
internal import Glibc

extension AudioPort {
    /// Opens the sound of a leg where it lies.
    package static func open(_ sound: LegSound, id: ID) async throws(AudioPortError) -> AudioPort {
        switch sound {
        case .tty(let path, let rate): try await TTYPort.open(path, rate: rate, id: id)
        case .alsa(let device, let rate):
            // The modem cancels its own echo, and nobody's loudspeaker is near it.
            try await open(card: device, rate: rate, isAcoustic: false, id: id)
        case .rtp(let sound): try RTPPort.open(sound, id: id)
        }
    }

    /// How often a card that is busy is tried, 50 ms apart: the call before closes it on a thread of its own.
    private static let cardTries = 20

    /// Opens a sound card.
    ///
    /// - Parameters:
    ///   - card: its ALSA name; nil for the system's own choice.
    ///   - rate: the rate that it has to have; nil for any that is known.
    ///   - isAcoustic: whether a loudspeaker is heard by a microphone there.
    package static func open(
        card: String?,
        rate: Int? = nil,
        isAcoustic: Bool = true,
        id: ID
    ) async throws(AudioPortError) -> AudioPort {
        let opened = await Thread.run(within: .seconds(5)) { () -> Result<AlsaPort, AlsaError> in
            var tries = AudioPort.cardTries
            while true {
                do throws(AlsaError) {
                    return .success(try AlsaPort(id: id, device: card, rate: rate, isAcoustic: isAcoustic))
                } catch {
                    tries -= 1
                    guard error.isBusy, tries > 0 else { return .failure(error) }
                }
                usleep(50_000)
            }
        } late: { opened in
            if case .success(let port) = opened { port.abandon() }
        }
        guard let opened else { throw AudioPortError("the card \(card ?? "default") could not be opened within 5 s") }
        do throws(AlsaError) { return try opened.get() } catch { throw AudioPortError("\(error)") }
    }
}
