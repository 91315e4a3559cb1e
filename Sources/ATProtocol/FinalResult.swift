/// What a modem says when it is done with a command (V.250 §5.7.1, 3GPP TS 27.007 §9, and vendors' own words).
///
/// `NO CARRIER`, `BUSY`, `NO ANSWER`, `NO DIALTONE` and `CONNECT` end a command only while dialling or answering;
/// at any other time the same words report something about a call, see ``Indication/result(_:)``.
package enum FinalResult: Sendable, Hashable {
    /// `OK`.
    case ok
    /// `ERROR`, without a reason.
    case error
    /// `+CME ERROR: …`: the equipment refused (27.007 §9.2).
    case equipmentError(EquipmentError)
    /// `+CMS ERROR: …`: the message service refused (27.005 §3.2.5).
    case messageError(EquipmentError)
    /// `+EXT ERROR: …`, `MODEM ERROR: …` or `ERROR: …`: a vendor's own code or words.
    case vendorError(EquipmentError)
    /// `COMMAND NOT SUPPORT`, `UNKNOWN COMMAND`: the firmware does not know the command.
    case commandNotSupported
    /// `TOO MANY PARAMETERS`.
    case tooManyParameters
    /// `NO CARRIER`: no connection, or the connection is gone.
    case noCarrier
    /// `BUSY`.
    case busy
    /// `NO ANSWER`.
    case noAnswer
    /// `NO DIALTONE` or `NO DIAL TONE`: on a mobile modem, no service.
    case noDialtone
    /// `CONNECT`, with what follows it.
    case connect(String)

    /// Whether this word is a result only for dialling and answering commands.
    package var isAboutACall: Bool {
        switch self {
        case .noCarrier, .busy, .noAnswer, .noDialtone, .connect: true
        case .ok, .error, .equipmentError, .messageError, .vendorError, .commandNotSupported, .tooManyParameters: false
        }
    }
}

/// The number or the text behind `+CME ERROR:`, `+CMS ERROR:` and their relatives.
package struct EquipmentError: Sendable, Hashable {
    /// The code of 27.007 §9.2 (of 27.005 §3.2.5 behind `+CMS ERROR:`), where the modem gave a number or a known text.
    package var code: Int?
    /// What the modem wrote behind the colon, trimmed.
    package var text: String
    /// What a vendor's own error has in front of the colon, such as `+EXT ERROR`; nil for those of the standards.
    package var form: String?

    /// The error for people: the modem's own text, or its number with what that means.
    package var words: String {
        guard let code, text == "\(code)", let meaning = Self.meanings[code] else { return text }
        return "\(code): \(meaning)"
    }

    /// Creates an error from its parts.
    package init(code: Int?, text: String, form: String? = nil) {
        self.code = code
        self.text = text
        self.form = form
    }
}
