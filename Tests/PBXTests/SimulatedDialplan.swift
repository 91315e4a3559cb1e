/// A dialplan of Asterisk, as far as docs/pbx/asterisk.md uses the language (docs.asterisk.org, Configuration/Dialplan).
///
/// It has extensions with priorities and labels, variables with substrings, a few functions, expressions, and the applications
/// that steer. What becomes of the others is for the test to say.
struct SimulatedDialplan {
    /// What becomes of a channel in an application that talks, plays or waits.
    enum Happening {
        /// It goes on behind it.
        case goesOn
        /// Its caller hangs up, or is hung up.
        case hangsUp
        /// `TIMEOUT(absolute)` strikes.
        case timeIsUp
        /// Somebody else leads it on to an extension.
        case led(context: String, exten: String)
    }

    struct Channel {
        var name = "PJSIP/trunk-0000001"
        var caller = ""
        var variables: [String: String] = [:]
        /// The absolute timeout in seconds; zero for none.
        var timeout = 0
        /// The applications that it went through, with their arguments.
        var log: [String] = []
        /// The cause of its end by the dialplan; nil where it ended otherwise.
        var cause: String?
    }

    private struct Step {
        let exten: String
        let priority: Int
        let label: String?
        let application: String
        let arguments: String
        let line: Int
    }

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    var globals: [String: String] = [:]
    var epoch = 1_790_000_000
    /// The lines that were run, and all there are.
    private(set) var executed: Set<Int> = []
    private(set) var lines: [Int: String] = [:]
    private var contexts: [String: [Step]] = [:]

    /// Reads the text of an extensions.conf.
    init(_ text: String) throws {
        var context = ""
        var last: (exten: String, priority: Int)?
        for (number, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = Self.trim(raw.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first ?? "")
            if line.isEmpty { continue }
            if line.hasPrefix("[") {
                context = String(line.dropFirst().dropLast())
                contexts[context, default: []] += []
                last = nil
                continue
            }
            guard let arrow = line.firstRange(of: "=>") else { throw Problem(description: "no arrow in \(line)") }
            let kind = Self.trim(line[..<arrow.lowerBound])
            var rest = Self.trim(line[arrow.upperBound...])
            let exten: String
            switch (kind, last) {
            case ("exten", _):
                let parts = rest.split(separator: ",", maxSplits: 1)
                guard parts.count == 2 else { throw Problem(description: line) }
                exten = Self.trim(parts[0])
                rest = Self.trim(parts[1])
            case ("same", let last?): exten = last.exten
            default: throw Problem(description: "\(line) follows nothing")
            }
            let parts = rest.split(separator: ",", maxSplits: 1)
            guard parts.count == 2 else { throw Problem(description: line) }
            var place = Self.trim(parts[0])
            var label: String?
            if let open = place.firstIndex(of: "("), place.hasSuffix(")") {
                label = String(place[place.index(after: open)...].dropLast())
                place = String(place[..<open])
            }
            guard let priority = place == "n" ? last.map({ $0.priority + 1 }) : Int(place) else {
                throw Problem(description: "no priority in \(line)")
            }
            let call = Self.trim(parts[1])
            guard let open = call.firstIndex(of: "("), call.hasSuffix(")") else { throw Problem(description: line) }
            contexts[context, default: []]
                .append(
                    Step(
                        exten: exten,
                        priority: priority,
                        label: label,
                        application: String(call[..<open]),
                        arguments: String(call[call.index(after: open)...].dropLast()),
                        line: number
                    )
                )
            lines[number] = line
            last = (exten, priority)
        }
    }

    private static func trim(_ text: some StringProtocol) -> String {
        var slice = text[...]
        while slice.first?.isWhitespace == true { slice.removeFirst() }
        while slice.last?.isWhitespace == true { slice.removeLast() }
        return String(slice)
    }

    // MARK: Running

    /// Runs a channel from an extension to its end.
    mutating func run(
        _ channel: inout Channel,
        _ context: String,
        _ exten: String = "s",
        _ happens: (String, inout SimulatedDialplan) -> Happening
    ) throws {
        var (context, exten, priority) = (context, exten, 1)
        for _ in 0..<200 {
            guard let step = find(context, exten, priority) else { return }
            executed.insert(step.line)
            channel.variables["EXTEN"] = exten
            var (application, arguments) = (step.application, step.arguments)
            priority += 1
            if application == "ExecIf" {
                let (condition, rest) = try Self.split(arguments)
                guard try isTrue(substitute(condition, channel)) else { continue }
                guard let open = rest.firstIndex(of: "(") else { throw Problem(description: rest) }
                (application, arguments) = (String(rest[..<open]), String(rest[rest.index(after: open)...].dropLast()))
            }
            switch application {
            case "Set": try set(arguments, &channel)
            case "Goto":
                let place = try substitute(arguments, channel).split(separator: ",").map(String.init)
                guard place.count == 3, let number = Int(place[2]) else { throw Problem(description: arguments) }
                (context, exten, priority) = (place[0], place[1], number)
                guard find(context, exten, priority) != nil else { throw Problem(description: "no \(place)") }
            case "GotoIf":
                let (condition, label) = try Self.split(arguments)
                guard try isTrue(substitute(condition, channel)) else { continue }
                let target = contexts[context]?.first { $0.label == label && matches($0.exten, exten) }
                guard let target else { throw Problem(description: "no label \(label)") }
                priority = target.priority
            case "Hangup":
                channel.cause = try substitute(arguments, channel)
                return try end(&channel, context)
            default:
                channel.log.append("\(application)(\(try substitute(arguments, channel)))")
                switch happens(application, &self) {
                case .goesOn: break
                case .hangsUp: return try end(&channel, context)
                case .timeIsUp:
                    guard channel.timeout > 0 else { throw Problem(description: "no timeout is set in \(context)") }
                    (exten, priority) = ("T", 1)
                    guard find(context, exten, 1) != nil else { return try end(&channel, context) }
                case .led(let place, let number): (context, exten, priority) = (place, number, 1)
                }
            }
        }
        throw Problem(description: "it runs in circles")
    }

