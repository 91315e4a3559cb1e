package import Logging
internal import Synchronization
internal import TextCoding

/// The last lines of this program's log, with numbers masked, for people who look at the page.
package final class LogTail: Sendable {
    /// The most lines, and the most characters of one: 60 kB at most, or four times that in other scripts.
    private static let (most, longest) = (200, 300)

    private let lines = Mutex<[String]>([])

    package init() {}

    /// The lines, oldest first.
    package var all: [String] { lines.withLock { $0 } }

    /// A logger that writes as another does, and here.
    package func logger(_ other: Logger, at time: @escaping @Sendable () -> String) -> Logger {
        let copy = JournalLogHandler { [self] line in
            // The journal's form begins with the level, as `<6>`.
            let bare = line.drop { $0 != ">" }.dropFirst()
            let text = MaskedText.numbers(in: String(bare.prefix(Self.longest)))
            lines.withLock { lines in
                if lines.count >= Self.most { lines.removeFirst() }
                lines.append("\(time()) \(text)")
            }
        }
        var logger = Logger(label: other.label) { _ in MultiplexLogHandler([other.handler, copy]) }
        logger.logLevel = other.logLevel
        return logger
    }
}
