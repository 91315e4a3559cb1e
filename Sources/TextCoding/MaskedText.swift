/// Hides what may be a person's number in a text that others are to read.
package enum MaskedText {
    /// Fewer digits in a row are dates, times, prices and service numbers.
    private static let shortest = 7
    /// As on itemised bills.
    private static let hidden = 3

    /// A JSON text whose strings are masked so, and whose numbers stay numbers.
    package static func numbers(inStringsOf json: String) -> String {
        var (result, part) = ("", "")
        var (isInString, isEscaped) = (false, false)
        for character in json.unicodeScalars {
            if isInString, character == "\"", !isEscaped {
                result += numbers(in: part)
                (part, isInString) = ("", false)
            } else if !isInString, character == "\"" {
                isInString = true
            } else if isInString {
                isEscaped = character == "\\" && !isEscaped
                part.unicodeScalars.append(character)
                continue
            }
            result.unicodeScalars.append(character)
        }
        return result
    }

    /// The text with the last three digits of every run of seven and more replaced by `•`.
    package static func numbers(in text: String) -> String {
        var (result, run) = ([Character](), [Character]())
        func finish() {
            let kept = run.count < shortest ? run.count : run.count - hidden
            result += run.prefix(kept) + [Character](repeating: "•", count: run.count - kept)
            run = []
        }
        for character in text {
            if character.isASCII, character.isNumber {
                run.append(character)
            } else {
                finish()
                result.append(character)
            }
        }
        finish()
        return String(result)
    }
}
