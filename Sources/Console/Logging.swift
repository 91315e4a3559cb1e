internal import FoundationEssentials
package import Logging
internal import Synchronization

/// Diagnostics on standard error, one line each.
package enum Logging {
    /// From which level on libraries that make loggers of their own are heard.
    ///
    /// A single command says by itself what came of it; a service has only its log.
    private static let libraryLevel = Mutex(Logger.Level.error)

    /// Has libraries that make loggers of their own write as this program does; to be called once, at its start.
    package static func takeLibraries() {
        LoggingSystem.bootstrap { _ in
            var handler = handler
            handler.logLevel = libraryLevel.withLock { $0 }
            return handler
        }
    }

    /// Lets libraries be heard from a level on, in loggers that they make from here on.
    package static func hearLibraries(from level: Logger.Level) { libraryLevel.withLock { $0 = level } }

    /// A logger for one command: warnings by default, the whole dialogue with the modem when `verbose`.
    package static func logger(verbose: Bool) -> Logger { logger(level: verbose ? .debug : .warning) }

    /// A logger on standard error, in the journal's form where the journal reads it.
    package static func logger(level: Logger.Level) -> Logger {
        let handler = handler
        var logger = Logger(label: "gsmbridge") { _ in handler }
        logger.logLevel = level
        return logger
    }

    private static var handler: any LogHandler {
        let isJournal = JournalLogHandler.isRead(environment: ProcessInfo.processInfo.environment)
        return isJournal ? JournalLogHandler { Terminal.standardError($0) } : StandardErrorLog()
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
