/// What a modem says of itself.
public struct ModemIdentity: Sendable, Hashable {
    /// The answer to `AT+CGMI`.
    public var manufacturer: String
    /// The answer to `AT+CGMM`.
    public var model: String
    /// The answer to `AT+CGMR`.
    public var revision: String
    /// The answer to `ATI`, one line.
    public var information: String
    /// 14 to 16 digits; nil where the modem does not tell.
    public var imei: String?
    /// The card's number, 18 to 22 digits; nil without a card.
    public var iccid: String?
    /// The subscriber's number within the network; nil while the card is locked.
    public var imsi: String?

    /// Creates an identity.
    public init(
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

    /// Whether manufacturer, model or the general information contain a word, in any case.
    func mentions(_ words: String...) -> Bool {
        let text = "\(manufacturer) \(model) \(information)".lowercased()
        return words.contains { text.contains($0) }
    }

    /// Whether the model, or the general information, contains one of these words, in any case.
    func modelMentions(_ words: String...) -> Bool {
        let text = "\(model) \(information)".lowercased()
        return words.contains { text.contains($0) }
    }
}
