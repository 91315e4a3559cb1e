/// How a modem is recognised.
package enum ModemMatch: Sendable, Hashable {
    /// By its own number; check digit and software version don't count.
    case imei(IMEI)
    /// By the card in it.
    case iccid(ICCID)
    /// By the USB socket it is in, named as in `/sys/bus/usb/devices`.
    case usbPath(String)
    /// By its command tty, which is opened as it is.
    case tty(String)

    /// Whether a modem with these marks is the one; marks that are not known yet are left out.
    package func accepts(
        imei: String? = nil,
        iccid: String? = nil,
        usbPath: String? = nil,
        tty: String? = nil
    ) -> Bool {
        switch self {
        case .imei(let wanted): imei.flatMap { IMEI($0) }?.significantDigits == wanted.significantDigits
        case .iccid(let wanted): iccid.flatMap { ICCID($0) } == wanted
        case .usbPath(let wanted): usbPath == wanted
        case .tty(let wanted): tty == wanted
        }
    }
}

extension IMEI {
    /// The digits that name the device; behind them come a check digit or the software version (3GPP TS 23.003 §6.2).
    fileprivate var significantDigits: Substring { digits.prefix(14) }
}
