internal import Glibc
internal import TextCoding

/// Lines on standard output and standard error, whole and in order.
///
/// The program never waits for the reader: a pipe that is not emptied, or a terminal that is held by Ctrl-S, must not
/// hold up the supervision of a call.
package enum Terminal {
    private static let output = LineWriter(STDOUT_FILENO)
    private static let error = LineWriter(STDERR_FILENO)

    /// Writes a line to standard output.
    ///
    /// - Returns: whether the reader was still there when something was last written.
    @discardableResult
    package static func standardOutput(_ line: String) -> Bool { output.write(Array(safe(line).utf8) + [0x0A]) }

    /// Writes a record of CSV to standard output; its line ends with CR and LF (RFC 4180).
    @discardableResult
    package static func standardOutput(csv record: String) -> Bool {
        let text = String(
            record.unicodeScalars.reversed().drop { $0 == "\r" || $0 == "\n" }.reversed().map(Character.init)
        )
        return output.write(Array(safe(text).utf8) + [0x0D, 0x0A])
    }

    /// Writes a line of JSON to standard output.
    @discardableResult
    package static func standardOutput(_ line: [UInt8]) -> Bool {
        output.write(Array(safe(String(decoding: line, as: UTF8.self), asJSON: true).utf8) + [0x0A])
    }

    /// Writes a text of several lines to standard output.
    package static func standardOutput(text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) { standardOutput(String(line)) }
    }

    /// Writes a line to standard error.
    package static func standardError(_ line: String) { error.write(Array(safe(line).utf8) + [0x0A]) }

    /// Rewrites the live line at the bottom of standard error; an empty text removes it.
    package static func liveLine(_ text: String) { error.write(Array("\r\u{1B}[K\(safe(text))".utf8)) }

    /// A text that a terminal only shows: active characters become `\u{1B}`, in JSON `\u001b`.
    package static func safe(_ text: String, asJSON: Bool = false) -> String {
        TerminalText.safe(text) { scalar in
            guard asJSON else { return scalar.escaped(asASCII: true) }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }

    /// Whether standard error is a terminal.
    package static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// Waits until everything is written, `limit` seconds at the most for each of the two.
    package static func drain(within limit: Double = 2) {
        output.drain(within: limit)
        error.drain(within: limit)
    }

    /// Waits until everything before has gone to standard output, however slow its reader is, so that nothing of a long
    /// output is dropped.
    ///
    /// - Returns: whether the reader is still there.
    package static func drained() -> Bool { output.drained() }

    /// Makes sure that the three standard descriptors exist, so that no other file takes their numbers.
    package static func openMissingDescriptors() {
        while true {
            let descriptor = open("/dev/null", O_RDWR)
            guard descriptor >= 0, descriptor <= STDERR_FILENO else {
                if descriptor > STDERR_FILENO { close(descriptor) }
                return
            }
        }
    }
}
