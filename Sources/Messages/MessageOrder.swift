package import FoundationEssentials
package import Settings
package import TextCoding

/// What a message of a listed number asks for: two words, what is to be done and a code.
package struct MessageOrder: Sendable {
    /// The number that is shown as the sender; it can be forged.
    package var number: String
    /// What is asked for.
    package var action: Configuration.Arrival.Action
    /// The code that it brings.
    package var code: Secret
    /// The modem that it came to.
    package var modem: String?
    /// When the service centre took it.
    package var sentAt: Date?

    package init(
        number: String,
        action: Configuration.Arrival.Action,
        code: Secret,
        modem: String? = nil,
        sentAt: Date? = nil
    ) {
        (self.number, self.action, self.code, self.modem, self.sentAt) = (number, action, code, modem, sentAt)
    }

    /// Reads a text; nil for one that asks for nothing, as most do.
    init?(_ text: String, from number: String) {
        let words = text.split { $0.isWhitespace }
        guard words.count == 2, let action = Configuration.Arrival.Action(rawValue: words[0].lowercased()) else {
            return nil
        }
        self.init(number: number, action: action, code: Secret(String(words[1])))
    }

    /// Whether some of the parts of a message, which these words are of, may be those of an order, which has two.
    static func mayBeOf(_ text: String) -> Bool { text.split { $0.isWhitespace }.count <= 2 }

    /// The text as it is kept and told: without the code.
    var shown: String { "\(action.rawValue) \(Self.cover)" }

    /// What stands for a code.
    static let cover = "••••"
}
