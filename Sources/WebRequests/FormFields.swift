internal import TextCoding

/// The fields of a form (`application/x-www-form-urlencoded`), in their order; a name may stand there more than once.
package struct FormFields: Sendable, Equatable {
    /// More fields than any PBX sends.
    package static let most = 200

    package var fields: [(name: String, value: String)]

    package init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

    /// Reads a body; nil when an escape is broken, something is not UTF-8, or there are more than ``most`` fields.
    package init?(body: [UInt8]) {
        fields = []
        guard !body.isEmpty else { return }
        for part in body.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            guard fields.count < Self.most else { return nil }
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = pair.first, let name = PercentCoding.decode(first, isForm: true),
                let value = PercentCoding.decode(pair.count > 1 ? pair[1] : [], isForm: true)
            else { return nil }
            fields.append((name, value))
        }
    }

    /// The first value of a name.
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The body that carries the fields.
    package var body: [UInt8] {
        Array(
            fields.map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }
                .joined(separator: "&").utf8
        )
    }

    package static func == (left: FormFields, right: FormFields) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }
}
