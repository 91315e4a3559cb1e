import Gateway
import Logging

/// Diagnostics on standard error, one line each.
enum Logging {
    /// A logger for one command: warnings by default, the whole dialogue with the modem when `verbose`.
    static func logger(verbose: Bool) -> Logger { logger(level: verbose ? .debug : .warning) }

    /// A logger on standard error, in the journal's form where the journal reads it.
    static func logger(level: Logger.Level) -> Logger {
        let isJournal = JournalLogHandler.isRead(environment: ConfigurationEnvironment.current.variables)
        let handler: any LogHandler =
            isJournal ? JournalLogHandler { Terminal.standardError($0) } : StandardErrorLog()
        var logger = Logger(label: "gsmbridge") { _ in handler }
        logger.logLevel = level
        return logger
    }
}

/// A log handler that writes `gsmbridge: level: message`.
struct StandardErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let level = event.level <= .info ? "" : "\(event.level): "
        let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }
            .sorted { $0.key < $1.key }
            .map { " \($0.key)=\($0.value)" }
            .joined()
        Terminal.standardError("gsmbridge: \(level)\(event.message)\(facts)")
    }
}
