/// One command out of a command line (3GPP TS 27.007 clause 4.1, V.250 clause 5).
struct ATCommand: Sendable, Equatable {
    /// How the command was written.
    enum Form: Sendable, Equatable {
        case execute
        case read
        case test
        case set
    }

    /// A parameter and whether it stood in quotes.
    struct Field: Sendable, Equatable {
        var text: String
        var isQuoted: Bool

        var number: Int? { Int(text) }
    }

    /// The name in capitals with its prefix: `+CLCC`, `^DTMF`, `D`, `&F`, `S0`.
    var name: String
    var form: Form
    /// Everything behind `=`, or what follows a basic command's letter, as it was typed.
    var argument: String

    /// The parameters: split at commas that are not inside quotes.
    var fields: [Field] {
        var fields: [Field] = []
        var current: [UInt8] = []
        var quoted = false
        var inQuotes = false
        func finished() -> Field { Field(text: String(decoding: current, as: UTF8.self), isQuoted: quoted) }
        for byte in argument.utf8 {
            switch byte {
            case UInt8(ascii: "\""):
                inQuotes.toggle()
                quoted = true
            case UInt8(ascii: ",") where !inQuotes:
                fields.append(finished())
                current = []
                quoted = false
            case UInt8(ascii: " ") where !inQuotes:
                continue
            default:
                current.append(byte)
            }
        }
        fields.append(finished())
        return fields
    }

    /// The first parameter as a number.
    var value: Int? { fields.first?.number }

    /// Field `index` as a number.
    func number(_ index: Int) -> Int? {
        let fields = fields
        return fields.indices.contains(index) ? fields[index].number : nil
    }
}

/// Splits a command line, without its `AT`, into commands.
struct CommandLineSplitter {
    private let bytes: [UInt8]
    private var position = 0

    /// The commands of a line in order; a command that can't be read gets the name `?`.
    static func split(_ body: [UInt8]) -> [ATCommand] {
        var splitter = CommandLineSplitter(bytes: body)
        var commands: [ATCommand] = []
        while let command = splitter.next() { commands.append(command) }
        return commands
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func next() -> ATCommand? {
        while let byte = peek, byte == UInt8(ascii: ";") || byte == UInt8(ascii: " ") { position += 1 }
        guard let first = peek else { return nil }
        switch first {
        case UInt8(ascii: "+"), UInt8(ascii: "^"), UInt8(ascii: "#"), UInt8(ascii: "%"), UInt8(ascii: "*"),
            UInt8(ascii: "$"):
            return extended()
        case UInt8(ascii: "&"):
            position += 1
            guard let letter = peek, Self.isLetter(letter) else { return unreadable() }
            position += 1
            return ATCommand(name: "&" + Self.capital(letter), form: .execute, argument: digits())
        case UInt8(ascii: "D"), UInt8(ascii: "d"):
            position += 1
            return dial()
        case UInt8(ascii: "S"), UInt8(ascii: "s"):
            position += 1
            return register()
        case _ where Self.isLetter(first):
            position += 1
            return ATCommand(name: Self.capital(first), form: .execute, argument: digits())
        default:
            return unreadable()
        }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func unreadable() -> ATCommand {
        position = bytes.count
        return ATCommand(name: "?", form: .execute, argument: "")
    }

    private mutating func extended() -> ATCommand {
        var name: [UInt8] = [bytes[position]]
        position += 1
        while let byte = peek, Self.isLetter(byte) || Self.isDigit(byte) || byte == UInt8(ascii: "_") {
            name.append(Self.upper(byte))
            position += 1
        }
        let text = String(decoding: name, as: UTF8.self)
        switch peek {
        case UInt8(ascii: "?"):
            position += 1
            return endsHere ? ATCommand(name: text, form: .read, argument: "") : unreadable()
        case UInt8(ascii: "="):
            position += 1
            let argument = untilSemicolon()
            if argument == "?" { return ATCommand(name: text, form: .test, argument: "") }
            return ATCommand(name: text, form: .set, argument: argument)
        default:
            return endsHere ? ATCommand(name: text, form: .execute, argument: "") : unreadable()
        }
    }

    private mutating func dial() -> ATCommand {
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            text.append(byte)
            if byte == UInt8(ascii: ";") { break }
        }
        return ATCommand(name: "D", form: .execute, argument: String(decoding: text, as: UTF8.self))
    }

    private mutating func register() -> ATCommand {
        let name = "S" + digits()
        switch peek {
        case UInt8(ascii: "?"):
            position += 1
            return ATCommand(name: name, form: .read, argument: "")
        case UInt8(ascii: "="):
            position += 1
            return ATCommand(name: name, form: .set, argument: digits())
        default:
            return unreadable()
        }
    }

    private mutating func digits() -> String {
        var text: [UInt8] = []
        while let byte = peek, Self.isDigit(byte) {
            text.append(byte)
            position += 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func untilSemicolon() -> String {
        var text: [UInt8] = []
        var inQuotes = false
        while let byte = peek {
            if byte == UInt8(ascii: "\"") { inQuotes.toggle() }
            if byte == UInt8(ascii: ";"), !inQuotes { break }
            text.append(byte)
            position += 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    private var endsHere: Bool { peek == nil || peek == UInt8(ascii: ";") }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

    private static func upper(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte & 0xDF : byte }

    private static func capital(_ byte: UInt8) -> String { String(decoding: [upper(byte)], as: UTF8.self) }
}

/// Collects the characters of a command line (V.250 clause 5.2): waits for `AT`, edits with backspace, ends with CR.
struct CommandLineEditor: Sendable {
    /// Longer lines are refused, so that no input can fill the memory.
    static let limit = 1024

    private var body: [UInt8] = []
    private var seen = Prefix.nothing
    private var overflowed = false
    private var last: [UInt8] = []

    private enum Prefix: Sendable {
        case nothing
        case letterA(UInt8)
        case complete
    }

    /// A line as the modem understood it.
    enum Line: Equatable {
        case command([UInt8])
        case tooLong
    }

    /// Takes one character and returns a line when it is complete; characters outside a line are forgotten.
    mutating func take(_ byte: UInt8) -> Line? {
        if byte == 0 || byte == 0x0A || byte == 0x1B { return nil }
        switch seen {
        case .nothing:
            if byte & 0xDF == UInt8(ascii: "A") { seen = .letterA(byte) }
            return nil
        case .letterA:
            switch byte {
            case UInt8(ascii: "T"), UInt8(ascii: "t"): seen = .complete
            case UInt8(ascii: "/"):
                seen = .nothing
                return .command(last)
            case UInt8(ascii: "A"), UInt8(ascii: "a"): seen = .letterA(byte)
            default: seen = .nothing
            }
            return nil
        case .complete:
            return edit(byte)
        }
    }

    private mutating func edit(_ byte: UInt8) -> Line? {
        switch byte {
        case 0x0D:
            defer { reset() }
            if overflowed { return .tooLong }
            last = body
            return .command(body)
        case 0x08, 0x7F:
            if !body.isEmpty { body.removeLast() }
        case _ where body.count >= Self.limit:
            overflowed = true
        default:
            body.append(byte)
        }
        return nil
    }

    private mutating func reset() {
        body = []
        seen = .nothing
        overflowed = false
    }
}
