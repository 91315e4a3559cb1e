package import CallEndpoints
internal import CallFlows
internal import CallModel
package import CallPlanning
package import CallRecords
package import ContactBook
internal import DialPlan
package import FoundationEssentials
internal import GatewayAPI
package import Lines
package import Logging
internal import Modem
package import PBXLinks
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
    /// The lines over the Internet; nil where nothing speaks SIP.
    var accounts: (any AccountLines)?
    var log: Logger
    /// Ends a call because our end has left it.
    package func finish(_ call: UUID, _ reason: String) { calls.entry(call)?.call.finish(reason) }

    /// Has the sound of our end opened anew, where it is now.
    package func moveEndpoint(of call: UUID) { calls.entry(call)?.call.sound?.moveEndpoint() }

    /// Has a call run as a part of the service; false where it runs nothing any more.
    var order: @Sendable (Call) -> Bool
    /// Who may call on through the box; nil for nobody.
    package var disa: DISAAccess?

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
        accounts: (any AccountLines)? = nil,
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
        self.accounts = accounts
        self.log = log
        self.order = order
    }

    /// The rule for a call that comes in just now; nil for none.
    ///
    /// - Parameter caller: the number as it came; nil where it is not shown.
    func rule(line: String?, caller: String?) -> Configuration.IncomingRule? {
        guard !configuration.incoming.isEmpty else { return nil }
        let number = shown(caller)
        let isContact = number.flatMap { names[$0] } != nil
        return configuration.rule(for: .init(line: line, number: number, isContact: isContact, time: .now()))
    }

    /// The rule by which people are rung for a call, as it was chosen when the call began; nil for none.
    package func people(of call: UUID) -> Configuration.IncomingRule? { calls.entry(call)?.call.people }

    /// Whether a call waits for one of the people who are rung.
    package func ringsPeople(_ call: UUID) -> Bool { calls.entry(call)?.call.ringsPhones == true }

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
            event.take(calls.entry(event.call)?.status)
        case .progress(.dialing): event.take(calls.entry(event.call)?.status)
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

extension Configuration.IncomingRule {
    /// Who is rung, for people.
    var ringNames: String {
        ring.map { if case .phone(let name) = $0 { name } else { $0.description } }.joined(separator: ",")
    }
}

extension CallEvent {
    /// Takes on which line the call is.
    fileprivate mutating func take(_ status: CallStatus?) {
        (modem, line) = (status?.modem, status?.line)
        (called, divertedFrom) = (status?.called, status?.divertedFrom)
    }
}
