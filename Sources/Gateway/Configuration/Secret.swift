/// Something that nobody may see: it can be used, but not printed, dumped, logged or encoded by mistake.
public struct Secret: Sendable {
    private let value: String

    /// Wraps a value.
    public init(_ value: String) { self.value = value }

    /// The value itself; call it where it goes on the wire, and nowhere else.
    public func reveal() -> String { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable, Encodable {
    /// Always `(hidden)`.
    public var description: String { "(hidden)" }

    /// Always `(hidden)`.
    public var debugDescription: String { "(hidden)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Encodes `(hidden)`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
