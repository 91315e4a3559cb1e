internal import CallModel

/// Numbers that a ring may come from, compared with what a modem reports of a caller.
///
/// A caller's number comes in the form that the network chose: `+4922166966960`, `022166966960`, `22166966960`. So
/// numbers are compared from their ends:
///
/// - two numbers in international form are equal in every digit or not at all;
/// - else at least seven digits have to agree, and what is left in front of them has to be a prefix: a trunk zero, or in
///   the international one a country code of one to three digits, with the zero that some write behind it;
/// - a number of fewer than seven digits, as an internal one, is equal in every digit or not at all.
///
/// A caller's number proves nothing, as it can be forged: what it opens must be worth no more than that. A withheld
/// number never matches. Comparing allocates nothing.
package struct CallerMatch: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        /// The digits, without prefix, from the last to the first.
        var digits: [UInt8]
        var isInternational: Bool
    }

    /// The fewest digits that have to agree where one number is shorter.
    package static let least = 7

    private let entries: [Entry]

    /// Creates a match out of numbers in any usual form; separators are skipped, and what holds no digit matches
    /// nothing.
    package init(_ numbers: [String]) {
        entries = numbers.compactMap { number in
            let (digits, isInternational) = Self.reversedDigits(number)
            return digits.isEmpty ? nil : Entry(digits: digits, isInternational: isInternational)
        }
    }

    /// Whether a caller is one of the numbers; nil stands for a number that is withheld or unknown.
    package func matches(_ caller: String?) -> Bool {
        guard let caller else { return false }
        let utf8 = caller.utf8
        // No country code begins with a zero: a plus in front of one is the modem's mistake.
        var first = utf8.startIndex
        var isInternational = false
        if utf8.first == UInt8(ascii: "+") {
            first = utf8.index(after: first)
            isInternational = first < utf8.endIndex && utf8[first] != UInt8(ascii: "0")
        } else if utf8.starts(with: "00".utf8) {
            first = utf8.index(first, offsetBy: 2)
            isInternational = true
        }
        let digits = utf8[first...]
        return entries.contains { Self.matches(digits, isInternational, $0) }
    }

    private static func matches(_ caller: Substring.UTF8View, _ isInternational: Bool, _ entry: Entry) -> Bool {
        var count = 0
        var position = caller.endIndex
        while position > caller.startIndex {
            let before = caller.index(before: position)
            let byte = caller[before]
            if isSeparator(byte) {
                position = before
                continue
            }
            guard isDigit(byte), count < entry.digits.count, entry.digits[count] == byte else { break }
            count += 1
            position = before
        }
        let callerIsDone = position == caller.startIndex
        let entryIsDone = count == entry.digits.count
        if callerIsDone, entryIsDone { return count > 0 }
        // Two full numbers that differ are two numbers.
        if isInternational, entry.isInternational { return false }
        // Letters, stars and hashes are no caller's number.
        guard caller[..<position].allSatisfy({ isDigit($0) || isSeparator($0) }) else { return false }
        if isPair(caller[..<position], entry.digits[count...].reversed(), isInternational, entry, count) { return true }
        // A country code that ends in 0, or in 6 as Hungary's 36 before 06, agrees with the trunk prefix in one digit.
        guard position < caller.endIndex else { return false }
        let (front, frontOfEntry) = (caller[...position], entry.digits[(count - 1)...].reversed())
        return count > 0 && isPair(front, frontOfEntry, isInternational, entry, count - 1)
    }

    /// Whether what is left in front of so many equal digits makes one number of both.
    private static func isPair(
        _ front: Substring.UTF8View,
        _ frontOfEntry: ReversedCollection<ArraySlice<UInt8>>,
        _ isInternational: Bool,
        _ entry: Entry,
        _ count: Int
    ) -> Bool {
        guard count >= least else { return false }
        // Where one has its trunk zero, the other may have a country code without a plus.
        let restOfCaller = front.isEmpty || isPrefix(front, isInternational || isTrunk(frontOfEntry))
        let restOfEntry = frontOfEntry.isEmpty || isPrefix(frontOfEntry, entry.isInternational || isTrunk(front))
        return restOfCaller && restOfEntry
    }

    /// Whether digits can stand in front of a national number: a trunk zero, or a country code.
    private static func isPrefix(_ rest: some Collection<UInt8>, _ mayBeCountryCode: Bool) -> Bool {
        isTrunk(rest) || (mayBeCountryCode && isCountryCode(rest))
    }

    /// Whether digits are a whole country code of E.164, perhaps with the trunk zero behind it that some write.
    ///
    /// A part of one is none: `09 22…` is a number of another place than `+49 22…`.
    private static func isCountryCode(_ rest: some Collection<UInt8>) -> Bool {
        var (number, count) = (0, 0)
        for byte in rest where isDigit(byte) {
            count += 1
            guard count <= 4 else { return false }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return isCountryCode(number, digits: count)
            || (number % 10 == 0 && isCountryCode(number / 10, digits: count - 1))
    }

    /// The codes that are assigned (ITU-T E.164, annex to the operational bulletin 994): no code begins with another
    /// one.
    private static func isCountryCode(_ number: Int, digits: Int) -> Bool {
        switch (digits, number) {
        case (1, 1), (1, 7): true
        case (2, _): hasTwoDigits(number)
        case (3, 200...999): !(700...799).contains(number) && !hasTwoDigits(number / 10)
        default: false
        }
    }

    private static func hasTwoDigits(_ number: Int) -> Bool {
        switch number {
        case 20, 27, 30...34, 36, 39...41, 43...49, 51...58, 60...66, 81, 82, 84, 86, 90...95, 98: true
        default: false
        }
    }

    /// Whether digits are a trunk prefix: a zero, or 06 as in Hungary.
    private static func isTrunk(_ rest: some Collection<UInt8>) -> Bool {
        rest.elementsEqual("0".utf8) || rest.elementsEqual("06".utf8)
    }

    private static func reversedDigits(_ number: String) -> (digits: [UInt8], isInternational: Bool) {
        var digits = number.utf8.filter(isDigit)
        var isInternational = number.utf8.first == UInt8(ascii: "+")
        if !isInternational, digits.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "0")]) {
            digits.removeFirst(2)
            isInternational = true
        }
        return (digits.reversed(), isInternational)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "(")
            || byte == UInt8(ascii: ")")
    }
}
