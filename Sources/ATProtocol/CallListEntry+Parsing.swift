internal import CallModel

extension CallListEntry {
    /// Reads a line of `AT+CLCC`, `+CLCC: <index>,<dir>,<stat>,<mode>,<mpty>[,<number>,<type>…]` (27.007 §7.18).
    ///
    /// Anything behind the type is ignored; nil when one of the first three values is missing or impossible.
    package init?(clcc line: ATLine) {
        let entry = line.withBytes { bytes in
            bytes.body(of: "+CLCC").flatMap { CallListEntry(Fields($0), numberAt: 5) }
        }
        guard let entry else { return nil }
        self = entry
    }

    /// Reads a line of Cinterion's `AT^SLCC`, which has one reserved value more than `+CLCC`.
    ///
    /// The bare `^SLCC:` that ends a list is nil here and ``Indication/listed(_:)`` with nil when unasked.
    package init?(slcc line: ATLine) {
        let entry = line.withBytes { bytes in
            bytes.body(of: "^SLCC").flatMap { CallListEntry(Fields($0), numberAt: 6) }
        }
        guard let entry else { return nil }
        self = entry
    }

    init?(_ fields: Fields, numberAt index: Int) {
        guard let id = fields[0].int, id >= 0, let direction = CallDirection(fields[1]),
            let state = fields[2].int.flatMap(State.init(rawValue:))
        else { return nil }
        self.init(
            index: id,
            direction: direction,
            state: state,
            mode: fields[3].int ?? 0,
            multiparty: fields[4].int == 1,
            number: phoneNumber(fields[index], type: fields[index + 1].int)
        )
    }
}

extension CallDirection {
    /// Reads the `<dir>` of 27.007 §7.18: 0 we called, 1 we are called.
    init?(_ field: Field) {
        switch field.int {
        case .some(0): self = .outgoing
        case .some(1): self = .incoming
        default: return nil
        }
    }
}
