package import CallModel

/// The end of a radio network: which operator switches off which generation, when, and who says so.
package struct NetworkSunset: Sendable, Hashable {
    /// The operator's networks, country and network code, five or six digits.
    package let networks: [String]
    /// What the operator is called.
    package let name: String
    /// What is switched off.
    package let technology: RadioTechnology
    /// The last day of it, as far as that is announced; of a month or a year its last one.
    package let date: LocalDate
    /// Who says so.
    package let source: String

    /// The end of calls for a modem in a network.
    ///
    /// - Parameters:
    ///   - network: country and network code, or the number of a card of that network (IMSI), which begins with it.
    ///   - radios: what the modem knows. Calls end when the last of 2G and 3G among it does; nil where one goes on, or nothing
    ///     is known.
    package static func endOfCalls(in network: String, radios: Set<RadioTechnology>) -> NetworkSunset? {
        let circuits = radios.filter(\.switchesCircuits)
        guard !circuits.isEmpty else { return nil }
        var last: NetworkSunset?
        for radio in circuits {
            guard let sunset = table.first(where: { $0.technology == radio && $0.isOf(network) }) else { return nil }
            if last.map({ $0.date.packed < sunset.date.packed }) ?? true { last = sunset }
        }
        return last
    }

    private func isOf(_ network: String) -> Bool {
        guard (5...15).contains(network.utf8.count), network.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        return networks.contains { network.hasPrefix($0) }
    }

    /// Whether it is over on a day.
    package func isOver(on day: LocalDate) -> Bool { date.packed < day.packed }

    /// What it means for a modem, in one clause.
    package func warning(on day: LocalDate) -> String {
        isOver(on: day)
            ? "\(name) has switched \(technology.generation) off (\(date)): this stick makes no calls there"
            : "no calls here after \(date) on this stick: \(name) switches \(technology.generation) off"
    }
}
