package import FoundationEssentials

/// The identity of one of our calls; the PBX gets it as the key that makes a repeated request one request.
package struct CallKey: Sendable, Hashable, CustomStringConvertible {
    /// The call's UUID in small letters.
    package let text: String

    /// Takes the identity of a call of the event stream.
    package init(_ call: UUID) { text = call.uuidString.lowercased() }

    /// The UUID.
    package var description: String { text }
}

/// What the PBX calls one of its calls.
package struct CallReference: Sendable, Hashable, CustomStringConvertible {
    /// The longest reference that is taken from a PBX, in bytes.
    package static let longest = 256

    /// The reference as the PBX wrote it.
    package let text: String

    /// Takes a reference; nil when it is empty, longer than ``longest``, has other signs than printable ASCII, or would be
    /// a step on a path (`.`, `..`).
    package init?(_ text: String) {
        guard text != ".", text != "..", (1...Self.longest).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.text = text
    }

    package var description: String { text }
}
