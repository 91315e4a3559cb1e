internal import CallModel
internal import Logging
internal import Modem
internal import SerialPort

// What it works with, what is set for it, and what it tells.
extension SupervisedModem {
    /// What it may use.
    struct Tools: Sendable {
        var source: any ModemSource
        var loop: any ModemLoop
        var log: Logger
        var limits = SupervisionMachine.Limits()
        /// Whether it is there for one call, whose end says what is wrong with it.
        var isForOneCall = false
        /// Decides whether a call that is still up from before goes on; nil has it ended.
        var adopt: @Sendable (LeftBehindCall, LineStatus) async -> (any SurvivingCall)? = { _, _ in nil }
        /// Whether something is written down that a dead program may have left up on it.
        var mayHaveCall: @Sendable (LineStatus) async -> Bool = { _ in false }
    }

    /// What is set for it; asked for anew at each attempt.
    struct Settings: Sendable {
        var serial: SerialSettings?
        var bringUp = ModemSession.BringUp()
        var sound = ModemSound()
    }

    /// What the fleet is told, on its own executor.
    enum Change: Sendable {
        case news(LineNews)
        /// It said who it is.
        case identified
        /// Card, network and signal were asked for.
        case learnt
        /// It may have become usable, or unusable.
        case moved
        /// A session is open and set up; incoming calls can be watched for.
        case session
        /// It is about to be ready, with a call from before that goes on.
        case adopting
        /// It is ready, and has that call.
        case adopted(any SurvivingCall)
    }
}
