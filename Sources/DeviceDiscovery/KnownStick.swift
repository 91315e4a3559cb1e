/// What is known beforehand about the sticks with one vendor and product number.
package struct KnownStick: Sendable, Hashable {
    /// What the device is while it has this number.
    package enum Form: Sendable, Hashable {
        case modem
        /// A modem without voice calls; why.
        case dataOnly(String)
        /// A modem in disguise, as a disc.
        case storage
        /// A router that shows a network card.
        case network
        /// No modem at all, although its maker makes modems.
        case other
    }

    /// Vendor and product number.
    package var id: USBID
    /// What people call it.
    package var name: String
    package var form: Form
    /// Which interface is for what; empty where firmware versions differ and the ports have to be asked.
    package var roles: [UInt8: PortRole]
    /// The interface over which the voice goes, where it has another role besides; nil where there is none, or it has the role
    /// ``PortRole/audio``.
    package var voice: UInt8?
    /// Where this was read.
    package var source: String

    /// The row for a number, if there is one.
    package static func known(as id: USBID) -> KnownStick? { byID[id] }

    /// Every row.
    package static let all: [KnownStick] = huawei + quectel + simcom + zte + telit + ublox + cinterion + sierra

    private static let byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

    /// The interfaces without which the stick is not complete: those with commands or voice.
    var essentialInterfaces: [UInt8] {
        roles.filter { [.at, .modem, .audio].contains($0.value) }.map(\.key)
    }
}
