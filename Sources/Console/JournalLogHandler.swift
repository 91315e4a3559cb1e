internal import Glibc
package import Logging
internal import TextCoding

/// A log handler for the systemd journal: one line a fact, with the priority in front (sd-daemon(3)) and metadata behind.
///
/// `<6>call answered call=4f0c… modem=o2`. There is no time in it, because the journal has its own.
package struct JournalLogHandler: LogHandler {
    /// Metadata for every line.
    package var metadata: Logger.Metadata = [:]
    /// What is told and what is not.
    package var logLevel: Logger.Level = .info
    /// Metadata that is asked for with each line.
    package var metadataProvider: Logger.MetadataProvider?

    private let write: @Sendable (String) -> Void

    /// Creates a handler.
    ///
    /// - Parameter write: takes one line without its line feed; called on any thread.
    package init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// One value of ``metadata``.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line.
    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        if let error = event.error { all["error"] = .string("\(error)") }
        write(Self.line(level: event.level, message: "\(event.message)", metadata: all))
    }

    /// Whether the journal reads what is written to a descriptor (`$JOURNAL_STREAM`, systemd.exec(5)).
    ///
    /// The variable alone says nothing: it is inherited by programs whose output goes elsewhere.
    ///
    /// - Parameters:
    ///   - descriptor: standard error unless said otherwise.
    ///   - environment: the environment variables.
    package static func isRead(descriptor: Int32 = 2, environment: [String: String]) -> Bool {
        guard let stream = environment["JOURNAL_STREAM"] else { return false }
        let numbers = stream.split(separator: ":", omittingEmptySubsequences: false)
        guard numbers.count == 2, let device = UInt64(numbers[0]), let inode = UInt64(numbers[1]) else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }

    /// The line for a fact: keys in alphabetical order, control characters escaped.
    static func line(level: Logger.Level, message: String, metadata: Logger.Metadata) -> String {
        let facts = metadata.sorted { $0.key < $1.key }
            .map { " \(TerminalText.escaped($0.key))=\(quoted("\($0.value)"))" }
        return "<\(priority(of: level))>\(TerminalText.escaped(message))\(facts.joined())"
    }

    /// The levels of syslog(3).
    private static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }

    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && !value.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0 == "\\" }
        if isPlain { return TerminalText.escaped(value) }
        var inner = ""
        for character in value {
            if character == "\"" || character == "\\" { inner.append("\\") }
            inner.append(character)
        }
        return "\"\(TerminalText.escaped(inner))\""
    }
}
