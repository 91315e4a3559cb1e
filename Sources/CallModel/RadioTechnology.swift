/// A generation of radio networks; the raw values are the words of `technology`.
package enum RadioTechnology: String, Sendable, Hashable, CaseIterable {
    /// 2G.
    case gsm
    /// 3G.
    case umts
    /// 4G, where calls need IMS or a network to fall back to.
    case lte
    /// 5G, the same.
    case nr

    /// Reads the access technology `<AcT>` (27.007 §7.3).
    package init?(accessTechnology number: Int) {
        switch number {
        case 0, 1, 3, 8: self = .gsm
        case 2, 4, 5, 6: self = .umts
        case 7, 9: self = .lte
        case 10, 11, 12, 13: self = .nr
        default: return nil
        }
    }

    /// Whether the network carries calls by itself, without IMS.
    package var switchesCircuits: Bool {
        switch self {
        case .gsm, .umts: true
        case .lte, .nr: false
        }
    }

    /// What people call it.
    package var generation: String {
        switch self {
        case .gsm: "2G"
        case .umts: "3G"
        case .lte: "4G"
        case .nr: "5G"
        }
    }
}
