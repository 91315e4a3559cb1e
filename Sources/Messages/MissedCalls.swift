internal import CallModel
package import DialPlan
internal import FoundationEssentials
package import GatewayAPI

/// The calls that came in and that nobody answered, as the events tell of them.
///
/// | event | of a call that comes in | of another |
/// |---|---|---|
/// | requested | its caller and modem are noted | – |
/// | ended: no answer, never answered | **missed**, if its caller is known | – |
/// | ended otherwise | forgotten | – |
package struct MissedCalls {
    /// One that was missed.
    package struct Call: Hashable {
        package var number: String
        package var modem: String?
    }

    /// The most calls that are followed at once; more than modems have.
    private static let most = 256

    private var ringing: [UUID: Call] = [:]

    /// Follows none yet.
    package init() {}

    /// Takes an event; returns the call that it shows as missed.
    package mutating func take(_ event: CallEvent) -> Call? {
        switch event.kind {
        case .requested(let request):
            // What a PBX's ring is for is between it and the box.
            guard request.direction == .incoming, request.method == .direct, !request.target.isEmpty,
                ringing.count < Self.most
            else { return nil }
            ringing[event.call] = Call(number: request.target, modem: request.modem ?? event.modem)
            return nil
        case .progress(.ended(let end)):
            let call = ringing.removeValue(forKey: event.call)
            return end.outcome == .noAnswer && end.seconds == .zero ? call : nil
        case .progress, .audio, .dtmf, .joined, .quality: return nil
        }
    }

    /// Whether a number may get a message that nobody typed; the policy and the limits for messages are asked besides.
    package static func getsReply(_ number: PhoneNumber) -> Bool {
        number.numberClass == .home && (number.type == .mobile || number.type == .fixedOrMobile)
    }
}
