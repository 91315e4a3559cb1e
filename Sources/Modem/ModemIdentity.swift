/// What a modem says of itself.
package struct ModemIdentity: Sendable, Hashable {
    /// The answer to `AT+CGMI`.
    package var manufacturer: String
    /// The answer to `AT+CGMM`.
    package var model: String
    /// The answer to `AT+CGMR`.
    package var revision: String
    /// The answer to `ATI`, one line.
    package var information: String
    /// 14 to 16 digits; nil where the modem does not tell.
    package var imei: String?
    /// The card's number, 18 to 22 digits; nil without a card.
    package var iccid: String?
    /// The subscriber's number within the network; nil while the card is locked.
    package var imsi: String?

    package init(
        manufacturer: String = "",
        model: String = "",
        revision: String = "",
        information: String = "",
        imei: String? = nil,
        iccid: String? = nil,
        imsi: String? = nil
    ) {
        self.manufacturer = manufacturer
        self.model = model
        self.revision = revision
        self.information = information
        self.imei = imei
        self.iccid = iccid
        self.imsi = imsi
    }

    /// Whether the maker of the chip stands for the maker of the modem.
    var isUnbranded: Bool { manufacturer.lowercased().contains("qualcomm") }

    /// All that its family is known by.
    var words: String { "\(manufacturer) \(model) \(information)" }

    /// Whether the model, or the general information, contains one of these words, in any case.
    func modelMentions(_ words: String...) -> Bool {
        let text = "\(model) \(information)".lowercased()
        return words.contains { text.contains($0) }
    }
}
