internal import CallFlows
internal import CallLog
package import CallModel
internal import CallPlanning
internal import CallRecords
internal import DialPlan
package import FoundationEssentials
internal import GatewayAPI
internal import Settings

/// A call over an account that a rule rings for, which is paid for when it is taken.
package struct PaidRing: Sendable {
    /// By what its share of the limits is known.
    package let id: UUID
    /// Who is rung.
    package let person: AudioSpec
    /// How long it may last.
    package let limit: Duration
}

/// The verdict on a person whom a rule rings.
package enum RingVerdict: Sendable {
    /// It costs nothing: a phone of the house, an address, an extension of a PBX.
    case free
    case paid(PaidRing)
    /// It is not rung; why.
    case refused(String)
}

extension CallTools {
    /// Has a call that rings be recorded once it is answered; false where it rings no more, or is to fetch a caller.
    package func takeMessage(_ id: UUID) -> Bool {
        // Answering for a caller who is held would dial, and pay; who holds the caller takes the message.
        guard let (call, method) = calls.entry(id).map({ ($0.call, $0.status.method) }), call.ringsPhones,
            method != .reverse
        else { return false }
        call.carry(CallSound(messageOf: call))
        return true
    }

    /// The most digits of an extension; what is longer is a number of the public network.
    private static let longestExtension = 5

    /// Judges a person whom a rule rings for a call, and reserves what a call there may use up of the limits.
    ///
    /// Strangers decide how often it is rung, so that it is a call like every other.
    package func judge(_ person: AudioSpec) async -> RingVerdict {
        guard case .account(let account, let number) = person else { return .free }
        let region = configuration.gateway.region
        guard !EmergencyNumbers.contains(number, region: region) else { return .refused("help is not rung by rules") }
        // A name, not a number.
        guard !number.utf8.contains(where: { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }) else { return .free }
        let read = try? PhoneNumber(typed: number, region: region)
        let isShort = number.utf8.count { (0x30...0x39).contains($0) } <= Self.longestExtension
        // Numbers that the policy has no class for are the PBX's own.
        if isShort, read == nil || read?.numberClass == .short { return .free }
        guard let read, !read.isEmergency else { return .refused("it can't be read as a number") }
        let planner = RoutePlanner(configuration: configuration, environment: ConfigurationEnvironment.current)
        guard let route = planner.route(over: account, to: read) else {
            return .refused("there is no account \(account)")
        }
        guard route.verdict.isAllowed else { return .refused(route.verdict.reason) }
        let id = UUID()
        let request = DialAuthority.Request(
            call: id,
            route: route,
            modem: "account.\(account)",
            isRoaming: false,
            maxDuration: configuration.policy.maxDuration,
            origin: .rule
        )
        let decision = await authority.authorise(request)
        guard decision.verdict.isAllowed else { return .refused(decision.verdict.reason) }
        let limit = decision.seconds.map { Duration.seconds($0) } ?? configuration.policy.maxDuration
        return .paid(PaidRing(id: id, person: person, limit: limit))
    }

    /// Writes down that a number is rung over an account for a call.
    package func note(_ ring: PaidRing, of call: UUID) {
        guard case .account(let account, let number) = ring.person else { return }
        recorder.rang(number, over: account, for: call)
    }

    /// Writes down that it was answered there.
    package func noteAnswer(_ ring: PaidRing, of call: UUID) {
        guard case .account(let account, let number) = ring.person else { return }
        recorder.answered(number, over: account, for: call)
    }

    /// Gives back what a ring has not used up of the limits.
    ///
    /// - Parameter answered: how long it was answered; nil for never.
    package func settle(_ ring: PaidRing, answered: Duration?) async {
        await authority.settle(ring.id, .ended(answered: answered ?? .zero))
    }
}

extension CallRecorder {
    /// Takes that a number is rung over an account for a call that comes in.
    fileprivate func rang(_ number: String, over account: String, for call: UUID, at now: Date = Date()) {
        edit(call) { record in
            // The call's own leg stands before it.
            if record.legs.isEmpty {
                var own = CallRecord.Leg(number: record.number, direction: "incoming", payer: "none")
                (own.modem, own.imei, own.imsi) = (record.modem, record.imei, record.imsi)
                own.startedAt = record.requestedAt
                record.legs = [own]
            }
            var leg = CallRecord.Leg(kind: .sip, number: number, direction: "outgoing", payer: "pbx")
            (leg.account, leg.startedAt) = (account, now)
            record.legs.append(leg)
        }
    }

    /// Takes that it has taken the call.
    fileprivate func answered(_ number: String, over account: String, for call: UUID, at now: Date = Date()) {
        edit(call) { record in
            record.payer = "pbx"
            let place = record.legs.lastIndex {
                $0.account == account && $0.number == number && $0.direction == "outgoing"
            }
            if let place { record.legs[place].answeredAt = now }
        }
    }
}
