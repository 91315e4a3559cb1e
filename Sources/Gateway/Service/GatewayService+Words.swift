internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import Calls
internal import DialPlan
internal import GatewayAPI
internal import Logging
internal import Settings

// What is said to the other side, and what it has to key.
extension GatewayService {
    /// What a request has played, and asks to be confirmed; what is wrong with it costs no call.
    func words(
        of request: DialRequest,
        on route: Route,
        origin: RequestOrigin
    ) throws(ControlError) -> ([Playback], OutgoingCallMachine.Confirmation?) {
        guard request.play != nil || request.confirm != nil, !route.isEmergency else { return ([], nil) }
        var announcement: [Playback] = []
        if let path = request.play {
            guard origin == .local else {
                throw .policy("play: it reads files of this box: it is for people there only")
            }
            guard path.hasPrefix("/") else {
                throw .invalid("play: write the path \(path) from / on: the service has a directory of its own")
            }
            announcement = [.file(path)]
            do throws(AnnouncementError) { _ = try configuration.announcements.samples(of: announcement) } catch {
                throw .invalid("play: \(error)")
            }
        }
        guard let digits = request.confirm else { return (announcement, nil) }
        guard (1...8).contains(digits.count), digits.allSatisfy({ "0123456789*#".contains($0) }) else {
            throw .invalid("confirm: write 1 to 8 keys: the digits 0 to 9, * and #")
        }
        return (announcement, OutgoingCallMachine.Confirmation(digits: digits))
    }

    /// Takes the connections of an Asterisk that brings the sound of calls; without them everything else goes on.
    ///
    /// - Parameter old: where it listened before; the one that stays goes on.
    func listenForAudioSocket(before old: Configuration.ListenAddress? = nil) {
        guard let address = configuration.audioSocket.listen else { return sounds.take(nil) }
        guard address != old || !sounds.listens else { return }
        do throws(AudioSocketError) {
            sounds.take(try AudioSocketListener(host: address.host, port: address.port))
            log.info("AudioSocket listens on \(address)")
        } catch {
            log.error("audiosocket.listen: \(error)")
            sounds.take(nil)
        }
    }
}
