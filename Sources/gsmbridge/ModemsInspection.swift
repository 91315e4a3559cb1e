import ATProtocol
import DeviceDiscovery
import Logging
import Modem
import SerialPort

/// One modem and what it says of itself: USB devices from libudev, the rest by asking.
struct ModemInspection: Sendable {
    /// The states of the contract that a look from outside can tell.
    enum State: String, Sendable {
        /// A call can be tried.
        case ready
        /// Still looking for a network, or its card is starting.
        case starting
        /// No call can be made.
        case failed
        /// Nothing is there.
        case absent
    }

    /// The USB device; nil for a tty that the user named.
    var usb: USBModem?
    /// The tty that answers, or that the user named.
    var tty: String?
    /// What it said; nil when it said nothing.
    var survey: ModemSurvey?
    var state: State
    /// Why it is not ready, or what else is to be known.
    var reason: String?
    /// Why no tty of it could be opened.
    var failure: SerialError?

    // MARK: Looking

    /// How long opening a tty may take before it is given up: some drivers never come back.
    private static let openLimit: Duration = .milliseconds(2500)
    /// How much later the second-best ports of a stick are tried, so that they are left alone where the best answers.
    private static let headStart: Duration = .seconds(1)
    /// How long better ports are waited for once one has answered; a port that works answers in a few milliseconds.
    private static let grace: Duration = .milliseconds(400)

    /// Looks at several modems at once and returns them in the order given.
    static func inspect(_ modems: [USBModem], log: Logger) async -> [ModemInspection] {
        await inOrder(modems) { await inspect($0, log: log) }
    }

    /// Looks at the modems behind several ttys at once and returns them in the order given.
    static func inspect(ttys: [String], log: Logger) async -> [ModemInspection] {
        await inOrder(ttys) { await inspect(tty: $0, log: log) }
    }

