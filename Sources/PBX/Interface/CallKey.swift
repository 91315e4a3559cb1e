public import FoundationEssentials

/// The identity of one of our calls; the PBX gets it as the key that makes a repeated request one request.
public struct CallKey: Sendable, Hashable, CustomStringConvertible {
    /// The call's UUID in small letters.
    public let text: String

    /// Takes the identity of a call of the event stream.
    public init(_ call: UUID) { text = call.uuidString.lowercased() }

    /// The UUID.
    public var description: String { text }
}

/// What the PBX calls one of its calls.
public struct CallReference: Sendable, Hashable, CustomStringConvertible {
    /// The longest reference that is taken from a PBX, in bytes.
    public static let longest = 256

    /// The reference as the PBX wrote it.
    public let text: String

    /// Takes a reference; nil when it is empty, longer than ``longest``, has other signs than printable ASCII, or would be
    /// a step on a path (`.`, `..`).
    public init?(_ text: String) {
        guard text != ".", text != "..", (1...Self.longest).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.text = text
    }

    /// The reference.
    public var description: String { text }
}
