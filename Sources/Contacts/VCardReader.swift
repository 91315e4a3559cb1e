package import CallModel
internal import DialPlan

/// Reads vCards of versions 3.0 (RFC 2426) and 4.0 (RFC 6350), and what old phones write as 2.1.
///
/// What can't be read is skipped and told with its line; nothing that a file holds makes the reader fail.
package struct VCardReader: Sendable {
    /// What a file may hold at most; what is beyond is left out and told.
    package struct Limits: Sendable, Hashable {
        /// Bytes of the file.
        package var bytes = 32 << 20
        package var contacts = 20_000
        /// Bytes of one property that matters; pictures of any size are skipped.
        package var property = 16_384
        /// Numbers of one contact.
        package var numbers = 40

        package init() {}
    }

    /// Something that was left out, or may have been misread.
    package struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The line of the file, from 1.
        package var line: Int
        /// What is wrong with it.
        package var reason: String

        /// The line and the reason, for a person.
        package var description: String { "line \(line): \(reason)" }
    }

    /// What was read.
    package private(set) var contacts: [Contact] = []
    /// What was left out or is uncertain, in the order of the file; at most a hundred, the rest is only counted.
    package private(set) var problems: [Problem] = []
    /// How many problems there are.
    package private(set) var problemCount = 0
    /// How many cards begin in the file, readable or not.
    package private(set) var cards = 0

    private let limits: Limits
    private var card: Card?

    private struct Card {
        var line: Int
        var formatted = ""
        var name: [String] = []
        var organization: String?
        var uid: String?
        var groups: [String] = []
        var numbers: [(number: Contact.Number, group: String?)] = []
        var labels: [String: String] = [:]
    }

    /// Reads a file.
    package init(_ bytes: [UInt8], limits: Limits = Limits()) {
        self.limits = limits
        guard bytes.count <= limits.bytes else {
            report(1, "the file is larger than \(limits.bytes) bytes")
            return
        }
        if let reason = Self.strangeForm(bytes) {
            report(1, reason)
            return
        }
        readLines(bytes)
        if let card { report(card.line, "the card has no end and is left out") }
        if cards == 0 { report(1, "this is no vCard file: no line says BEGIN:VCARD") }
    }

    /// Why a file can't be read in lines of bytes; nil where it can.
    private static func strangeForm(_ bytes: [UInt8]) -> String? {
        // The byte order mark (Unicode §23.8), or a capital B of two bytes.
        for start in [[0xFF, 0xFE], [0xFE, 0xFF], [0x42, 0x00], [0x00, 0x42]] as [[UInt8]]
        where bytes.starts(with: start) {
            return "the file is UTF-16; make UTF-8 of it: iconv -f UTF-16 -t UTF-8 FILE > NEW"
        }
        guard bytes.contains(0x0D), !bytes.contains(0x0A) else { return nil }
        return "the file's lines end with CR alone; make it one of LF: tr '\\r' '\\n' < FILE > NEW"
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
        if let doubt = line.doubt, ["FN", "N", "ORG", "TEL", "X-ABLABEL"].contains(line.name) {
            report(line.number, "\(line.name): \(doubt)")
        }
        switch line.name {
        // The first one counts: alternatives in other scripts follow.
        case "FN": if card?.formatted.isEmpty == true { card?.formatted = line.line }
        case "N": if card?.name.isEmpty == true { card?.name = line.components }
        case "ORG": if card?.organization == nil { card?.organization = line.components.first { !$0.isEmpty } }
        // RFC 6350 §6.7.1; at most 16 of them are kept.
        case "CATEGORIES":
            let names = line.line.split(separator: ",").map { $0.split(separator: " ").joined(separator: " ") }
                .filter { !$0.isEmpty }
            let known = card?.groups ?? []
            card?.groups = Array((known + names).prefix(16))
        case "UID": card?.uid = line.line.isEmpty ? nil : line.line
        case "X-ABLABEL":
            if let group = line.group, !line.line.isEmpty { card?.labels[group] = Self.ownLabel(line.line) }
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
        let lowered = text.lowercased()
        // An address without its scheme is one all the same.
        if lowered.contains(";phone-context="), !lowered.hasPrefix("tel:") { text = "tel:" + text }
        let isAddress = text.lowercased().hasPrefix("tel:")
        guard isAddress || !line.words("VALUE").contains("uri") else {
            report(line.number, "this is not the address of a telephone")
            return
        }
        // What stands behind the number would have to be dialled after the answer; an address says so in parameters.
        if !isAddress {
            for mark in [";", ",", "p", "w", " x", " ext"] {
                if let range = Self.range(of: mark, in: text.lowercased()), range > 5 {
                    text = String(text.prefix(range))
                }
            }
        }
        do throws(NumberError) {
            let number = try DialString(typed: text)
            // Only in an address does it matter what is kept of it: the context belongs to the number.
            if isAddress { text = number.text }
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

    /// A label that people see, as the source's own; nil for Apple's word for nothing special.
    private static func ownLabel(_ text: String) -> String? {
        // Apple writes words of its own as _$!<Mobile>!$_, and of two words makes one: WorkFAX.
        var word = text.filter { !"_$!<>".contains($0) }
        if text.hasPrefix("_$!<"), word.hasSuffix("FAX"), word != "FAX" { word = word.dropLast(3) + " fax" }
        word = word.lowercased()
        return word.isEmpty || word == "main" ? nil : word
    }

    private static func label(_ types: [String]) -> String? {
        if types.contains(where: { Contact.Number("", label: $0).isFax }) { return "fax" }
        for (word, label) in [
            ("pager", "pager"), ("cell", "mobile"), ("mobile", "mobile"), ("iphone", "mobile"),
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
            var number = entry.number
            guard let own = entry.group.flatMap({ done.labels[$0] }) else { return number }
            // A label of one's own says where it stands, and not always that it is a fax.
            let wasFax = number.isFax
            number.label = own
            if wasFax, !number.isFax { number.label = own + " fax" }
            return number
        }
        // N is family, given, additional, prefixes, suffixes.
        let parts = done.name + Array(repeating: "", count: max(0, 5 - done.name.count))
        let built = [parts[1], parts[2], parts[0]].filter { !$0.isEmpty }.joined(separator: " ")
        let name = [done.formatted, built, done.organization ?? "", numbers[0].number].first { !$0.isEmpty }
        var contact = Contact(name: name ?? "", organization: done.organization, numbers: numbers, uid: done.uid)
        contact.groups = done.groups.isEmpty ? nil : done.groups
        contacts.append(contact)
    }
}
