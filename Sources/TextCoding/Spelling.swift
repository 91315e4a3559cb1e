/// Words as people misspell them, and words as they can be shown safely.
package enum Spelling {
    /// The word that was most likely meant; nil when none is near enough.
    package static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        guard word.unicodeScalars.count <= 64 else { return nil }
        let wanted = normal(word)
        let limit = max(1, min(3, wanted.count / 3))
        var best: (word: String, distance: Int)?
        for candidate in known {
            let distance = distance(from: wanted, to: normal(candidate))
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// A text in quotes, shortened, with nothing in it that a terminal would act on.
    package static func quoted(_ text: String) -> String { text.quoted }

    /// A text with nothing in it that a terminal would act on; what is beyond the limit of characters becomes `…`.
    package static func printable(_ text: String, limit: Int) -> String { text.printable(limit: limit) }

    /// The first character that is invisible, or looks like an ordinary space, by its code and name; nil where there is
    /// none.
    ///
    /// No-break spaces, zero widths and the byte order mark come along when text is copied from a page or a word
    /// processor.
    package static func invisible(in text: String) -> String? {
        text.unicodeScalars.first(where: isInvisible(_:)).map(name(of:))
    }

    /// Whether a character is invisible, or looks like an ordinary space.
    package static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .format, .lineSeparator, .paragraphSeparator: true
        case .spaceSeparator: scalar != " "
        default: false
        }
    }

    /// A character by its code and name: `U+00A0, NO-BREAK SPACE`.
    package static func name(of scalar: Unicode.Scalar) -> String {
        // What it is called where it stands in front of a text.
        let name = scalar == "\u{FEFF}" ? "BYTE ORDER MARK" : scalar.properties.name ?? scalar.properties.nameAlias
        return name.map { "\(scalar.code), \($0)" } ?? scalar.code
    }

    private static func normal(_ word: String) -> [UInt8] {
        word.lowercased().utf8.map { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: " ") ? UInt8(ascii: "_") : $0 }
    }

    /// How many letters must be put in, left out, replaced or swapped with their neighbour.
    private static func distance(from left: [UInt8], to right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, rightByte) in right.enumerated() {
                var cost = min(last[column + 1], current[column]) + 1
                cost = min(cost, last[column] + (leftByte == rightByte ? 0 : 1))
                if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
