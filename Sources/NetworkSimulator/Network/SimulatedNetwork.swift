/// The simulated telephone network: which number does what.
///
/// Numbers are kept in international format. National spellings (`0221…`, `0049221…`) are read as German ones.
package struct SimulatedNetwork: Sendable, Equatable {
    /// Numbers that answer, refuse or stay silent.
    package var subscribers: [String: NumberBehaviour]
    /// Numbers of the PBX that collect digits and dial on.
    package var accessNumbers: [String: AccessNumber]
    /// What the network answers to service codes.
    package var serviceCodes = ServiceMenu.standard
    /// What numbers say, whether they are called or call; those that are not here say ``FarVoice/ordinary``, or, where a PBX
    /// collects digits, a tone once it listens.
    package var voices: [String: FarVoice] = [:]
    /// What a number does that is in neither table.
    package var unlisted: NumberBehaviour

    /// Makes a network out of tables; the numbers may be spelled nationally.
    package init(
        subscribers: [String: NumberBehaviour] = [:],
        accessNumbers: [String: AccessNumber] = [:],
        unlisted: NumberBehaviour = .ordinary
    ) {
        self.subscribers = [:]
        self.accessNumbers = [:]
        self.unlisted = unlisted
        for (number, behaviour) in subscribers { self.subscribers[Self.international(number)] = behaviour }
        for (number, access) in accessNumbers { self.accessNumbers[Self.international(number)] = access }
    }

    /// The emergency numbers, which a modem may dial without SIM and registration.
    package static let emergencyNumbers: Set<String> = ["110", "112"]

    /// Spells a number as the network knows it: `022196…`, `004922196…` and `+4922196…` become `+4922196…`; numbers
    /// without prefix (`112`) stay as they are.
    package static func international(_ number: String) -> String {
        let digits = number.filter { $0.isASCII && ($0.isNumber || $0 == "+" || $0 == "*" || $0 == "#") }
        if digits.hasPrefix("+") { return digits }
        if digits.hasPrefix("00") { return "+" + digits.dropFirst(2) }
        if digits.hasPrefix("0") { return "+49" + digits.dropFirst() }
        return digits
    }

    /// How a call to a number goes.
    package func behaviour(of number: String) -> NumberBehaviour {
        accessNumbers[number]?.behaviour ?? subscribers[number] ?? unlisted
    }
}
