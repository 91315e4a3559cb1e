/// A place in a JSON value, such as `/result/calls/0/id` (RFC 6901).
package struct JSONPointer: Sendable, Equatable, CustomStringConvertible {
    /// The names on the way, unescaped.
    package let tokens: [String]

    /// Reads a pointer: empty for the whole value, else beginning with `/`; `~0` stands for `~`, `~1` for `/`.
    package init?(_ text: String) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        // Scalars, because a combining mark behind a `/` makes one character of the two.
        guard text.unicodeScalars.first == "/", text.utf8.count <= 256 else { return nil }
        var tokens: [String] = []
        for part in text.unicodeScalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            var token = ""
            var isEscape = false
            for scalar in part {
                switch (isEscape, scalar) {
                case (false, "~"): isEscape = true
                case (true, "0"), (true, "1"):
                    token += scalar == "0" ? "~" : "/"
                    isEscape = false
                case (true, _): return nil
                case (false, _): token.unicodeScalars.append(scalar)
                }
            }
            guard !isEscape else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    /// What stands at that place; nil when there is nothing.
    package func value(in root: JSONValue) -> JSONValue? {
        var current = root
        for token in tokens {
            switch current {
            case .object:
                guard let next = current[token] else { return nil }
                current = next
            case .array(let list):
                guard let index = Self.index(token), index < list.count else { return nil }
                current = list[index]
            case .null, .bool, .number, .string: return nil
            }
        }
        return current
    }

    /// An index has no leading zeros (RFC 6901 section 4).
    private static func index(_ token: String) -> Int? {
        guard (1...9).contains(token.utf8.count), token.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            token == "0" || !token.hasPrefix("0")
        else { return nil }
        return Int(token)
    }

    /// The pointer as it is written.
    package var description: String {
        tokens.map { token in
            "/" + token.unicodeScalars.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
        }
        .joined()
    }
}
