internal import RTPMedia

// What is taken of descriptions, as the encryption of an account has it.
extension SIPSettings.Encryption {
    /// An offer of the far end, as far as it may be used; nil for one that is not wanted.
    func taking(offer: SDPDescription) -> SDPDescription? {
        switch self {
        case .optional: return offer
        case .required: return offer.crypto.isEmpty ? nil : offer
        case .off:
            guard !offer.isSecure else { return nil }
            var plain = offer
            plain.crypto = []
            return plain
        }
    }

    /// An answer of the far end; nil where it has another key than it was offered, or none where there has to be one.
    ///
    /// - Parameter offered: what our own offer had (RFC 4568 §5.1.3: the answer names it, and its suite).
    func taking(answer: SDPDescription, to offered: SDPDescription.Crypto?) -> SDPDescription? {
        guard let taken = answer.crypto.first else {
            return self == .required || answer.isSecure && answer.port > 0 ? nil : answer
        }
        guard let offered, taken.tag == offered.tag, taken.isShort == offered.isShort else { return nil }
        return answer
    }
}
