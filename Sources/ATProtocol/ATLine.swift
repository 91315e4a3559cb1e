/// One line from a modem, without its terminator: what ``LineFramer`` makes of the bytes.
package struct ATLine: Sendable, Hashable {
    /// The line's text; bytes that are not UTF-8 are shown as U+FFFD.
    package let text: String

    /// Creates a line from text that has no terminator.
    package init(_ text: String) {
        self.text = text
    }

    /// Creates a line from the bytes that ``LineFramer`` hands out.
    package init(bytes: UnsafeBufferPointer<UInt8>) {
        self.text = bytes.string
    }

    /// Whether this is the `> ` with which a modem asks for more input (27.005 §3.5.1).
    package var isPrompt: Bool { text == ">" }

    /// Tells whether the line begins with `prefix`, ASCII letter case aside.
    package func hasPrefix(_ prefix: String) -> Bool {
        var rest = text.utf8.makeIterator()
        for expected in prefix.utf8 {
            guard let byte = rest.next(), byte.uppercased == expected.uppercased else { return false }
        }
        return true
    }

    /// Tells whether the line is `other`, ASCII letter case aside: how an echo is recognised.
    package func matches(_ other: String) -> Bool {
        text.utf8.count == other.utf8.count && hasPrefix(other)
    }

    /// Whether the line is made of pairs of hexadecimal digits, as messages are given in PDU mode; eight of them at least.
    package var isOctets: Bool {
        text.utf8.count >= 16 && text.utf8.count % 2 == 0 && text.utf8.allSatisfy(\.isHexDigit)
    }

    /// Lends the line's bytes for the duration of `body`.
    func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        var text = text
        return text.withUTF8(body)
    }
}

extension ATLine: CustomStringConvertible, ExpressibleByStringLiteral {
    package var description: String { text }

    /// Creates a line from a literal.
    package init(stringLiteral text: String) {
        self.init(text)
    }
}
