package import CallLog
package import DialPlan
package import Settings
package import ShortMessage

/// What is set for messages and USSD.
package struct MessageSettings: Sendable {
    /// How national numbers are read.
    package var region: Region
    /// Whether messages are taken from cards and modems.
    package var areTaken: Bool
    /// How long texts are kept, in seconds.
    package var keptFor: Double
    /// How many may be sent.
    package var limits: MessageLimits
    /// How many the SIM of a modem may send, by its name.
    package var limitsOfSIM: [String: MessageLimits]
    /// The language whose letters are sent in seven bits.
    package var language: Alphabet.Language?
    /// Which numbers may be written to: those that may be called.
    package var policy: DialPolicy
    /// The codes that may be sent.
    package var allowedCodes: [String]
    /// The numbers that may have something done by a message, in international format.
    package var commanders: Set<String>
    /// How balances are asked for, by the names of modems.
    package var balances: [String: Configuration.Balance]
    /// How long a message waits for a modem.
    package var queuesFor: Duration

    /// Takes what a person has set.
    package init(_ configuration: Configuration) {
        let messages = configuration.messages
        region = configuration.gateway.region
        areTaken = messages.areTaken
        keptFor = Double(messages.keptFor.components.seconds)
        limits = MessageLimits()
        limits.perHour = messages.maxPerHour
        limits.perDay = messages.maxPerDay
        limits.perMonth = messages.maxPerMonth
        limits.price = messages.price?.micros
        limits.costPerMonth = messages.maxCostPerMonth?.micros
        limitsOfSIM = Dictionary(configuration.modems.map { ($0.name, MessageLimits($0.messages)) }) { first, _ in first
        }
        language =
            switch messages.alphabet {
            case .standard: nil
            case .turkish: .turkish
            case .spanish: .spanish
            case .portuguese: .portuguese
            }
        policy = configuration.policy.dialPolicy
        allowedCodes = configuration.service.allow
        commanders = Set(configuration.arrivals.filter { $0.trigger == .message }.map(\.number.description))
        balances = Dictionary(configuration.modems.compactMap { modem in modem.balance.map { (modem.name, $0) } }) {
            first,
            _ in first
        }
        queuesFor = max(configuration.gateway.queuesFor, .seconds(10))
    }
}

extension MessageLimits {
    /// Takes what is set for a SIM.
    init(_ bounds: Configuration.MessageBounds) {
        self.init()
        (perHour, perDay, perMonth) = (bounds.perHour, bounds.perDay, bounds.perMonth)
        (price, costPerMonth) = (bounds.price?.micros, bounds.costPerMonth?.micros)
    }
}
