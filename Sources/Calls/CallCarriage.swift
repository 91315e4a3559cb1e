internal import CallModel
internal import GatewayAPI
internal import Modem

/// What carries the sound of a call, for as long as it lasts.
protocol CallCarriage: AnyObject, Sendable {
    /// Takes the leg on which people talk, and the name of its line.
    func take(_ leg: any CallLeg, on loop: any ModemLoop, named line: String?)

    /// Takes how far the call is, its end included.
    func take(_ progress: CallProgress)

    /// Takes what the leg says of its sound.
    func take(_ news: SoundNews)

    /// Does something with the sound; what becomes of it is told. It may be asked before there is sound, which is opened for it.
    func perform(_ command: SoundCommand, tell: @escaping @Sendable (LegEvent) -> Void)

    /// Our end is heard elsewhere now: its sound is opened anew.
    func moveEndpoint()

    /// Ends the sound, and returns when it is closed and told of.
    func finish() async

    /// Waits for what was still under way when it ended.
    func settle() async

    /// How it stands just now; nil while there is no sound.
    func standing() async -> CallStatus.Audio?
}

extension CallCarriage {
    func moveEndpoint() {}
}
