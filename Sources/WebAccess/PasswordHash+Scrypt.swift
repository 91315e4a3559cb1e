internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials
package import Settings

extension PasswordHash {
    /// The fewest characters of a new password: a phrase of a few words.
    package static let shortest = 12
    /// The most bytes that are taken of one.
    package static let longest = 256

    /// Works a new password through, with a salt of its own.
    ///
    /// - Throws: where there is no memory for it.
    package init(of password: String, cost: Int = usual.cost, rounds: Int = usual.rounds) throws {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        self.init(cost: cost, rounds: rounds, salt: salt, hash: [UInt8](repeating: 0, count: 32))
        hash = try key(of: password).withUnsafeBytes { Array($0) }
    }

    /// Whether a password is this one; the comparison takes the same time whatever differs.
    package func fits(_ password: String) throws -> Bool { try key(of: password) == SymmetricKey(data: hash) }

    private func key(of password: String) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: Array(password.utf8),
            salt: salt,
            outputByteCount: hash.count,
            rounds: 1 << cost,
            blockSize: Self.blockSize,
            parallelism: rounds
        )
    }
}
