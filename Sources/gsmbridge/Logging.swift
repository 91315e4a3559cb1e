import Logging

/// Diagnostics on standard error, one line each.
enum Logging {
    /// A logger for one command: warnings by default, the whole dialogue with the modem when `verbose`.
    static func logger(verbose: Bool) -> Logger {
        var logger = Logger(label: "gsmbridge") { _ in StandardErrorLog() }
        logger.logLevel = verbose ? .debug : .warning
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
        Terminal.standardError("gsmbridge: \(level)\(event.message)")
    }
}
