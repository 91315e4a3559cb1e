internal import CallModel
package import DialPlan
internal import FoundationEssentials
package import GatewayAPI

/// The calls that came in and that nobody answered, as the events tell of them.
///
/// | event | of a call that comes in | of another |
/// |---|---|---|
/// | requested | its caller and modem are noted; the oldest of too many is forgotten | – |
/// | ended: no answer, never answered | **missed**, if its caller is known | – |
/// | ended: refused here, never answered | **refused**, if its caller is known | – |
/// | ended otherwise | forgotten | – |
package struct MissedCalls {
    /// One that came in.
    package struct Call: Hashable {
        package var number: String
        package var modem: String?
    }

    /// What became of one.
    package enum News: Hashable {
        case missed(Call)
        case refused(Call)
    }

    /// The most calls that are followed at once; more than modems have.
    private static let most = 256

    private var ringing: [UUID: Call] = [:]
    /// Their order.
    private var order: [UUID] = []

    /// Follows none yet.
    package init() {}

    /// Takes an event; returns the call that it shows as missed or refused.
    package mutating func take(_ event: CallEvent) -> News? {
        switch event.kind {
        case .requested(let request):
            // What a PBX's ring is for is between it and the box.
            guard request.direction == .incoming, request.method == .direct, !request.target.isEmpty else { return nil }
            if order.count >= Self.most { ringing[order.removeFirst()] = nil }
            ringing[event.call] = Call(number: request.target, modem: request.modem ?? event.modem)
            order.append(event.call)
            return nil
        case .progress(.ended(let end)):
            guard let call = ringing.removeValue(forKey: event.call) else { return nil }
            order.removeAll { $0 == event.call }
            guard end.seconds == .zero else { return nil }
            if end.outcome == .noAnswer { return .missed(call) }
            return end.outcome == .rejected && end.by == .local ? .refused(call) : nil
        case .progress, .audio, .dtmf, .joined, .quality: return nil
        }
    }

    /// Whether a number may get a message that nobody typed; the policy and the limits for messages are asked besides.
    package static func getsReply(_ number: PhoneNumber) -> Bool {
        number.numberClass == .home && (number.type == .mobile || number.type == .fixedOrMobile)
    }
}
