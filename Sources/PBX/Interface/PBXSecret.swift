/// A password, token or key: it can be used, but not printed, dumped or encoded by mistake.
public struct PBXSecret: Sendable {
    private let value: String

    /// Wraps a value.
    public init(_ value: String) { self.value = value }

    /// The value itself; call it where it goes on the wire, and nowhere else.
    public func reveal() -> String { value }
}

extension PBXSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `(hidden)`.
    public var description: String { "(hidden)" }

    /// Always `(hidden)`.
    public var debugDescription: String { "(hidden)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension PBXSecret: Equatable {
    /// Whether two secrets are the same, in a time that does not depend on where they differ.
    public static func == (left: PBXSecret, right: PBXSecret) -> Bool {
        ConstantTime.equal(Array(left.value.utf8), Array(right.value.utf8))
    }
}
