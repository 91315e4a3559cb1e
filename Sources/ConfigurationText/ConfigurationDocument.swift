package import Yams

/// The YAML of a configuration file as a tree, or what is wrong with it as YAML.
package struct ConfigurationDocument {
    /// The largest file that is read, in bytes.
    package static let largest = 1 << 20
    /// The most references (`*name`) in one file: a few save typing, many nested ones grow without bounds.
    package static let mostAliases = 12

    /// The tree; nil when the file holds nothing but comments.
    package let root: Node?
    /// What stands before a key that was given twice, so that the parser would go on; see ``original(_:)``.
    private let marks: Set<Unicode.Scalar>
    private let strange: [ConfigurationProblem]

    /// Reads YAML; throws what is wrong with it.
    package init(_ bytes: [UInt8], file: String?) throws(ConfigurationError) {
        let source = try ConfigurationSource(bytes, file: file)
        try source.checkReferences()
        strange = source.strangeCharacters()
        var scalars = source.scalars
        var marks: Set<Unicode.Scalar> = []
        while true {
            do {
                // Without rules for types the parser keeps every value as it was written: a leading zero and a plus
                // belong to a number, and "NO" is Norway.
                root = try Parser(yaml: String(String.UnicodeScalarView(scalars)), resolver: .basic, encoding: .utf8)
                    .singleRoot()
                self.marks = marks
                return
            } catch let error as YamlError {
                // The parser stops at a key that is given twice. Marking the key and trying again finds the rest too.
                guard case .duplicatedKeysInMapping(_, let context) = error, marks.count < Self.mostRepeatedKeys,
                    (marks.count + 1) * scalars.count <= Self.mostParsed, !source.hasMarks,
                    let mark = Unicode.Scalar(Self.firstMark + UInt32(marks.count)),
                    let position = ConfigurationSource.keyStart(in: scalars, at: context.mark)
                else { throw source.error(for: error) }
                scalars.insert(mark, at: position)
                marks.insert(mark)
            } catch {
                throw source.error("YAML syntax: \(error)", "correct it", line: 1)
            }
        }
    }

    /// The key as it stands in the file, without the mark that it may have got.
    package func original(_ key: String) -> String {
        guard let first = key.unicodeScalars.first, marks.contains(first) else { return key }
        return String(String.UnicodeScalarView(key.unicodeScalars.dropFirst()))
    }

    /// What is wrong with a character in this line or the one before that looks like a space and is none to YAML; nil where
    /// there is none.
    package func strangeCharacter(near line: Int) -> ConfigurationProblem? {
        strange.first { ((line - 1)...line).contains($0.line ?? 0) }
    }

    package static let firstMark: UInt32 = 0xE000
    package static let mostRepeatedKeys = 64
    /// How many characters are parsed at most for the sake of keys given twice.
    private static let mostParsed = 4 << 20
}

extension Node {
    /// The line that it begins in, counted from 1.
    package var line: Int { mark?.line ?? 1 }

    /// Whether there is no value.
    package var isNull: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
