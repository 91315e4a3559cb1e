extension RawCommand {
    /// A command line taken apart as V.250 (5.2 to 5.4) has it; nil for a line that leaves room for another reading.
    ///
    /// | what | form | behind it |
    /// |---|---|---|
    /// | basic | letter, or `&` and letter; then digits | anything |
    /// | S-parameter | `S` digits, then `?` or `=` digits | anything |
    /// | extended | `+NAME`, or another sign that makers put there | `;` or the end |
    ///
    /// A value of an extended command is numbers and quoted texts with commas between. What else some modems take there
    /// others end the command at, and what follows could be `D`.
    struct CommandLine {
        enum Part: Equatable {
            /// A basic command such as `E0` or `&D2`, and its number.
            case basic(String, String)
            /// `S0?` (no value) or `S0=1`.
            case register(String, value: String?)
            /// `+CSQ`, in capitals.
            case action(String)
            /// `+CREG?` or `+CREG=?`.
            case question(String)
            /// `+CREG=2,"a"`: the values without their quotes.
            case setting(String, [String])
        }

        private(set) var parts: [Part] = []
        private var rest: Substring.UTF8View

        /// Takes a line that begins with `AT` and is printable ASCII.
        init?(_ text: String) {
            rest = Substring(Self.withoutSpaces(text)).dropFirst(2).utf8
            while !rest.isEmpty {
                guard let part = next() else { return nil }
                parts.append(part)
            }
        }

        /// The line in capitals and without spaces (V.250, 5.2.1), except between quotes.
        private static func withoutSpaces(_ text: String) -> String {
            var isQuoted = false
            return String(
                text.compactMap { character -> Character? in
                    if character == "\"" { isQuoted.toggle() }
                    if isQuoted { return character }
                    return character == " " ? nil : Character(character.uppercased())
                }
            )
        }

        private mutating func next() -> Part? {
            guard let first = rest.first else { return nil }
            if !Self.isLetter(first), first != UInt8(ascii: "&") { return extended() }
            var name = String(decoding: [rest.removeFirst()], as: UTF8.self)
            if first == UInt8(ascii: "&") {
                guard let letter = rest.popFirst(), Self.isLetter(letter) else { return nil }
                name += String(decoding: [letter], as: UTF8.self)
            }
            let number = take(while: Self.isDigit)
            if first == UInt8(ascii: "S") { return register(number) }
            // Some write a semicolon here too; it changes nothing.
            if rest.first == UInt8(ascii: ";") { rest.removeFirst() }
            return .basic(name, number)
        }

        private mutating func register(_ number: String) -> Part? {
            guard !number.isEmpty, let sign = rest.popFirst() else { return nil }
            switch sign {
            case UInt8(ascii: "?"): return .register(number, value: nil)
            case UInt8(ascii: "="): return .register(number, value: take(while: Self.isDigit))
            default: return nil
            }
        }

        private mutating func extended() -> Part? {
            let sign = rest.removeFirst()
            guard "+^$#!*%@_".utf8.contains(sign), rest.first.map(Self.isLetter) == true else { return nil }
            let letters = take { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: "_") }
            let name = String(decoding: [sign], as: UTF8.self) + letters
            guard let part = part(name), rest.isEmpty || rest.popFirst() == UInt8(ascii: ";") else { return nil }
            return part
        }

        private mutating func part(_ name: String) -> Part? {
            switch rest.first {
            case nil, UInt8(ascii: ";"): return .action(name)
            case UInt8(ascii: "?"):
                rest.removeFirst()
                return .question(name)
            case UInt8(ascii: "="):
                rest.removeFirst()
                if rest.first == UInt8(ascii: "?") {
                    rest.removeFirst()
                    return .question(name)
                }
                return values().map { .setting(name, $0) }
            default: return nil
            }
        }

        private mutating func values() -> [String]? {
            var values: [String] = []
            while true {
                if rest.first == UInt8(ascii: "\"") {
                    rest.removeFirst()
                    // Some modems end the command at a semicolon between quotes too, and a backslash may hide a quote.
                    values.append(
                        take { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "\\") }
                    )
                    guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
                } else {
                    let sign = rest.first == UInt8(ascii: "-") ? 1 : 0
                    let start = rest.prefix(sign)
                    rest = rest.dropFirst(sign)
                    values.append(String(decoding: Array(start), as: UTF8.self) + take(while: Self.isDigit))
                }
                guard rest.first == UInt8(ascii: ",") else { return values }
                rest.removeFirst()
            }
        }

        private mutating func take(while isPart: (UInt8) -> Bool) -> String {
            let part = rest.prefix(while: isPart)
            rest = rest.dropFirst(part.count)
            return String(decoding: Array(part), as: UTF8.self)
        }

        private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

        private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    }
}
