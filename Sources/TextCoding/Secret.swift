/// A text that may not be seen: it can be used, but not printed, dumped, logged or encoded by mistake.
package struct Secret: Sendable {
    private let value: String

    /// Wraps a value.
    package init(_ value: String) { self.value = value }

    /// The value itself; call it where it goes on the wire, and nowhere else.
    package func reveal() -> String { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable, Encodable {
    /// Always `(hidden)`.
    package var description: String { "(hidden)" }

    /// Always `(hidden)`.
    package var debugDescription: String { "(hidden)" }

    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Encodes `(hidden)`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Secret: Equatable {
    /// Whether two secrets are the same, in a time that does not depend on where they differ.
    package static func == (left: Secret, right: Secret) -> Bool {
        ConstantTime.equal(Array(left.value.utf8), Array(right.value.utf8))
    }
}
