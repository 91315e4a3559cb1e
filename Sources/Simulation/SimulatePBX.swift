import ArgumentParser
internal import Console
import Dispatch
import Glibc
import ModemSimulator
internal import NetworkSimulator
import PBXSimulator
internal import SimulatedTerminals

/// What goes wrong with the simulated PBX, as `simulate --pbx-fault` is told.
enum SimulatedPBXFault: Sendable, Equatable {
    case http(PBXServer.Fault, PBXServer.Action?, times: Int?)
    case ring(SimulatedPBX.RingFault)

    /// Reads `FAULT[=VALUE][:ACTION[:N]]`.
    @Sendable static func reading(_ text: String) throws -> SimulatedPBXFault {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let pair = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let value = pair.count == 2 ? pair[1] : nil
        switch (pair[0], parts.count) {
        case ("no-ring", 1) where value == nil: return .ring(.never)
        case ("late-ring", 1): return .ring(.late(try seconds(value, of: "late-ring")))
        case ("ring-from", 1):
            guard let value, SimulatedNetwork.international(value).utf8.count >= 3 else {
                throw ValidationError("write a number, as in ring-from=+4930999")
            }
            return .ring(.elsewhere(from: SimulatedNetwork.international(value)))
        default: break
        }
        let fault = try http(pair[0], value)
        guard parts.count <= 3 else { throw ValidationError("write FAULT, FAULT:ACTION or FAULT:ACTION:N") }
        let action = try parts.count > 1 ? SimulateArgument.named(parts[1]) as PBXServer.Action : nil
        guard parts.count == 3 else { return .http(fault, action, times: nil) }
        guard let times = Int(parts[2]), (1...1000).contains(times) else {
            throw ValidationError("\(parts[2]) is no number of requests from 1 to 1000")
        }
        return .http(fault, action, times: times)
    }

    private static func http(_ name: String, _ value: String?) throws -> PBXServer.Fault {
        switch (name, value) {
        case ("slow", _): return .slow(try seconds(value, of: "slow"))
        case ("status", let value?):
            guard let status = Int(value), (400...599).contains(status) else {
                throw ValidationError("\(value) is no status from 400 to 599")
            }
            return .status(status)
        case ("too-many", let value?):
            guard let wait = Int(value), (0...3600).contains(wait) else {
                throw ValidationError("write the seconds to wait, as in too-many=2")
            }
            return .tooMany(retryAfter: wait)
        case ("unauthorized", nil): return .refusesAuthorization
        case ("garbage", nil): return .garbage
        case ("half-body", nil): return .halfBody
        case ("lost-reply", nil): return .lostReply
        case ("hang-up", nil): return .hangsUp
        default:
            throw ValidationError(
                "it is one of slow=3s, status=500, too-many=2, unauthorized, garbage, half-body, lost-reply, hang-up, "
                    + "no-ring, late-ring=10s or ring-from=NUMBER"
            )
        }
    }

    private static func seconds(_ text: String?, of fault: String) throws -> Duration {
        guard let text, text.hasSuffix("s"), let seconds = Int(text.dropLast()), (0...600).contains(seconds) else {
            throw ValidationError("write seconds, as in \(fault)=3s")
        }
        return .seconds(seconds)
    }
}

/// What is typed to have a person outside call.
enum OutsideCommand: Equatable {
    /// A person calls, and says these DTMF digits from 2 s after the answer on.
    case call(from: String, to: String?, keys: String?)
    case message(from: String, text: String)
    case service(String)
    case hangUp(String)
    case list
    case help

    /// Reads a line; nil for an empty one.
    init?(_ line: String) {
        let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let first = words.first else { return nil }
        switch (first, words.count) {
        case ("call", 2...4):
            self = .call(from: words[1], to: words.count > 2 ? words[2] : nil, keys: words.count > 3 ? words[3] : nil)
        case ("sms", 3...):
            let text = line.split(maxSplits: 2) { $0 == " " || $0 == "\t" }.last
            self = .message(from: words[1], text: text.map(String.init) ?? "")
        case ("ussd", 2...):
            let text = line.split(maxSplits: 1) { $0 == " " || $0 == "\t" }.last
            self = .service(text.map(String.init) ?? "")
        case ("hangup", 2): self = .hangUp(words[1])
        case ("held", 1): self = .list
        default: self = .help
        }
    }

    /// Does it, and returns what the person should know.
    func perform(in host: PseudoTerminalHost) -> String? {
        switch self {
        case .call(let from, let to, let keys):
            return host.withWorld { world, now in
                if let keys {
                    world.network.voices[SimulatedNetwork.international(from)] = .digits(keys, after: .seconds(2))
                }
                let number = to ?? world.pbx.settings.holdingNumbers.first ?? ""
                guard world.isReachableFromOutside(number) else {
                    return "\(number) leads neither to the PBX nor to a modem"
                }
                // Words such as `anonymous` are a withheld number.
                world.callFromOutside(from: from, to: number, at: now)
                return nil
            }
        case .message(let from, let text):
            let number = SimulatedNetwork.international(from)
            let sender = from.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "+") } ? number : from
            return host.withWorld { world, now in
                world.send(SimulatedMessage(from: sender, text: text), to: 0, at: now)
                return nil
            }
        case .service(let text):
            return host.withWorld { world, now in
                world.tell(text, to: 0, at: now)
                return nil
            }
        case .hangUp(let held):
            return host.withWorld { world, now in
                guard world.pbx.heldCaller(held) != nil else { return "nobody is called \(held)" }
                world.outsideHangsUp(held, at: now)
                return nil
            }
        case .list:
            let held = host.withWorld { world, _ in world.pbx.held.filter(\.isWaiting) }
            return held.isEmpty
                ? "nobody is held" : held.map { "\($0.id): \($0.from) to \($0.to)" }.joined(separator: "; ")
        case .help: return "write: call NUMBER [TO [KEYS]], hangup HELD, held, sms FROM TEXT, or ussd TEXT"
        }
    }

    /// Takes commands from standard input until its end.
    ///
    /// A program in the background of a terminal would be stopped for reading it, so then it does not.
    static func listen(_ host: PseudoTerminalHost) {
        guard isatty(STDIN_FILENO) == 0 || tcgetpgrp(STDIN_FILENO) == getpgrp() else { return }
        DispatchQueue(label: "outside")
            .async { [weak host] in
                while let line = readLine() {
                    guard let host else { return }
                    if let answer = OutsideCommand(line)?.perform(in: host) { Terminal.standardError(answer) }
                }
            }
    }
}
