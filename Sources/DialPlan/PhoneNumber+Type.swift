extension PhoneNumber {
    /// What kind of line it leads to, as far as its number tells.
    package var type: NumberType {
        if isEmergency { return .emergency }
        guard let e164 else { return bareType(formatted(.national).text) }
        let own = [NumberRange].known(e164)
        let known = reading.flatMap { $0.isValid ? $0.type : nil }
        switch own?.numberClass {
        case .premium: return .premium
        case .satellite: return own?.type ?? known ?? .globalNetwork
        case .tollFree: return .tollFree
        case .sharedCost:
            if let type = own?.type { return type }
            switch known {
            case .personal, .pager, .corporate: return known ?? .sharedCost
            default: return .sharedCost
            }
        case .home, .emergency, .international, .short, .callByCall, nil:
            return own?.type ?? known ?? .unknown
        }
    }

    private func bareType(_ digits: String) -> NumberType {
        if region.carrierPrefixLength(of: digits) != nil || reading?.carrier != nil { return .callByCall }
        if region.isDialledWithoutTrunk(digits) || NumberLibrary.shortNumber(digits, in: region) != nil {
            return .short
        }
        return switch numberClass {
        case .home: .local
        case .short where digits.utf8.count <= region.longestShort: .short
        default: .unknown
        }
    }

    /// The region whose number it is, by ISO 3166-1; nothing for numbers without a country and where it can't be told.
    package var country: String? {
        guard let e164 else { return region.code }
        if let reading, reading.isValid { return reading.region }
        return Region.abroad(e164)?.code
    }
}
