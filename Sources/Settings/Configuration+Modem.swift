package import CallModel
package import DialPlan

extension Configuration {
    /// What is set for one modem.
    package struct Modem: Sendable {
        /// Its name: letters, digits, `-` and `_`.
        package var name: String
        /// How it is recognised.
        package var match: Match
        /// The number of its SIM, where that is told to PBXs that call it back.
        package var number: PhoneNumber?
        /// Where its SIM's PIN is found, if it has one.
        package var pin: SecretReference?
        /// The speed of its tty in bits per second; USB sticks ignore it.
        package var baud: UInt32 = 115_200
        /// Whether RTS and CTS pace its tty.
        package var hardwareFlowControl = false
        /// The tariff of its SIM, by its name below `tariffs`.
        package var tariff: String?
        /// The tariff of its SIM in networks abroad.
        package var roamingTariff: String?
        /// What calls over it may use up.
        package var limits = UsageLimits()

        /// A modem of which nothing is set but how it is recognised.
        package init(name: String, match: Match) {
            self.name = name
            self.match = match
        }

        /// How a modem is recognised.
        package enum Match: Sendable, Hashable {
            /// By its own number; check digit and software version don't count.
            case imei(IMEI)
            /// By the card in it.
            case iccid(ICCID)
            /// By the USB socket it is in, named as in `/sys/bus/usb/devices`.
            case usbPath(String)
            /// By its command tty, which is opened as it is.
            case tty(String)
        }

        /// The tty to open, when the modem is recognised by it; others must be discovered.
        package var tty: String? {
            if case .tty(let path) = match { return path }
            return nil
        }

        /// Reads the SIM's PIN each time it is called; nil when none is configured.
        ///
        /// Fits `ModemSession.BringUp.pin`; what it throws is a ``SecretError``.
        package func pinProvider(in environment: ConfigurationEnvironment) -> (@Sendable () throws -> String)? {
            guard let pin else { return nil }
            return { try pin.read(in: environment).reveal() }
        }
    }
}

extension Configuration.Modem.Match {
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

    /// Whether two entries would claim the same modem.
    func collides(with other: Self) -> Bool {
        switch other {
        case .imei(let imei): accepts(imei: imei.digits)
        case .iccid(let iccid): accepts(iccid: iccid.digits)
        case .usbPath(let path): accepts(usbPath: path)
        case .tty(let path): accepts(tty: path)
        }
    }
}

extension IMEI {
    /// The digits that name the device; behind them come a check digit or the software version (3GPP TS 23.003 §6.2).
    fileprivate var significantDigits: Substring { digits.prefix(14) }
}
