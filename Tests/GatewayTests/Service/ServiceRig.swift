import CallFlows
import CallLog
import CallModel
import CallRecords
import DeviceDiscovery
import DialPlan
import FoundationEssentials
import GatewayAPI
import Logging
import ModemSimulator
import NetworkSimulator
import PBXLinks
import SimulatedTerminals
import Synchronization
import TestSupport

@testable import Calls
@testable import Gateway
@testable import PBX
@testable import Settings

/// A running service on simulated modems, with a PBX that does what a test says.
final class ServiceRig: Sendable {
    /// Whom the PBX rings for callbacks, and for callers whom it holds.
    static let callbackNumber = "+4922166966961"
    static let reverseNumber = "+4922166966960"
    static let accessNumber = "+4922166966966"

    private struct State {
        var events: [CallEvent] = []
        var run: Task<Void, Never>?
    }

    let host: PseudoTerminalHost
    let service: GatewayService
    let pbx: ScriptedPBX
    let writer: CallLogWriter
    private let directory: TemporaryDirectory
    private let state = Mutex(State())

    /// Starts a service on modems that are called `m0`, `m1` and so on.
    ///
    /// - Parameters:
    ///   - modems: how many.
    ///   - gateway: further lines of the configuration's `gateway` block.
    ///   - family: whose dialect they speak.
    ///   - faults: what goes wrong on each of them.
    ///   - reverse: how callers are taken whom the PBX `office` holds.
    ///   - access: the PBX's access number.
    ///   - callthrough: further values of the PBX's `callthrough`, each with a comma in front.
    ///   - more: further blocks.
    ///   - modem: further lines of each modem; `{n}` is its number.
    ///   - pbx: the PBX.
    init(
        modems: Int = 1,
        family: ModemSimulator.ModemFamily = .quectel,
        faults: [SimulatedFault] = [],
        gateway: [String] = [],
        reverse: String? = nil,
        expectWithin: String = "30s",
        access: String = ServiceRig.accessNumber,
        callthrough: String = "",
        more: [String] = [],
        modem: [String] = [],
        pbx: ScriptedPBX = ScriptedPBX()
    ) async throws {
        let profiles = (0..<modems)
            .map { number in
                var profile = ModemProfile(family, number: number)
                profile.faults = faults
                return profile
            }
        var world = SimulatedWorld(seed: 11)
        for profile in profiles { _ = world.addModem(profile) }
        directory = try TemporaryDirectory()
        host = try PseudoTerminalHost(world: world, linkDirectory: directory.path + "/tty")
        var lines = ["gateway:", "  state_dir: \(directory.path)/state"] + gateway.map { "  " + $0 } + ["modems:"]
        for (number, tty) in host.paths.enumerated() {
            lines += ["  m\(number):", "    match: { tty: \(tty) }", "    number: \"\(profiles[number].ownNumber)\""]
            lines += modem.map { "    " + $0.replacing("{n}", with: "\(number)") }
        }
        lines += ["pbx:", "  office:", "    profile: generic", "    url: http://127.0.0.1:9/api"]
        lines += ["    callthrough: { access_number: \"\(access)\", settle: 0s\(callthrough) }"]
        lines += ["    callback: { ring_from: [\"\(Self.callbackNumber)\"], expect_within: \(expectWithin) }"]
        let ring = reverse?.contains("hold: agent") == true ? "" : "ring_from: [\"\(Self.reverseNumber)\"], "
        if let reverse { lines += ["    reverse: { \(ring)\(reverse) }"] }
        lines += more
        let configuration = try ConfigurationRig.read(lines.joined(separator: "\n") + "\n")
        self.pbx = pbx
        writer = CallLogWriter(directory: configuration.gateway.stateDirectory)
        var parts = GatewayService.Parts(
            configuration: configuration,
            environment: ConfigurationRig.environment(),
            version: "1",
            recorder: CallRecorder(writer: writer),
            usage: MemoryUsageLedger(),
            devices: { AsyncStream { _ in } }
        )
        parts.connect = { _, _, _ in PBXLink(control: pbx) }
        service = GatewayService(parts, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try host.start()
        _ = service.events.listen(from: nil) { [weak self] entry in
            if let event = entry.event as? CallEvent { self?.state.withLock { $0.events.append(event) } }
            return true
        } ended: {
        }
        let service = service
        let run = Task { do { try await service.run() } catch { return } }
        state.withLock { $0.run = run }
        for number in 0..<modems {
            _ = await waits { await service.modems().first { $0.name == "m\(number)" }?.state == .ready }
        }
    }

    /// Ends the service and the modems.
    func stop() async {
        service.stop(grace: .zero)
        await state.withLock { $0.run }?.value
        host.stop()
    }

    // MARK: The network

    /// Calls a modem from outside; returns the call's number.
    @discardableResult
    func ring(_ modem: Int = 0, from caller: String, givesUpAfter: Duration = .seconds(30)) -> Int? {
        host.withWorld { world, now in world.ring(modem: modem, from: caller, at: now, givesUpAfter: givesUpAfter) }
    }

    /// Hangs a call up at the far side.
    func hangUp(_ call: Int?) {
        guard let call else { return }
        host.withWorld { world, now in world.hangUpFarSide(call: call, at: now) }
    }

    /// The calls of one of the modems, as the network saw them.
    func calls(of modem: Int = 0) -> [SimulatedCall] {
        host.withWorld { world, _ in world.calls.filter { $0.modem == modem } }
    }

    /// Whether the first modem was given this command.
    func hasGiven(_ command: String) -> Bool {
        host.withWorld { world, _ in world.commands(of: 0).contains(command) }
    }

    func isAnswered(_ call: Int?) -> Bool {
        host.withWorld { world, _ in world.calls.contains { $0.id == call && $0.state == .answered } }
    }

    /// Whether nothing is left up on any modem.
    var isIdle: Bool {
        host.withWorld { world, _ in (0..<world.profiles.count).allSatisfy { world.liveCalls(of: $0) == 0 } }
    }

    // MARK: Events

    /// The events of calls so far.
    var events: [CallEvent] { state.withLock { $0.events } }

    /// The ends of calls so far, in order.
    var ends: [CallEnd] {
        events.compactMap { event in
            if case .progress(.ended(let end)) = event.kind { end } else { nil }
        }
    }

    /// The names of the events of a call, or of the first one.
    func story(of call: UUID? = nil) -> [String] {
        let id = call ?? events.first?.call
        return events.filter { $0.call == id }.map { String($0.name.dropFirst("call.".count)) }
    }

    func requests() -> [CallEvent.Request] {
        events.compactMap { event in
            if case .requested(let request) = event.kind { request } else { nil }
        }
    }

    /// Waits until so many calls have ended.
    func waitsForEnds(_ count: Int = 1, _ limit: Duration = .seconds(180)) async -> Bool {
        await waits(limit) { self.ends.count >= count }
    }

    /// What the journal knows of a call, in order.
    func steps() async throws -> [JournalStep.Kind] {
        try await writer.perform { log throws(CallLogError) in try log.openEntries() }.map(\.step.kind)
    }

    /// Asks for a callback.
    func callback(modem: String? = nil, number: String = "030 123456") async throws -> UUID {
        var request = DialRequest(number: number)
        request.via = .callback
        request.modem = modem
        let id = UUID()
        _ = try await service.dial(request, id: id, origin: .local)
        return id
    }
}

/// A PBX that does what a test says, and remembers what it was asked.
final class ScriptedPBX: CallControl {
    enum Asked: Sendable, Equatable {
        case callthrough(target: String)
        case callback(target: String, caller: String?)
        case claim(String)
        case release(String, ReleaseRequest.Reason)
        case hangUp(String)
        case withdraw
    }

