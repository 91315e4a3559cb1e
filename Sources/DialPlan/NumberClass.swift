/// What kind of number it is, as far as money and safety go; the raw values are those of `policy.allow` and `policy.deny`.
package enum NumberClass: String, Sendable, Hashable, CaseIterable {
    case emergency
    /// A fixed or mobile number of the own region, or one of its services at the price of such a number.
    case home
    /// A number of another country.
    case international
    /// A number with a price of its own, often without a ceiling.
    case premium
    /// A number whose caller pays a share that flat rates leave out.
    case sharedCost = "shared_cost"
    /// A satellite phone or a network without a country.
    case satellite
    /// A number of the own region that costs its caller nothing.
    case tollFree = "toll_free"
    /// A short number or service code, or one of a range without a known use: its price can't be told from the number.
    case short
    /// A number behind a prefix that picks another carrier.
    case callByCall = "call_by_call"
}
