internal import CallModel
internal import DialPlan
internal import TextCoding

/// Who may be rung, written `phone:NAME`, `account:NAME/NUMBER` or `sip:USER@HOST`.
private let ringable = "`phone:NAME`, `account:NAME/NUMBER`, `sip:USER@HOST`, `alsa[:DEVICE]` or `browser`"

extension ConfigurationForm<AudioSpec> {
    /// A phone, number or address that can be rung.
    static var ringing: Self {
        Self(ringable, shownAs: \.description) { written throws(Complaint) in
            if let spec = try? AudioSpec(written.text) {
                switch spec {
                case .phone, .alsa, .browser: return spec
                case .account(_, let number) where SIPAddress.isUser(number): return spec
                case .sip(let address) where SIPAddress(address) != nil: return spec
                default: break
                }
            }
            throw Complaint(
                "\(Spelling.quoted(written.text)) can't be rung",
                "write phone:NAME, a name of sip.phones, account:NAME/NUMBER, sip:USER@HOST, alsa or browser"
            )
        }
    }
}

extension ConfigurationForm<Configuration.IncomingRule.Otherwise> {
    /// What is done when nobody takes a call: a word, or who is rung then.
    static var otherwise: Self {
        let words: [Configuration.IncomingRule.Otherwise] = [.reject, .ask, .voicemail]
        let choice = ConfigurationForm<String>.choice(of: words.map(\.description))
        return Self("\(choice.words), \(ringable)", shownAs: \.description) { written throws(Complaint) in
            if written.text.contains(":") || (try? AudioSpec(written.text))?.isAtBox == true {
                return .ring(try ConfigurationForm<AudioSpec>.ringing.read(written))
            }
            let word = try choice.read(written)
            return words.first { $0.description == word } ?? .reject
        }
    }
}

extension ConfigurationForm<Configuration.IncomingRule.Caller> {
    /// Who calls: a word, a number or a pattern of numbers.
    static var caller: Self {
        let words: [Configuration.IncomingRule.Caller] = [.any, .contact, .known, .listed, .withheld]
        let choice = ConfigurationForm<String>.choice(of: words.map(\.description))
        return Self("\(choice.words), phone number or `\"+…*\"`", shownAs: \.description) { written throws(Complaint) in
            if written.text.contains(where: { $0 == "*" || $0 == "?" }) {
                return .number(try ConfigurationForm<String>.numberPattern.read(written))
            }
            if written.text.contains(where: \.isNumber) {
                return .number(try ConfigurationForm<PhoneNumber>.phoneNumber.read(written).description)
            }
            let word = try choice.read(written)
            return words.first { $0.description == word } ?? .any
        }
    }
}

extension Configuration.IncomingRule.Otherwise: CustomStringConvertible {
    /// As the configuration writes it.
    package var description: String {
        switch self {
        case .reject: "reject"
        case .ask: "ask"
        case .voicemail: "voicemail"
        case .ring(let person): person.description
        }
    }
}

extension Configuration.IncomingRule.Caller: CustomStringConvertible {
    /// As the configuration writes it.
    package var description: String {
        switch self {
        case .any: "any"
        case .contact: "contact"
        case .known: "known"
        case .listed: "listed"
        case .withheld: "withheld"
        case .number(let pattern): pattern
        }
    }
}