    private struct State {
        var asked: [Asked] = []
        var callback: @Sendable (CallbackRequest) async -> Result<CallReference?, PBXError> = { _ in .success(nil) }
        var claim: @Sendable (ClaimRequest) async -> Result<CallTicket, PBXError> = { _ in .success(CallTicket()) }
        var callthrough: @Sendable (CallthroughRequest) async -> Result<CallTicket, PBXError> = { _ in
            .failure(PBXError(.unsupported, "no", remedy: "none"))
        }
        var withdrawal: @Sendable () -> Void = {}
        var status: @Sendable () throws(PBXError) -> PBXCallState = { .unknown }
        var capabilities = PBXCapabilities(reverse: .native, callsBack: true)
    }

    private let state = Mutex(State())
    let name = "office"

    var asked: [Asked] { state.withLock { $0.asked } }

    var capabilities: PBXCapabilities {
        get { state.withLock { $0.capabilities } }
        set { state.withLock { $0.capabilities = newValue } }
    }

    /// Says what comes of a request for a callback.
    func onCallback(_ body: @escaping @Sendable (CallbackRequest) async -> Result<CallReference?, PBXError>) {
        state.withLock { $0.callback = body }
    }

    /// Says what comes of a claim.
    func onClaim(_ body: @escaping @Sendable (ClaimRequest) async -> Result<CallTicket, PBXError>) {
        state.withLock { $0.claim = body }
    }

    /// Says what comes of an announcement.
    func onCallthrough(_ body: @escaping @Sendable (CallthroughRequest) async -> Result<CallTicket, PBXError>) {
        state.withLock { $0.callthrough = body }
    }

    /// Says what happens when an announcement is taken back.
    func onWithdrawal(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.withdrawal = body } }

    private func note(_ asked: Asked) { state.withLock { $0.asked.append(asked) } }

    func prepareCallthrough(_ request: CallthroughRequest) async throws(PBXError) -> CallTicket {
        note(.callthrough(target: request.target.description))
        return try await state.withLock { $0.callthrough }(request).get()
    }

    func withdrawCallthrough(_ request: WithdrawRequest) async throws(PBXError) {
        note(.withdraw)
        state.withLock { $0.withdrawal }()
    }

    func requestCallback(_ request: CallbackRequest) async throws(PBXError) -> CallReference? {
        note(.callback(target: request.target.description, caller: request.caller?.description))
        return try await state.withLock { $0.callback }(request).get()
    }

    func claimHeld(_ request: ClaimRequest) async throws(PBXError) -> CallTicket {
        note(.claim(request.held.text))
        return try await state.withLock { $0.claim }(request).get()
    }

    func releaseHeld(_ request: ReleaseRequest) async throws(PBXError) {
        note(.release(request.held.text, request.reason))
    }

    func hangUp(_ call: CallReference) async throws(PBXError) { note(.hangUp(call.text)) }

    /// Says how a call stands.
    func onStatus(_ body: @escaping @Sendable () throws(PBXError) -> PBXCallState) {
        state.withLock { $0.status = body }
    }

    func status(of call: CallReference) async throws(PBXError) -> PBXCallState {
        try state.withLock { $0.status }()
    }

    func health() async throws(PBXError) -> PBXHealth { PBXHealth() }
}
