import Console
import Gateway
import Glibc
import Logging
import Synchronization
import Systemd
import Testing

@Suite struct JournalLogHandlerTests {
    @Test(
        "the level becomes the journal's priority",
        arguments: [
            (Logger.Level.trace, "<7>"), (.debug, "<7>"), (.info, "<6>"), (.notice, "<5>"), (.warning, "<4>"),
            (.error, "<3>"), (.critical, "<2>"),
        ]
    )
    func priority(_ level: Logger.Level, _ prefix: String) {
        let lines = Lines()
        lines.logger().log(level: level, "modem ready")
        #expect(lines.all == ["\(prefix)modem ready"])
    }

    @Test("metadata follow as key=value in the order of their keys; what is nearer wins")
    func metadata() {
        let lines = Lines()
        var logger = lines.logger()
        logger[metadataKey: "modem"] = "o2"
        logger[metadataKey: "call"] = "1"
        logger.info("answered", metadata: ["call": "2", "cause": "\(16)"])
        #expect(lines.all == ["<6>answered call=2 cause=16 modem=o2"])
    }

    @Test(
        "values that would be read wrongly are quoted",
        arguments: [
            ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""), ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("back\\slash x", "\"back\\\\slash x\""), ("+4930123•••", "+4930123•••"), ("O₂-de", "O₂-de"),
        ]
    )
    func quotes(_ value: String, _ shown: String) {
        let lines = Lines()
        lines.logger().info("x", metadata: ["key": .string(value)])
        #expect(lines.all == ["<6>x key=\(shown)"])
    }

    @Test("one fact stays one line, whatever a modem sends")
    func oneLine() {
        let lines = Lines()
        lines.logger()
            .info("operator \u{1B}[31mEvil\r\n<0>panic", metadata: ["name": "a\u{202E}b\nc", "k\ney": "\u{0}\u{2028}"])
        #expect(
            lines.all == [
                #"<6>operator \u{1b}[31mEvil\r\n<0>panic k\ney=\u{0}\u{2028} name=a\u{202e}b\nc"#
            ]
        )
    }

    @Test("an error that is attached is told")
    func error() {
        let lines = Lines()
        lines.logger().warning("reload refused", error: SystemdNotificationError.failed(operation: "sendto", errno: 2))
        #expect(
            lines.all == [
                "<4>reload refused "
                    + "error=\"the service manager could not be told: sendto failed (errno 2)\""
            ]
        )
    }

    @Test("the journal is recognised by the file that the descriptor leads to")
    func stream() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var status = stat()
        try #require(fstat(ends[1], &status) == 0)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(JournalLogHandler.isRead(descriptor: ends[1], environment: ["JOURNAL_STREAM": own]))
        for other in ["\(status.st_dev):\(status.st_ino + 1)", "", ":", "8", "x:y", "\(own):1", "-1:-1"] {
            #expect(!JournalLogHandler.isRead(descriptor: ends[1], environment: ["JOURNAL_STREAM": other]))
        }
        #expect(!JournalLogHandler.isRead(descriptor: ends[1], environment: [:]))
        #expect(!JournalLogHandler.isRead(descriptor: -1, environment: ["JOURNAL_STREAM": own]))
    }
}

/// Lines that a logger has written.
private final class Lines: Sendable {
    private let written = Mutex<[String]>([])

    var all: [String] { written.withLock { $0 } }

    func logger() -> Logger {
        var logger = Logger(label: "test") { _ in
            JournalLogHandler { line in self.written.withLock { $0.append(line) } }
        }
        logger.logLevel = .trace
        return logger
    }
}
