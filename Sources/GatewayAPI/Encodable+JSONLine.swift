internal import FoundationEssentials

extension Encodable {
    /// The value as one line of JSON, without a line feed.
    package func jsonLine() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
