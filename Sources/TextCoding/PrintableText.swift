extension String {
    /// The text in quotes, shortened, with nothing in it that a terminal would act on.
    package var quoted: String { "'\(printable(limit: 60))'" }

    /// The text with nothing in it that a terminal would act on; what is beyond the limit of characters becomes `…`.
    package func printable(limit: Int) -> String {
        var result = ""
        var count = 0
        for scalar in unicodeScalars {
            guard count < limit else { return result + "…" }
            count += 1
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
                .spaceSeparator where scalar != " ":
                result += scalar.code
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Its code as people look it up: `U+00A0`.
    package var code: String {
        let hex = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
    }
}
