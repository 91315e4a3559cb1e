internal import CallFlows
internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
package import Lines
package import Logging
internal import Modem
package import Settings

/// What every call of the service works with, as it stood when the call began.
package struct CallTools: Sendable {
    var configuration: Configuration
    var fleet: ModemFleet
    var calls: LiveCalls
    var recorder: CallRecorder
    var authority: DialAuthority
    var directory: PBXDirectory
    var desk: IncomingDesk
    var names: CallerNames
    var sounds: AudioDesk
    var log: Logger
    /// Has a call run as a part of the service; false where it runs nothing any more.
    var order: @Sendable (Call) -> Bool

    /// Puts together what calls work with.
    package init(
        configuration: Configuration,
        fleet: ModemFleet,
        calls: LiveCalls,
        recorder: CallRecorder,
        authority: DialAuthority,
        directory: PBXDirectory,
        desk: IncomingDesk,
        names: CallerNames,
        sounds: AudioDesk,
        log: Logger,
        order: @escaping @Sendable (Call) -> Bool
    ) {
        self.configuration = configuration
        self.fleet = fleet
        self.calls = calls
        self.recorder = recorder
        self.authority = authority
        self.directory = directory
        self.desk = desk
        self.names = names
        self.sounds = sounds
        self.log = log
        self.order = order
    }

    /// The rule by which people are rung for a call that comes in; nil for none.
    ///
    /// - Parameter caller: the number as it came; nil where it is not shown.
    package func ring(modem: String?, caller: String?) -> Configuration.IncomingRule? {
        let number = shown(caller)
        let isContact = number.flatMap { names[$0] } != nil
        return configuration.incoming.first { $0.fits(modem: modem, number: number, isContact: isContact) }
    }

    /// Has a call run as a part of the service.
    ///
    /// - Returns: false where it runs nothing any more.
    @discardableResult
    func begin(_ call: Call) -> Bool { order(call) }

    /// Tells the call log and all listeners of an event.
    func emit(_ event: CallEvent) {
        var event = event
        switch event.kind {
        case .progress(.ringing(let number)):
            event.callerName = number.flatMap { names[$0] }
            event.modem = calls.entry(event.call)?.status.modem
        case .progress(.dialing): event.modem = calls.entry(event.call)?.status.modem
        default: break
        }
        recorder.take(event)
        calls.take(event)
    }

    /// Has the card of a call's modem written down.
    func identify(_ call: UUID, _ session: ModemSession) async {
        recorder.identify(call, imsi: await session.identity.imsi)
    }

    /// The number of the SIM that a call goes by, which a PBX is told: what is configured, else what the SIM itself says.
    func ownNumber(on lease: ModemLease, for pbx: Configuration.PBX?) async -> PhoneNumber? {
        if let number = configuration.ownNumber(of: lease.status.name) ?? pbx?.ownNumber { return number }
        guard let number = await lease.session.subscriberNumber() else { return nil }
        // One without its country or area is of no use to a PBX.
        let read = try? PhoneNumber(typed: number, region: configuration.gateway.region)
        return read?.e164 == nil ? nil : read
    }

    /// A caller's number as people read it.
    func shown(_ caller: String?) -> String? {
        guard let caller else { return nil }
        switch ReportedCaller(caller, region: configuration.gateway.region).identity {
        case .number(let number): return number.description
        case .local(let text): return text
        case .withheld, .unavailable: return nil
        }
    }
}
