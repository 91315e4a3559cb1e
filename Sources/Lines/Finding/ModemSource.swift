internal import DeviceDiscovery
internal import Glibc
internal import Logging
internal import Modem
internal import SerialPort
internal import Synchronization

/// Where a modem is found.
enum ModemPlace: Sendable, Hashable {
    /// A stick on the bus; which of its ports to use is found out.
    case stick(USBModem)
    /// A tty that is configured; used as it is.
    case tty(String)

    var tty: String? {
        if case .tty(let path) = self { return path }
        return nil
    }

    var stick: USBModem? {
        if case .stick(let stick) = self { return stick }
        return nil
    }
}

/// An open port with a session that was answered.
struct ModemConnection: Sendable {
    let session: ModemSession
    let loop: any ModemLoop
    let tty: String
    /// What is to be known about the stick's other ports; nil when nothing is.
    var remark: String?
    /// Closes the port, in bounded time.
    let close: @Sendable () async -> Void
}

/// What supervision needs of the outside world; tests have one of their own.
protocol ModemSource: Sendable {
    /// Opens the port that answers commands.
    func open(
        _ place: ModemPlace,
        settings: SerialSettings?,
        log: Logger
    ) async throws(ModemSourceError) -> ModemConnection
    /// Opens a tty without asking anything, to write to a modem that does not answer; nil when that fails.
    func openUnheard(_ tty: String, log: Logger) async -> ModemConnection?
    /// Whether a tty is there.
    func isThere(_ tty: String) -> Bool
    /// The device behind a path, links followed.
    func resolved(_ tty: String) -> String
    /// Whether the stick can be taken off the bus and put back.
    func canReconnect(_ stick: USBModem) -> Bool
    /// Takes the stick off the bus and puts it back; false when that is not permitted.
    func reconnect(_ stick: USBModem) async -> Bool
    /// A stick has come: what hung before gets a new try.
    func arrived(_ stick: USBModem)
}

/// Why no port of a modem could be opened.
enum ModemSourceError: Error, Sendable, Hashable {
    /// Ports opened, and nothing answered.
    case silent(String)
    /// Opening never came back.
    case stuck(String)
    /// A port could not be opened.
    case unopenable(String)
}

/// Ttys of this machine.
final class TerminalSource: ModemSource {
    /// Whether a tty that is given by its path is asked for a sign of life before it is set up.
    private let asksFirst: Bool
    private let quarantine = Mutex(PortQuarantine())
    /// Which interface answered the last time, by stick.
    private let answered = Mutex<[String: UInt8]>([:])

    init(asksFirst: Bool = true) { self.asksFirst = asksFirst }

    func open(
        _ place: ModemPlace,
        settings: SerialSettings?,
        log: Logger
    ) async throws(ModemSourceError) -> ModemConnection {
        switch place {
        case .tty(let path): try await open(tty: path, settings: settings ?? SerialSettings(), log: log)
        case .stick(let stick): try await open(stick, log: log)
        }
    }

    private func open(
        tty: String,
        settings: SerialSettings,
        log: Logger
    ) async throws(ModemSourceError) -> ModemConnection {
        guard asksFirst else {
            do throws(SerialError) {
                return Self.connection(try await ModemPort.open(tty, settings: settings, log: log), tty)
            } catch {
                throw Self.failure(error)
            }
        }
        switch await PortSearch.contact(tty, settings: settings, log: log) {
        case .answers(let port): return Self.connection(port, tty)
        case .silent, .graceIsOver: throw .silent(ModemError.deaf.description)
        case .fails(let error): throw Self.failure(error)
        }
    }

    private func open(_ stick: USBModem, log: Logger) async throws(ModemSourceError) -> ModemConnection {
        let all = stick.commandPorts
        let now = ContinuousClock.now
        let free = quarantine.withLock { quarantine in
            all.filter { !quarantine.holds(Self.key(of: $0, stick), at: now) }
        }
        guard !free.isEmpty else {
            throw .stuck("every port of the stick hangs in its kernel driver; unplug it and plug it in again")
        }
        let preferred = answered.withLock { $0[Self.key(of: stick)] }
        let result = await PortSearch.firstAnswering(of: free, preferred: preferred, log: log)
        let hung = result.failures.filter { $0.error.isHang }
        quarantine.withLock { quarantine in
            for (port, _) in hung { quarantine.add(Self.key(of: port, stick), at: .now) }
        }
        let shunned = all.filter { port in !free.contains(port) }.map(\.path) + hung.map(\.port.path)
        let remark =
            shunned.isEmpty
            ? nil : "\(shunned.joined(separator: ", ")) hangs in its kernel driver and is left alone for a while"
        guard let (port, tty) = result.found else {
            // A port that can't be opened explains more than one that is silent.
            if let first = hung.first, first.port == free.first || result.failures.count == hung.count {
                throw .stuck(first.error.description)
            }
            if let failure = result.failures.first(where: { !$0.error.isHang }) { throw Self.failure(failure.error) }
            throw .silent("none of its ttys answers AT; unplug it and plug it in again")
        }
        if let number = tty.interface?.number { answered.withLock { $0[Self.key(of: stick)] = number } }
        var connection = Self.connection(port, tty.path)
        connection.remark = remark
        return connection
    }

