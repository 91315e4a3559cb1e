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
                result += "U+" + String(scalar.value, radix: 16, uppercase: true)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
