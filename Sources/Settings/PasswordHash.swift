internal import FoundationEssentials

/// What is kept of a password: how scrypt is worked through, its salt and what comes of it.
///
/// It is written as the PHC string format has it: `$scrypt$ln=14,r=8,p=5$SALT$HASH`, both in base64 without padding.
package struct PasswordHash: Sendable, Hashable {
    /// The binary logarithm of scrypt's cost N (RFC 7914, 2).
    package var cost: Int
    /// How many times over it is worked through, one behind the other.
    package var rounds: Int
    package var salt: [UInt8]
    package var hash: [UInt8]

    /// The block size; no other is taken.
    package static let blockSize = 8
    /// OWASP's Password Storage Cheat Sheet has this with 16 MiB among its equals; the others take up to 128 MiB.
    package static let usual = (cost: 14, rounds: 5)
    /// What is taken from a file: up to 128 MiB, and never less work than ours.
    private static let costs = 14...17

    package init(cost: Int, rounds: Int, salt: [UInt8], hash: [UInt8]) {
        (self.cost, self.rounds, self.salt, self.hash) = (cost, rounds, salt, hash)
    }

    /// Reads one; nil where it is none, or one that is too cheap or too dear to try.
    package init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else { return nil }
        let numbers = parts[2].split(separator: ",").map { $0.split(separator: "=") }
        guard numbers.count == 3, numbers.allSatisfy({ $0.count == 2 }), numbers.map({ $0[0] }) == ["ln", "r", "p"],
            let cost = Int(numbers[0][1]), Int(numbers[1][1]) == Self.blockSize, let rounds = Int(numbers[2][1]),
            Self.costs.contains(cost), (1...16).contains(rounds), rounds << cost >= 5 << 14,
            let salt = Self.bytes(parts[3]), let hash = Self.bytes(parts[4]),
            (16...64).contains(salt.count), (32...64).contains(hash.count)
        else { return nil }
        self.init(cost: cost, rounds: rounds, salt: salt, hash: hash)
    }

    /// The hash as it is written.
    package var text: String {
        "$scrypt$ln=\(cost),r=\(Self.blockSize),p=\(rounds)$\(Self.base64(salt))$\(Self.base64(hash))"
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("=", with: "")
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text + padding).map { Array($0) }
    }
}