    func openUnheard(_ tty: String, log: Logger) async -> ModemConnection? {
        do throws(SerialError) {
            let settings = SerialSettings(openTimeLimit: PortSearch.openLimit)
            return Self.connection(try await ModemPort.open(tty, settings: settings, log: log), tty)
        } catch {
            log.debug("\(error)")
            return nil
        }
    }

    func isThere(_ tty: String) -> Bool { access(tty, F_OK) == 0 }

    func resolved(_ tty: String) -> String {
        guard let pointer = realpath(tty, nil) else { return tty }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    func arrived(_ stick: USBModem) {
        quarantine.withLock { quarantine in
            for port in stick.commandPorts { quarantine.release(Self.key(of: port, stick), at: .now) }
        }
    }

    // MARK: Taking a stick off the bus

    func canReconnect(_ stick: USBModem) -> Bool { access(Self.switchPath(of: stick), W_OK) == 0 }

    func reconnect(_ stick: USBModem) async -> Bool {
        let path = Self.switchPath(of: stick)
        guard await Self.write("0", to: path) else { return false }
        // Cancelled or not, what was switched off has to be switched on again.
        try? await Task.sleep(for: .seconds(2))
        return await Self.write("1", to: path)
    }

    /// The file by which the kernel is told whether a USB device may be used (Documentation/usb/authorization).
    private static func switchPath(of stick: USBModem) -> String { stick.sysPath + "/authorized" }

    /// Writes to a file of sysfs, which can take as long as the device's driver does.
    private static func write(_ text: String, to path: String) async -> Bool {
        await withCheckedContinuation { continuation in
            SystemThread.run {
                let file = Glibc.open(path, O_WRONLY | O_CLOEXEC)
                guard file >= 0 else { return continuation.resume(returning: false) }
                let count = Glibc.write(file, text, text.utf8.count)
                Glibc.close(file)
                continuation.resume(returning: count == text.utf8.count)
            }
        }
    }

    // MARK: Parts

    private static func connection(_ port: ModemPort, _ tty: String) -> ModemConnection {
        ModemConnection(session: port.session, loop: port.loop, tty: tty, close: { await port.close() })
    }

    private static func failure(_ error: SerialError) -> ModemSourceError {
        error.isHang ? .stuck(error.description) : .unopenable(error.description)
    }

    private static func key(of stick: USBModem) -> String { "\(stick.path) \(stick.id)" }

    private static func key(of port: USBPort, _ stick: USBModem) -> String {
        "\(key(of: stick)) " + (port.interface.map { "\($0.number)" } ?? port.path)
    }
}

extension SerialError {
    /// Whether the kernel driver did not come back.
    var isHang: Bool {
        switch self {
        case .openTimedOut, .stillBlocked: true
        case .notFound, .isADirectory, .notATerminal, .permissionDenied, .busy, .cancelled, .failed,
            .unsupportedSpeed:
            false
        }
    }

    /// Whether another program has it.
    var isBusy: Bool { if case .busy = self { true } else { false } }
}

/// Ports that hung in open, and until when each is left alone.
struct PortQuarantine: Sendable {
    private struct Entry: Sendable {
        var count: Int
        var until: ContinuousClock.Instant
    }

    private var entries: [String: Entry] = [:]
    /// The most ports that are remembered.
    private static let capacity = 256

    /// Notes that a port hung; it is left alone for 30 s, twice as long each further time, an hour at most.
    mutating func add(_ port: String, at now: ContinuousClock.Instant) {
        if entries.count >= Self.capacity { entries = entries.filter { $0.value.until > now } }
        guard entries.count < Self.capacity else { return }
        let count = (entries[port]?.count ?? 0) + 1
        let pause = Duration.seconds(min(3600, 30 << min(count - 1, 7)))
        entries[port] = Entry(count: count, until: now + pause)
    }

    /// Whether a port is to be left alone.
    func holds(_ port: String, at now: ContinuousClock.Instant) -> Bool {
        entries[port].map { $0.until > now } ?? false
    }

    /// The stick is new on the bus: its ports may be tried, and are left alone for longer if they hang again.
    mutating func release(_ port: String, at now: ContinuousClock.Instant) {
        guard var entry = entries[port] else { return }
        entry.until = now
        entries[port] = entry
    }
}
