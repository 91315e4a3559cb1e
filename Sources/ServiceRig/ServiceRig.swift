internal import FoundationEssentials
internal import Glibc
package import ModemSimulator
package import SimulatedTerminals

/// A built `gsmbridge run` in a directory of its own, with simulated modems on terminals behind it.
///
/// Everything blocks the calling thread, which is also the one that the service must not outlive.
package final class ServiceRig {
    /// The number at which the simulated PBX takes targets.
    package static let accessNumber = "+4922166966966"
    /// The number from which the simulated PBX rings a modem for a caller that it holds.
    package static let holdingNumber = "+4922166966960"

    package let host: PseudoTerminalHost
    /// Where everything is.
    package let directory: String
    /// How many modems there are; their names are `m0`, `m1` and so on.
    package let modems: Int
    /// The running service; nil between two.
    package private(set) var service: BoundProcess?
    private let program: String
    private let callsPerHour: Int

    package var socket: String { directory + "/control.sock" }
    /// The configuration file.
    package var configuration: String { directory + "/gsmbridge.yaml" }
    /// Where the service keeps its call log.
    package var state: String { directory + "/state" }
    /// What the services of this rig have said.
    package var log: String { directory + "/service.log" }

    /// Makes modems and the configuration; starts no service yet.
    ///
    /// - Parameters:
    ///   - program: the built `gsmbridge`.
    ///   - profiles: the modems.
    ///   - seed: chooses what the simulator leaves to chance.
    ///   - callsPerHour: the limit of the dial policy.
    /// - Throws: ``RigFailure`` when there is no room, or no terminal.
    package init(program: String, profiles: [ModemProfile], seed: UInt64 = 1, callsPerHour: Int = 3600) throws {
        self.program = program
        self.callsPerHour = callsPerHour
        modems = profiles.count
        var template = Array("/tmp/gsmbridge-rig-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RigFailure("can't make a directory in /tmp", code: errno) }
        directory = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var world = SimulatedWorld(seed: seed)
        for profile in profiles { _ = world.addModem(profile) }
        host = try PseudoTerminalHost(world: world, linkDirectory: directory + "/modems")
        try host.start()
        try write()
    }

    deinit {
        service?.kill()
        host.stop()
        for name in ["calls.sqlite", "calls.sqlite-wal", "calls.sqlite-shm", "calls.lock"] {
            unlink("\(state)/\(name)")
        }
        for path in [state, directory + "/modems"] { rmdir(path) }
        for path in [configuration, socket, socket + ".lock", log] { unlink(path) }
        rmdir(directory)
    }

    private func write() throws(RigFailure) {
        let entries = host.paths.enumerated().map { "  m\($0):\n    match: { tty: \($1) }\n" }.joined()
        let text = """
            gateway:
              name: rig
              state_dir: \(state)
              socket: \(socket)
            modems:
            \(entries)
            pbx:
              office:
                profile: dtmf
                callthrough:
                  access_number: "\(Self.accessNumber)"
                  script: "{target}#"
                reverse:
                  ring_from: ["\(Self.holdingNumber)"]
                  mode: answer
            policy:
              max_calls_per_hour: \(callsPerHour)

            """
        let file = open(configuration, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw RigFailure("can't write \(configuration)", code: errno) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw RigFailure("can't write \(configuration)", code: errno)
        }
    }

    // MARK: The service

    /// Starts a service; it is open somewhat later.
    package func start(_ options: [String] = []) throws(RigFailure) {
        service = try BoundProcess(program, ["run", "--config", configuration] + options, log: log)
    }

    /// Waits until so many modems are ready, all unless given.
    ///
    /// - Throws: ``RigFailure`` with their states when the limit passes first, or the service ends.
    package func awaitReady(
        _ count: Int? = nil,
        within limit: Duration = .seconds(60),
        every pause: Duration = .milliseconds(20)
    ) throws(RigFailure) {
        var states: [String] = []
        let areReady = waited(limit, every: pause) {
            if service?.exitStatus != nil { return true }
            // Not open yet, it will be asked again.
            states = (try? modemStates()) ?? []
            return states.count { $0 == "ready" } >= count ?? modems
        }
        if let status = service?.exitStatus { throw RigFailure("the service ended with \(status)") }
        guard areReady else { throw RigFailure("modems not ready within \(limit): \(states.joined(separator: ", "))") }
    }

    /// What each modem is doing, in order.
    package func modemStates() throws(RigFailure) -> [String] {
        struct Modem: Decodable { let state: String }
        return try decode([Modem].self, "/v1/modems").map(\.state)
    }

    /// A call as the service tells of it.
    package struct LiveCall: Sendable, Decodable {
        /// Its id.
        package let call: String
        /// The name of its modem; nil while it waits for one.
        package let modem: String?
        /// How far it is, in the words of the interface.
        package let state: String
    }

    /// The calls that live or wait, oldest first.
    package func calls() throws(RigFailure) -> [LiveCall] { try decode([LiveCall].self, "/v1/calls") }

    /// How many calls live or wait.
    package func liveCalls() throws(RigFailure) -> Int { try calls().count }

    /// What the service says of itself, as it comes.
    package func status() throws(RigFailure) -> String {
        String(decoding: try ControlRequest.send("GET", "/v1/status", to: socket).body, as: UTF8.self)
    }

    /// The warnings in what the service says of itself.
    package func warnings() throws(RigFailure) -> [String] {
        struct Status: Decodable { let warnings: [String]? }
        return try decode(Status.self, "/v1/status").warnings ?? []
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws(RigFailure) -> Value {
        let reply = try ControlRequest.send("GET", path, to: socket)
        guard reply.status == 200 else { throw RigFailure("GET \(path): status \(reply.status)") }
        do { return try JSONDecoder().decode(type, from: Data(reply.body)) } catch {
            throw RigFailure("GET \(path): \(error)")
        }
    }

    /// Kills the service as a crash would.
    package func crash() {
        service?.kill()
        service = nil
    }

    /// Asks the service to end.
    ///
    /// - Returns: the exit status; nil when it had to be killed after the limit.
    package func stop(within limit: Duration = .seconds(60)) -> Int32? {
        service?.send(SIGTERM)
        defer { service = nil }
        return service?.end(within: limit)
    }

    // MARK: Calls

    /// Has a callthrough made.
    ///
    /// - Parameters:
    ///   - target: a number in national form.
    ///   - modem: the modem's index; any when nil.
    /// - Returns: whether the service took the order.
    package func dial(_ target: String, on modem: Int? = nil) throws(RigFailure) -> Bool {
        try order(target, on: modem, id: nil) == 202
    }

    /// Asks for a callthrough under an id of one's own.
    ///
    /// - Returns: the status of the answer.
    package func order(_ target: String, on modem: Int? = nil, id: String?) throws(RigFailure) -> Int {
        let choice = modem.map { ", \"modem\": \"m\($0)\"" } ?? ""
        let body = "{\"number\": \"\(target)\"\(choice)}"
        return try ControlRequest.send("POST", "/v1/calls", body: body, id: id, to: socket).status
    }

    /// Has a live call hung up.
    ///
    /// - Returns: whether the service has begun with it; one that is over can't be.
    @discardableResult
    package func hangUp(_ call: String) throws(RigFailure) -> Bool {
        try ControlRequest.send("POST", "/v1/calls/\(call)/hangup", to: socket).status == 202
    }
}
