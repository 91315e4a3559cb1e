import ModemSimulator
import NetworkSimulator

/// A conversation with the modems of a world, at a clock that the test moves.
struct Dialogue {
    var world: SimulatedWorld
    private(set) var now = ContinuousClock.now
    private(set) var events: [FarSideEvent] = []
    private(set) var plugging: [WorldOutput] = []
    /// What came over voice ttys.
    private(set) var sound: [UInt8] = []
    /// How many writes of the modem there were.
    private(set) var writes = 0
    private var bytes: [Int: [UInt8]] = [:]

    init(_ profiles: ModemProfile..., seed: UInt64 = 1, network: SimulatedNetwork = .standard) {
        world = SimulatedWorld(seed: seed, network: network)
        for profile in profiles { _ = world.addModem(profile) }
    }

    /// Writes a command line and lets a moment pass.
    mutating func send(_ line: String, modem: Int = 0, wait: Duration = .milliseconds(40)) {
        type(line + "\r", modem: modem)
        pass(wait)
    }

    /// Writes characters.
    mutating func type(_ text: String, modem: Int = 0) {
        world.receive(Array(text.utf8), from: modem, at: now)
    }

    /// Lets time pass in steps of a millisecond or to the next deadline.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let next = world.nextDeadline, next <= end {
            now = max(now, next)
            collect()
        }
        now = end
        collect()
    }

    private mutating func collect() {
        for output in world.advance(to: now) {
            switch output {
            case .bytes(let modem, let piece):
                writes += 1
                bytes[modem, default: []] += piece
            case .farSide(let event): events.append(event)
            case .sound(_, let piece): sound += piece
            case .plugged, .unplugged, .voicePort: plugging.append(output)
            }
        }
    }

    /// What came since the last call, raw.
    mutating func raw(modem: Int = 0) -> [UInt8] {
        defer { bytes[modem] = [] }
        return bytes[modem] ?? []
    }

    /// What came since the last call, in lines; noise that a family makes by itself is left out.
    mutating func lines(modem: Int = 0) -> [String] {
        raw(modem: modem).split { $0 == 0x0D || $0 == 0x0A }
            .map { String(decoding: $0, as: UTF8.self) }
            .filter { line in !Self.noise.contains { line.hasPrefix($0) } }
    }

    /// Sends a command line and returns what comes back at once.
    mutating func ask(_ line: String, modem: Int = 0, wait: Duration = .milliseconds(40)) -> [String] {
        _ = lines(modem: modem)
        send(line, modem: modem, wait: wait)
        return lines(modem: modem)
    }

    private static let noise = [
        "^RSSI:", "^BOOT:", "^MODE:", "^HCSQ:\"WCDMA\"", "^CSNR:", "^DSFLOWRPT:", "+ZPASR:", "+ZDONR:", "+ZPSTM:",
        "+ZMGT:",
    ]
}
