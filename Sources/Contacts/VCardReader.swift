internal import DialPlan

/// Reads vCards of versions 3.0 (RFC 2426) and 4.0 (RFC 6350), and what old phones write as 2.1.
///
/// What can't be read is skipped and told with its line; nothing that a file holds makes the reader fail.
public struct VCardReader: Sendable {
    /// What a file may hold at most; what is beyond is left out and told.
    public struct Limits: Sendable, Hashable {
        /// Bytes of the file.
        public var bytes = 32 << 20
        /// Contacts.
        public var contacts = 20_000
        /// Bytes of one property that matters; pictures are skipped whatever their size.
        public var property = 16_384
        /// Numbers of one contact.
        public var numbers = 40

        /// Creates the usual limits.
        public init() {}
    }

    /// Something that was left out.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The line of the file, from 1.
        public var line: Int
        /// What is wrong with it.
        public var reason: String

        /// The line and the reason, for a person.
        public var description: String { "line \(line): \(reason)" }
    }

    /// What was read.
    public private(set) var contacts: [Contact] = []
    /// What was left out, in the order of the file; at most a hundred, the rest is only counted.
    public private(set) var problems: [Problem] = []
    /// How many problems there are.
    public private(set) var problemCount = 0
    /// How many cards begin in the file, whatever became of them.
    public private(set) var cards = 0

    private let limits: Limits
    private var card: Card?

    private struct Card {
        var line: Int
        var formatted = ""
        var name: [String] = []
        var organization: String?
        var uid: String?
        var numbers: [(number: Contact.Number, group: String?)] = []
        var labels: [String: String] = [:]
    }

    /// Reads a file.
    public init(_ bytes: [UInt8], limits: Limits = Limits()) {
        self.limits = limits
        guard bytes.count <= limits.bytes else {
            report(1, "the file is larger than \(limits.bytes) bytes")
            return
        }
        readLines(bytes)
        if let card { report(card.line, "the card has no end and is left out") }
        if cards == 0 { report(1, "this is no vCard file: no line says BEGIN:VCARD") }
    }

    private mutating func report(_ line: Int, _ reason: String) {
        problemCount += 1
        if problems.count < 100 { problems.append(Problem(line: line, reason: reason)) }
    }

    // MARK: Lines

    /// Puts folded lines together and hands each on: a line that begins with a blank continues the one before.
    private mutating func readLines(_ bytes: [UInt8]) {
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var number = 0
        var logical: [UInt8] = []
        var logicalNumber = 0
        var isQuotedPrintable = false
        while start < bytes.count {
            let feed = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            var line = bytes[start..<feed]
            if line.last == 0x0D { line.removeLast() }
            start = feed + 1
            number += 1
            let isBlank = line.first == 0x20 || line.first == 0x09
            if isQuotedPrintable, logical.last == UInt8(ascii: "=") {
                logical.removeLast()
                append(line, to: &logical)
            } else if isBlank, logicalNumber > 0 {
                append(line.dropFirst(), to: &logical)
            } else {
                if logicalNumber > 0 { take(logical, number: logicalNumber) }
                logical = Array(line.prefix(limits.property + 1))
                logicalNumber = number
                isQuotedPrintable = VCardLine(logical, number: number)?.isQuotedPrintable == true
            }
        }
        if logicalNumber > 0 { take(logical, number: logicalNumber) }
    }

    private func append(_ line: ArraySlice<UInt8>, to logical: inout [UInt8]) {
        let room = limits.property + 1 - logical.count
        if room > 0 { logical.append(contentsOf: line.prefix(room)) }
    }

    private mutating func take(_ bytes: [UInt8], number: Int) {
        guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return }
        guard let line = VCardLine(bytes, number: number) else {
            if card != nil { report(number, "this is not 'NAME:value'") }
            return
        }
        switch (line.name, line.line.uppercased()) {
        case ("BEGIN", "VCARD"):
            if let card { report(card.line, "the card has no end and is left out") }
            cards += 1
            card = Card(line: number)
        case ("END", "VCARD"):
            if card == nil { report(number, "a card ends here that never began") }
            finish()
        default:
            guard card != nil else { return }
            guard bytes.count <= limits.property else {
                if ["FN", "N", "TEL", "ORG"].contains(line.name) {
                    report(number, "\(line.name) is longer than \(limits.property) bytes and left out")
                }
                return
            }
            take(line)
        }
    }

    // MARK: Properties

    private mutating func take(_ line: VCardLine) {
        switch line.name {
        // The first one counts: alternatives in other scripts follow.
        case "FN": if card?.formatted.isEmpty == true { card?.formatted = line.line }
        case "N": if card?.name.isEmpty == true { card?.name = line.components }
        case "ORG": if card?.organization == nil { card?.organization = line.components.first { !$0.isEmpty } }
        case "UID": card?.uid = line.line.isEmpty ? nil : line.line
        case "X-ABLABEL":
            // Apple writes its own words as _$!<Mobile>!$_.
            let word = line.line.filter { !"_$!<>".contains($0) }.lowercased()
            if let group = line.group, !word.isEmpty { card?.labels[group] = word == "main" ? nil : word }
        case "TEL": takeNumber(line)
        default: break
        }
    }

    private mutating func takeNumber(_ line: VCardLine) {
        guard let card, card.numbers.count < limits.numbers else {
            report(line.number, "more than \(limits.numbers) numbers")
            return
        }
        var text = line.line
        if line.words("VALUE").contains("uri") {
            guard text.lowercased().hasPrefix("tel:") else {
                report(line.number, "this is not the address of a telephone")
                return
            }
        }
        // What stands behind the number would have to be dialled after the answer.
        for mark in [";ext=", ";postd=", ",", "p", "w", " x", " ext"] {
            if let range = Self.range(of: mark, in: text.lowercased()), range > 5 { text = String(text.prefix(range)) }
        }
        do throws(NumberError) {
            _ = try DialString(typed: text)
        } catch {
            report(line.number, "\(error)")
            return
        }
        self.card?.numbers.append((Contact.Number(text, label: Self.label(line.words("TYPE"))), line.group))
    }

    private static func range(of mark: String, in text: String) -> Int? {
        let (text, mark) = (Array(text), Array(mark))
        guard text.count >= mark.count else { return nil }
        return (0...(text.count - mark.count)).first { Array(text[$0..<($0 + mark.count)]) == mark }
    }

    private static func label(_ types: [String]) -> String? {
        for (word, label) in [
            ("fax", "fax"), ("pager", "pager"), ("cell", "mobile"), ("mobile", "mobile"), ("iphone", "mobile"),
            ("work", "work"), ("home", "home"),
        ] where types.contains(word) { return label }
        return nil
    }

    private mutating func finish() {
        guard let done = card else { return }
        card = nil
        guard !done.numbers.isEmpty else {
            let name = done.formatted.isEmpty ? "the card" : "the card of \(done.formatted.prefix(60))"
            report(done.line, "\(name) has no number that can be dialled and is left out")
            return
        }
        guard contacts.count < limits.contacts else {
            report(done.line, "more than \(limits.contacts) contacts")
            return
        }
        let numbers = done.numbers.map { entry in
            let own = entry.group.flatMap { done.labels[$0] }
            return Contact.Number(entry.number.number, label: own ?? entry.number.label)
        }
        // N is family, given, additional, prefixes, suffixes.
        let parts = done.name + Array(repeating: "", count: max(0, 5 - done.name.count))
        let built = [parts[1], parts[2], parts[0]].filter { !$0.isEmpty }.joined(separator: " ")
        let name = [done.formatted, built, done.organization ?? "", numbers[0].number].first { !$0.isEmpty }
        contacts.append(
            Contact(name: name ?? "", organization: done.organization, numbers: numbers, uid: done.uid)
        )
    }
}
