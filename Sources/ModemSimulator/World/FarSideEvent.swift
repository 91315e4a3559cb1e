package import NetworkSimulator

/// What happens at the other end of the network: the proof that a call did what it should.
package enum FarSideEvent: Sendable, Equatable, CustomStringConvertible {
    /// A call arrives at a number; `modem` is nil when the simulated PBX dials on.
    case arrived(call: Int, number: String, caller: String, modem: Int?)
    case answered(call: Int, number: String)
    /// A digit is heard; `digits` is everything heard so far.
    case digit(call: Int, number: String, digit: Character, digits: String)
    /// A digit is lost, because the far side does not listen yet or no more.
    case ignoredDigit(call: Int, number: String, digit: Character)
    /// The far side has heard so many seconds of sound: at the first sound, and each second from there.
    case sound(call: Int, number: String, seconds: Int)
    /// The caller is joined with the target.
    case joined(call: Int, number: String, target: String)
    /// The call is over.
    case ended(call: Int, number: String, by: SimulatedCall.Party, cause: Int)
    /// A modem sent a service code (USSD) instead of a call.
    case serviceCode(modem: Int, code: String)
    /// The network has taken a part of a message from a modem.
    case message(TakenMessage)
    /// Something happened at the PBX.
    case pbx(SimulatedPBX.Event)

    /// The event as a line for people.
    package var description: String {
        switch self {
        case .arrived(let call, let number, let caller, let modem):
            "call \(call): \(number) is called by \(caller.isEmpty ? "a withheld number" : caller)"
                + (modem.map { " (modem \($0))" } ?? " (PBX)")
        case .answered(let call, let number): "call \(call): \(number) answers"
        case .digit(let call, let number, let digit, let digits):
            "call \(call): \(number) hears \(digit), so far \(digits)"
        case .ignoredDigit(let call, let number, let digit):
            "call \(call): \(number) does not listen, \(digit) is lost"
        case .sound(let call, let number, let seconds): "call \(call): \(number) has heard \(seconds) s of sound"
        case .joined(let call, let number, let target): "call \(call): \(number) joins the caller with \(target)"
        case .ended(let call, let number, let party, let cause):
            "call \(call): to \(number) ended by the \(party.rawValue), cause \(cause)"
        case .serviceCode(let modem, let code): "modem \(modem) sends the service code \(code)"
        case .message(let part):
            "modem \(part.modem) sends a message to \(part.number), part \(part.place) of \(part.count): \(part.text)"
        case .pbx(let event): event.description
        }
    }
}
