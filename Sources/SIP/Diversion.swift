internal import CallModel

/// Where a call was sent on from: the number that was called before this one.
enum Diversion {
    /// More entries than a call is sent on.
    private static let most = 16

    /// Reads what a call brings; nil where it tells of no number.
    ///
    /// - Parameters:
    ///   - headers: the values of Diversion, each on a line, the one that was added last at the top (RFC 5806 §4.1).
    ///   - history: the values of History-Info, in the order of their index; the last one is whom the call has come to (RFC 7044 §5).
    static func number(headers: String?, history: String?) -> String? {
        if let number = addresses(headers).first.flatMap({ Self.number(in: $0) }) { return number }
        let numbers = addresses(history).map { Self.number(in: $0) }
        // Entries for the way through proxies name the same number again.
        return numbers.dropLast().last { $0 != nil && $0 != numbers.last } ?? nil
    }

    /// The value of a Diversion header at an address of ours.
    static func value(_ number: String, host: String) -> String { "<\(SIPAddress(user: number, host: host))>" }

    /// The number of an address.
    private static func number(in address: Substring) -> String? {
        guard let colon = address.firstIndex(of: ":") else { return nil }
        let rest = address[address.index(after: colon)...]
        if address[..<colon].lowercased() == "tel" { return SIPAgent.number(String(rest.prefix { $0 != "?" })) }
        return rest.contains("@") ? SIPAgent.number(String(rest.prefix { $0 != "@" })) : nil
    }

    /// What stands in angle brackets, of each entry; a name in quotes may have some too.
    private static func addresses(_ text: String?) -> [Substring] {
        guard let text else { return [] }
        var found: [Substring] = []
        var (start, isQuoted): (String.Index?, Bool) = (nil, false)
        for place in text.indices where found.count < most {
            switch text[place] {
            case "\"" where start == nil: isQuoted.toggle()
            case "\n": (start, isQuoted) = (nil, false)
            case "<" where !isQuoted && start == nil: start = text.index(after: place)
            case ">":
                if let first = start { found.append(text[first..<place]) }
                start = nil
            default: break
            }
        }
        return found
    }
}