    private static func inOrder<Subject: Sendable>(
        _ subjects: [Subject],
        _ look: @escaping @Sendable (Subject) async -> ModemInspection
    ) async -> [ModemInspection] {
        await withTaskGroup(of: (Int, ModemInspection).self) { group in
            for (index, subject) in subjects.enumerated() { group.addTask { (index, await look(subject)) } }
            var found: [(Int, ModemInspection)] = []
            for await inspection in group { found.append(inspection) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func inspect(tty: String, log: Logger) async -> ModemInspection {
        switch await contact(tty, log: log) {
        case .answers(let port): return await survey(port, at: tty, of: nil)
        case .fails(let error):
            let state: State = if case .notFound = error { .absent } else { .failed }
            return ModemInspection(
                usb: nil,
                tty: tty,
                survey: nil,
                state: state,
                reason: error.description,
                failure: error
            )
        case .silent, .graceIsOver:
            return ModemInspection(usb: nil, tty: tty, survey: nil, state: .failed, reason: ModemError.deaf.description)
        }
    }

    private static func inspect(_ modem: USBModem, log: Logger) async -> ModemInspection {
        guard modem.condition.mayBeProbed else {
            let remedy = modem.condition.remedy(for: modem.id).map { "; \($0)" } ?? ""
            let reason = (modem.condition.explanation ?? modem.condition.word) + remedy
            return ModemInspection(usb: modem, tty: nil, survey: nil, state: .failed, reason: reason)
        }
        let (found, failures) = await firstAnswering(of: modem.commandPorts, log: log)
        guard let (port, tty) = found else {
            // A port that can't be opened explains more than one that is silent.
            let reason = failures.first?.description ?? "none of its ttys answers AT; unplug it and plug it in again"
            let tty = modem.commandPorts.first?.path
            return ModemInspection(
                usb: modem,
                tty: tty,
                survey: nil,
                state: .failed,
                reason: reason,
                failure: failures.first
            )
        }
        return await survey(port, at: tty, of: modem)
    }

    // MARK: One port

    private enum Contact: Sendable {
        case answers(ModemPort)
        case silent
        case fails(SerialError)
        /// Better ports had their time.
        case graceIsOver
    }

    /// Opens a tty and says `AT`; bounded, and given up at once when the task is cancelled.
    private static func contact(_ tty: String, log: Logger) async -> Contact {
        let port: ModemPort
        do throws(SerialError) {
            port = try await ModemPort.open(tty, settings: SerialSettings(openTimeLimit: openLimit), log: log)
        } catch {
            return .fails(error)
        }
        let answers = await withTaskCancellationHandler {
            await port.session.answers()
        } onCancel: {
            port.giveUp()
        }
        if answers { return .answers(port) }
        await port.close()
        return .silent
    }

    private static func survey(_ port: ModemPort, at tty: String, of modem: USBModem?) async -> ModemInspection {
        var inspection = ModemInspection(usb: modem, tty: tty, survey: nil, state: .failed, reason: nil)
        do throws(ModemError) {
            let survey = try await port.session.survey()
            inspection.survey = survey
            (inspection.state, inspection.reason) = verdict(on: survey, modem)
        } catch {
            inspection.reason = error.description
        }
        await port.close()
        return inspection
    }

    private static func verdict(on survey: ModemSurvey, _ modem: USBModem?) -> (State, String?) {
        if case .dataOnly(let reason) = modem?.condition { return (.failed, reason) }
        if survey.sim == .busy { return (.starting, "the SIM card is not ready yet") }
        if let obstacle = survey.obstacle {
            return (survey.registration.verdict == .searching ? .starting : .failed, obstacle.description)
        }
        if case .dataOnly = survey.registration.verdict { return (.ready, survey.registration.explanation) }
        return (.ready, survey.isComplete ? nil : "slow to answer: not everything could be asked")
    }

    // MARK: Several ports

    /// Finds the best port that answers: those known for commands at once, others a little later.
    ///
    /// - Returns: the open port, and why others could not be opened.
    private static func firstAnswering(
        of ports: [USBPort],
        log: Logger
    ) async -> (found: (ModemPort, String)?, failures: [SerialError]) {
        await withTaskGroup(of: (Int, Contact).self) { group in
            for (place, port) in ports.enumerated() {
                let delay = headStart * delay(of: port, among: ports)
                group.addTask {
                    // Cancelled means that a better port has answered.
                    do { try await Task.sleep(for: delay) } catch { return (place, .silent) }
                    return (place, await contact(port.path, log: log))
                }
            }
            var waiting = Set(ports.indices)
            var best: (place: Int, port: ModemPort)?
            var isDecided = false
            var failures: [(Int, SerialError)] = []
            for await (place, contact) in group {
                waiting.remove(place)
                switch contact {
                case .silent: break
                case .graceIsOver: isDecided = true
                case .fails(.cancelled): break
                case .fails(let error): failures.append((place, error))
                case .answers(let port):
                    // What is given up may still have answered just before.
                    if isDecided {
                        await port.close()
                    } else if let other = best, other.place < place {
                        await port.close()
                    } else {
                        if let worse = best {
                            await worse.port.close()
                        } else {
                            group.addTask {
                                // Cancelled means that it does not matter any more.
                                try? await Task.sleep(for: grace)
                                return (ports.count, .graceIsOver)
                            }
                        }
                        best = (place, port)
                    }
                }
                // Nothing that may still answer is better.
                if let best, !waiting.contains(where: { $0 < best.place }) { isDecided = true }
                if isDecided { group.cancelAll() }
            }
            let reasons = failures.sorted { $0.0 < $1.0 }.map(\.1)
            return (best.map { ($0.port, ports[$0.place].path) }, reasons)
        }
    }

    /// How many head starts better kinds of ports have before a port.
    private static func delay(of port: USBPort, among ports: [USBPort]) -> Int {
        let kinds: [PortRole] = [.at, .modem, .candidate]
        let better = kinds.prefix { $0 != port.role }
        return better.count { kind in ports.contains { $0.role == kind } }
    }
}

// MARK: Choosing

extension ModemInspection {
    /// The modem to call with when none is named: a ready one, those sure of voice first, then the best received.
    static func best(of inspections: [ModemInspection]) -> ModemInspection? {
        inspections.filter { $0.state == .ready && $0.tty != nil }
            .min { $0.preference < $1.preference }
    }

    /// Smaller is better.
    private var preference: (Int, Int) {
        (survey?.voice == .yes ? 0 : 1, -(survey?.signal ?? -200))
    }
}
