internal import CallModel
internal import DialPlan

/// Reads arbitrary bytes as vCards, and looks the contacts up in a book: nothing may crash, nothing leaves its bounds.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzContacts(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 1 else { return 0 }
    let bytes = UnsafeBufferPointer(start: data, count: size)
    let region = Region.all[Int(bytes[0]) % Region.all.count]
    var limits = VCardReader.Limits()
    limits.contacts = 8
    limits.property = 512
    limits.numbers = 4
    let reader = VCardReader(Array(bytes.dropFirst()), limits: limits)
    demand(reader.contacts.count <= limits.contacts, "more contacts than the limit")
    demand(reader.problems.count <= reader.problemCount, "more problems than were counted")
    for contact in reader.contacts {
        demand(contact.numbers.count <= limits.numbers, "more numbers than the limit")
        demand(!contact.name.unicodeScalars.contains { $0.value < 0x20 }, "a control character in a name")
    }
    let book = ContactBook(reader.contacts, region: region)
    for contact in reader.contacts {
        _ = book.search(contact.name)
        for match in book.resolve(contact.name) {
            demand(reader.contacts.contains(match.contact), "a contact that nobody has written")
            demand(match.contact.numbers.contains(match.number), "a number that the contact does not have")
            _ = match.description
        }
        for number in contact.numbers {
            _ = book.name(for: number.number)
            _ = ContactBook.isName(number.number)
            _ = try? PhoneNumber(typed: number.number, region: region)
        }
    }
    return 0
}

private func demand(_ isTrue: Bool, _ message: StaticString) {
    if !isTrue { fatalError("\(message)") }
}
