import CallLog
import FoundationEssentials
internal import GatewayAPI
import ModemSimulator
internal import NetworkSimulator
import ServiceRig
internal import SimulatedTerminals

// Too much of everything, and ids that come again.
extension Scenario {
    /// How much more memory a flood may take, in kB: queues of 64 KiB and the like, not what was sent.
    private static let floodMemory = 64 * 1024
    /// How much may be logged about one flood, in bytes.
    private static let floodLog = 1 << 20

    func flood(_ trial: Trial) throws -> String {
        let host = trial.rig.host
        try trial.rig.awaitReady()
        try trial.callOnEach()
        trial.countResources()
        guard let service = trial.rig.service?.id, let before = ProcessFigures.peak(of: service) else {
            throw RigFailure("the service has ended")
        }
        // m1 and m3 talk meanwhile; the call of m1 has to end in all the noise, that of m3 beside it.
        for modem in [1, 3] { trial.dial(on: modem, talk: .seconds(600)) }
        if !waited(.seconds(40), { trial.up(1..<2) { $0.isJoined } && trial.up(3..<4) { $0.isJoined } }) {
            trial.find("not every call was joined")
        }
        // 1 MiB of prompts by a modem that does not read, nonsense in a call, results without a command.
        host.setReading(false, modem: 0)
        var nonsense: [UInt8] = []
        for _ in 0..<1024 { nonsense.append(UInt8(trial.draw(0...255))) }
        let (prompts, results) = (
            Array(repeating: Array("> ".utf8), count: 1024).flatMap { $0 }, Array("\r\nOK\r\n".utf8)
        )
        host.withWorld { world, now in
            world.chatter(prompts, every: .milliseconds(2), for: .seconds(2), on: 0, at: now)
            world.chatter(nonsense, every: .milliseconds(2), for: .seconds(15), on: 1, at: now)
            world.chatter(results, every: .milliseconds(1), for: .seconds(15), on: 2, at: now)
        }
        let requests = try pester(trial)
        var slowest = Duration.zero
        for modem in [1, 3] {
            let times = try hangUp(modem..<(modem + 1), trial)
            if times.isEmpty { trial.find("the call on m\(modem) did not live through it") }
            for (_, time) in times { slowest = max(slowest, time) }
        }
        if slowest > .seconds(3) { trial.find("a call ended \(slowest.inTenths) after the order to hang up") }
        rest(.seconds(15))
        host.setReading(true, modem: 0)
        try trial.awaitQuiet()
        try trial.rig.awaitReady(within: .seconds(120))
        try trial.callOnEach()
        let more = (ProcessFigures.peak(of: service) ?? 0) - before
        if more > Self.floodMemory { trial.find("\(more / 1024) MiB more memory at the peak") }
        let logged = trial.logSize
        if logged > Self.floodLog { trial.find("\(logged >> 10) KiB of log") }
        return "\(requests) requests; hung up at most \(slowest.inTenths) after the order; "
            + "\(more / 1024) MiB more at the peak, \(logged >> 10) KiB of log; \(trial.compareResources())"
    }

    /// Asks nonsense, asks half, and listens without reading.
    ///
    /// - Returns: how many requests it was.
    private func pester(_ trial: Trial) throws -> Int {
        let socket = trial.rig.socket
        var kept: [RudeConnection] = []
        let large = String(repeating: "x", count: 1 << 20)
        var count = 0
        for turn in 0..<100 {
            // Refusing to serve so many is right; not to come back from it is not.
            for text in [
                "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n", "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n" + large,
                String(repeating: "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 200), large,
            ] {
                guard let connection = try? RudeConnection(to: socket) else { continue }
                connection.send(Array(text.utf8))
                kept.append(connection)
                count += 1
            }
            // The service answers others between; one that is turned away asks again.
            if turn % 10 == 0 { _ = try? trial.rig.liveCalls() }
            if kept.count > 200 { kept.removeFirst(100) }
        }
        return count
    }

    // MARK: Ids

    /// The limit of calls in an hour under which ids are tried again.
    static let idLimit = 4
    /// More than a service remembers of the calls that have just ended.
    private static let idRefusals = 1040

    func ids(_ trial: Trial) throws -> String {
        let rig = trial.rig
        try rig.awaitReady()
        let id = UUID().uuidString.lowercased()
        trial.subscribe("03055501", talk: .seconds(1))
        if try rig.order("03055501", id: id) != 202 { trial.find("the first order was refused") }
        try trial.awaitQuiet()
        // The rest of what the hour allows.
        for number in 1..<Self.idLimit { try once("0305551\(number)", trial) }
        let record = try Self.record(id, rig)
        var refusals = 0
        func again(_ when: String) throws {
            let status = try rig.order("03055501", id: id)
            try trial.awaitQuiet()
            let dialled = trial.dialled
            if dialled != Self.idLimit { trial.find("\(when): \(dialled) calls, allowed are \(Self.idLimit)") }
            if try Self.record(id, rig) != record { trial.find("\(when): the record of the first call was changed") }
            if status == 202 { trial.find("\(when): an id that was used is taken again") }
        }
        try again("at once")
        for start in ["after refusals", "after a stop and refusals", "after kill -9 and refusals"] {
            if refusals > 0 {
                if start.contains("kill") { rig.crash() } else { _ = rig.stop() }
                try rig.start()
                try rig.awaitReady()
                try again(start.prefix { $0 != " " } + " a start")
            }
            for number in 0..<Self.idRefusals {
                // Over the limit: accepted as an order, and refused by the policy.
                if try rig.order("0305552\(number % 10)", id: UUID().uuidString) == 202 { refusals += 1 }
                if number % 100 == 99 { try trial.awaitQuiet() }
            }
            try trial.awaitQuiet()
            try again(start)
        }
        return "\(trial.dialled) calls with a limit of \(Self.idLimit), \(refusals) refused ones between, two restarts"
    }

    /// One call to a number that hangs up again.
    private func once(_ target: String, _ trial: Trial) throws {
        trial.subscribe(target, talk: .seconds(1))
        if try trial.rig.order(target, id: nil) != 202 { trial.find("an order for \(target) was refused") }
        try trial.awaitQuiet()
    }

    private static func record(_ id: String, _ rig: ServiceRig) throws -> CallRecord? {
        guard let id = UUID(uuidString: id), let log = try CallLog.openForReading(directory: rig.state) else {
            return nil
        }
        defer { try? log.close() }
        return try log.call(id)
    }
}
