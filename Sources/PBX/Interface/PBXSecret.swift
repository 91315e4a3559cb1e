/// A password, token or key: it can be used, but not printed, dumped or encoded by mistake.
package struct PBXSecret: Sendable {
    private let value: String

    /// Wraps a value.
    package init(_ value: String) { self.value = value }

    /// The value itself; call it where it goes on the wire, and nowhere else.
    package func reveal() -> String { value }
}

extension PBXSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `(hidden)`.
    package var description: String { "(hidden)" }

    /// Always `(hidden)`.
    package var debugDescription: String { "(hidden)" }

    /// A mirror without children.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension PBXSecret: Equatable {
    /// Whether two secrets are the same, in a time that does not depend on where they differ.
    package static func == (left: PBXSecret, right: PBXSecret) -> Bool {
        ConstantTime.equal(Array(left.value.utf8), Array(right.value.utf8))
    }
}