    /// Runs the extension of hang-ups.
    private mutating func end(_ channel: inout Channel, _ context: String) throws {
        var priority = 1
        while let step = find(context, "h", priority) {
            executed.insert(step.line)
            priority += 1
            if step.application == "Set" {
                try set(step.arguments, &channel)
            } else if step.application == "ExecIf" {
                let (condition, rest) = try Self.split(step.arguments)
                if try isTrue(substitute(condition, channel)) {
                    try set(String(rest.dropFirst("Set(".count).dropLast()), &channel)
                }
            }
        }
    }

    private func find(_ context: String, _ exten: String, _ priority: Int) -> Step? {
        contexts[context]?.first { $0.priority == priority && matches($0.exten, exten) }
    }

    private func matches(_ pattern: String, _ exten: String) -> Bool {
        guard pattern.hasPrefix("_") else { return pattern == exten }
        var rest = exten[...]
        for sign in pattern.dropFirst() {
            if sign == "." { return !rest.isEmpty }
            guard let next = rest.popFirst(), sign == "X" ? next.isNumber : sign == next else { return false }
        }
        return rest.isEmpty
    }

    /// A condition and what stands behind its question mark.
    private static func split(_ text: String) throws -> (String, String) {
        guard let mark = text.firstIndex(of: "?") else { throw Problem(description: "no question in \(text)") }
        return (String(text[..<mark]), String(text[text.index(after: mark)...]))
    }

    private mutating func set(_ text: String, _ channel: inout Channel) throws {
        guard let equals = text.firstIndex(of: "=") else { throw Problem(description: text) }
        let name = try substitute(String(text[..<equals]), channel)
        let value = try substitute(String(text[text.index(after: equals)...]), channel)
        switch name {
        case "CALLERID(num)": channel.caller = value
        case "TIMEOUT(absolute)":
            guard let seconds = Int(value) else { throw Problem(description: text) }
            channel.timeout = seconds
        case _ where name.hasPrefix("GLOBAL("): globals[String(name.dropFirst(7).dropLast())] = value
        default: channel.variables[name] = value
        }
    }
}

// Variables, functions and expressions.
extension SimulatedDialplan {
    func substitute(_ text: String, _ channel: Channel) throws -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            result += rest[..<start.lowerBound]
            var depth = 1
            var index = start.upperBound
            while index < rest.endIndex, depth > 0 {
                if rest[index] == "{" { depth += 1 }
                if rest[index] == "}" { depth -= 1 }
                index = rest.index(after: index)
            }
            guard depth == 0 else { throw Problem(description: "a brace is open in \(text)") }
            let inner = String(rest[start.upperBound..<rest.index(before: index)])
            result += try value(of: try substitute(inner, channel), channel)
            rest = rest[index...]
        }
        return result + rest
    }

    private func value(of text: String, _ channel: Channel) throws -> String {
        if let open = text.firstIndex(of: "("), text.hasSuffix(")") {
            let arguments = text[text.index(after: open)...].dropLast()
                .split(separator: ",", omittingEmptySubsequences: false)
            switch (text[..<open], arguments.count) {
            case ("GLOBAL", 1): return globals[String(arguments[0])] ?? ""
            case ("CALLERID", 1) where arguments[0] == "num": return channel.caller
            case ("FILTER", 2) where arguments[0] == "0-9": return arguments[1].filter { $0.isASCII && $0.isNumber }
            case ("CUT", 3):
                let fields = (channel.variables[String(arguments[0])] ?? "")
                    .split(separator: arguments[1].first ?? "-", omittingEmptySubsequences: false)
                guard let place = Int(arguments[2]), place >= 1 else { throw Problem(description: text) }
                return place <= fields.count ? String(fields[place - 1]) : ""
            default: throw Problem(description: "the function \(text) is not known")
            }
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let whole =
            switch parts[0] {
            case "EPOCH": String(epoch)
            case "CHANNEL": channel.name
            case "HANGUPCAUSE": channel.variables["HANGUPCAUSE"] ?? "16"
            default: channel.variables[String(parts[0])] ?? ""
            }
        guard parts.count == 2, let offset = Int(parts[1]) else { return whole }
        return String(offset < 0 ? whole.suffix(-offset) : whole.dropFirst(offset))
    }

    /// Whether `$[…]`, with its variables filled in, is neither empty nor zero.
    func isTrue(_ text: String) throws -> Bool {
        guard text.hasPrefix("$["), text.hasSuffix("]") else { throw Problem(description: "\(text) is no expression") }
        return try text.dropFirst(2).dropLast().split(separator: " | ").contains { try compare(String($0)) }
    }

    private func compare(_ text: String) throws -> Bool {
        for sign in ["!=", "=", " < "] {
            guard let place = text.firstRange(of: sign) else { continue }
            let (left, right) = (text[..<place.lowerBound], text[place.upperBound...])
            guard sign == " < " else { return (left == right) == (sign == "=") }
            guard let left = Int(left), let right = Int(right) else {
                throw Problem(description: "\(text): no numbers")
            }
            return left < right
        }
        throw Problem(description: "\(text) compares nothing")
    }
}
