/// The faults of one modem and how often each has struck.
struct FaultState: Sendable {
    let faults: [SimulatedFault]
    private var struck: [Int]

    init(_ faults: [SimulatedFault]) {
        self.faults = faults
        self.struck = faults.map { _ in 0 }
    }

    func contains(_ fault: SimulatedFault) -> Bool { faults.contains(fault) }

    /// What shall happen to the answer of a command.
    enum ReplyFault: Equatable {
        case late(Duration)
        case lost
        case stuck
    }

    /// The fault that a command line meets, counted.
    mutating func reply(to line: String) -> ReplyFault? {
        for (index, fault) in faults.enumerated() {
            switch fault {
            case .lateReply(let command, let delay, let count)
            where Self.matches(line, command) && isDue(count, index):
                struck[index] += 1
                return .late(delay)
            case .lostReply(let command, let count) where Self.matches(line, command) && isDue(count, index):
                struck[index] += 1
                return .lost
            case .stuck(let command) where Self.matches(line, command):
                return .stuck
            default:
                continue
            }
        }
        return nil
    }

    /// Whether a call list that has a call to show is empty all the same, counted.
    mutating func emptiesList() -> Bool {
        for (index, fault) in faults.enumerated() {
            guard case .emptyList(let count) = fault, isDue(count, index) else { continue }
            struck[index] += 1
            return true
        }
        return false
    }

    /// Whether the next command line is refused.
    func refuses(_ line: String) -> Bool {
        faults.contains {
            guard case .refused(let command) = $0 else { return false }
            return Self.matches(line, command)
        }
    }

    /// Whether a command line hangs up in words only.
    func ignoresHangUp(_ line: String) -> Bool {
        faults.contains {
            guard case .hangUpIgnored(let command) = $0 else { return false }
            return Self.matches(line, command)
        }
    }

    /// The faults that strike at a stage; each once.
    mutating func strike(at stage: SimulatedFault.Stage) -> [SimulatedFault] {
        var due: [SimulatedFault] = []
        for (index, fault) in faults.enumerated() where struck[index] == 0 {
            switch fault {
            case .deafAfter(stage), .unplug(stage), .spontaneousReset(stage), .quietReset(stage):
                struck[index] = 1
                due.append(fault)
            default:
                continue
            }
        }
        return due
    }

    /// Whether the tone with this number, from 1, is refused.
    func refusesTone(_ number: Int) -> Bool { faults.contains(.toneError(tone: number)) }

    /// How far apart a chattering modem tells its registration.
    var chatter: Duration? {
        for case .chatter(let pause) in faults { return pause }
        return nil
    }

    /// When an unplugged modem comes back.
    var replugDelay: Duration? {
        for case .replugAfter(let delay) in faults { return delay }
        return nil
    }

    /// The mode under which calls are listed; nil for the right one.
    var listMode: Int? {
        for case .listMode(let mode) in faults { return mode }
        return nil
    }

    /// What the modem calls itself; nil for its right name.
    var identity: (maker: String, model: String)? {
        for case .identity(let maker, let model) in faults { return (maker, model) }
        return nil
    }

    /// How long after its answer a call is not listed.
    var listGap: Duration? {
        for case .listGap(let duration) in faults { return duration }
        return nil
    }

    /// How long after its dial command a call comes up that was said to have failed.
    var lateFallback: Duration? {
        for case .lateFallback(let delay) in faults { return delay }
        return nil
    }

    private func isDue(_ count: SimulatedFault.Count, _ index: Int) -> Bool {
        switch count {
        case .always: true
        case .first(let number): struck[index] < number
        }
    }

    private static func matches(_ line: String, _ command: String) -> Bool {
        line == command || (command != "AT" && line.hasPrefix(command))
    }
}
