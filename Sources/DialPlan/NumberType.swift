/// What kind of line a number leads to; says nothing about whether it may be called, which is its ``NumberClass``.
package enum NumberType: String, Sendable, Hashable, CaseIterable {
    /// A fixed line.
    case fixed
    /// A mobile phone.
    case mobile
    /// One of both, in countries that do not tell them apart by number, such as those of North America.
    case fixedOrMobile = "fixed_or_mobile"
    /// A number that costs its caller nothing in its own country.
    case tollFree = "toll_free"
    /// A number with a price of its own.
    case premium
    /// A number whose caller pays a share.
    case sharedCost = "shared_cost"
    /// A number of a telephone service on the Internet.
    case voip
    /// A personal number, which follows its owner at a price.
    case personal
    case pager
    /// A company's number for all its places.
    case corporate
    /// A mailbox.
    case voicemail
    /// A satellite phone.
    case satellite
    /// A network without a country other than by satellite: on ships, in aircraft, between machines.
    case globalNetwork = "global_network"
    case emergency
    /// A short number, which exists in its region only.
    case short
    /// A number without its area code.
    case local
    /// A number behind the code of another carrier.
    case callByCall = "call_by_call"
    /// In no range that is known to be in use.
    case unknown
}
