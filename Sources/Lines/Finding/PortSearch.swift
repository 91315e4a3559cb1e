internal import CallModel
internal import DeviceDiscovery
internal import Logging
internal import Modem
internal import SerialPort

/// Finds the port of a stick that answers commands: those known for it at once, others a little later, none for long.
package enum PortSearch {
    /// How long opening a tty may take before it is given up: some drivers never come back.
    static let openLimit: Duration = .milliseconds(2500)

    /// How long ports are waited for.
    package struct Patience: Sendable {
        /// For the first answer; modems that have just started need up to 2 s.
        package var answer: Duration = .milliseconds(2500)
        /// How much later the second-best ports of a stick are tried, so that they are left alone where the best answers.
        package var headStart: Duration = .milliseconds(700)
        /// For better ports, once one has answered; a port that works answers in a few milliseconds.
        package var grace: Duration = .milliseconds(400)
        /// For everything that a survey asks; some sticks take 5 s for their signal strength alone.
        package var survey: Duration = .seconds(8)

        package init() {}
    }

    /// What one port did.
    enum Contact: Sendable {
        case answers(ModemPort)
        case silent
        case fails(SerialError)
        /// Better ports had their time.
        case graceIsOver
    }

    /// What came of asking several ports.
    struct Result: Sendable {
        /// The best port that answers, open, and its tty.
        var found: (port: ModemPort, tty: USBPort)?
        /// Ports that could not be opened, best first.
        var failures: [(port: USBPort, error: SerialError)] = []
    }

    /// Opens a tty and says `AT`; bounded, and given up at once when the task is cancelled.
    static func contact(
        _ tty: String,
        settings: SerialSettings = SerialSettings(openTimeLimit: openLimit),
        patience: Patience = Patience(),
        log: Logger
    ) async -> Contact {
        let port: ModemPort
        do throws(SerialError) {
            port = try await ModemPort.open(tty, settings: settings, log: log)
        } catch {
            return .fails(error)
        }
        let answers = await withTaskCancellationHandler {
            await port.session.answers(within: patience.answer)
        } onCancel: {
            // Nothing has been set up and nothing is owed: closing ends the wait at once.
            Task { await port.close() }
        }
        if answers { return .answers(port) }
        await port.close()
        return .silent
    }

    /// Finds the best port that answers; none where another program has one.
    ///
    /// - Parameters:
    ///   - ports: the ports to ask, best first.
    ///   - preferred: the USB interface whose port answered the last time; asked before the others.
    ///   - patience: how long they are waited for.
    static func firstAnswering(
        of ports: [USBPort],
        preferred: UInt8? = nil,
        patience: Patience = Patience(),
        log: Logger
    ) async -> Result {
        let favourite = preferred.flatMap { number in ports.firstIndex { $0.interface?.number == number } }
        var ports = ports
        if let favourite { ports.insert(ports.remove(at: favourite), at: 0) }
        let delays = ports.enumerated()
            .map { place, port in
                if favourite != nil {
                    return place == 0 ? .zero : patience.headStart * (1 + delay(of: port, among: ports))
                }
                return patience.headStart * delay(of: port, among: ports)
            }
        return await ask(ports, delays, patience, log)
    }

    private static func ask(
        _ ports: [USBPort],
        _ delays: [Duration],
        _ patience: Patience,
        _ log: Logger
    ) async -> Result {
        await withTaskGroup(of: (Int, Contact).self) { group in
            for (place, port) in ports.enumerated() {
                let delay = delays[place]
                group.addTask {
                    // Cancelled means that a better port has answered.
                    if delay > .zero { do { try await Task.sleep(for: delay) } catch { return (place, .silent) } }
                    return (place, await contact(port.path, patience: patience, log: log))
                }
            }
            var waiting = Set(ports.indices)
            var best: (place: Int, port: ModemPort)?
            var isDecided = false
            var result = Result()
            for await (place, contact) in group {
                waiting.remove(place)
                switch contact {
                case .silent: break
                case .graceIsOver: isDecided = true
                case .fails(.cancelled): break
                case .fails(let error): result.failures.append((ports[place], error))
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
                                try? await Task.sleep(for: patience.grace)
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
            result.failures.sort { ($0.port.rank ?? 0) < ($1.port.rank ?? 0) }
            // Cancelled from outside, the port is wanted no more. A stick of which another program has a port is that program's:
            // by a second port its call would be ended.
            if let best, Task.isCancelled || result.failures.contains(where: { $0.error.isBusy }) {
                await best.port.close()
            } else if let best {
                result.found = (best.port, ports[best.place])
            }
            return result
        }
    }

    /// How many head starts better kinds of ports have before a port.
    private static func delay(of port: USBPort, among ports: [USBPort]) -> Int {
        let kinds: [PortRole] = [.at, .modem, .candidate]
        let better = kinds.prefix { $0 != port.role }
        return better.count { kind in ports.contains { $0.role == kind } }
    }
}
