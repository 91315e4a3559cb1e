/// When the first tone goes out after an answer.
package enum Settle: Sendable, Hashable {
    /// After a pause.
    case pause(Duration)
    /// Once the PBX's prompt tone is heard.
    case tone

    /// The pause; also where the call has no sound.
    package var pause: Duration {
        switch self {
        case .pause(let pause): pause
        case .tone: .milliseconds(1500)
        }
    }

    /// How long the prompt is awaited, before the tones go out without it; nil for not at all.
    package var promptWithin: Duration? {
        switch self {
        case .pause: nil
        case .tone: .seconds(5)
        }
    }
}
