/// What is wrong with a script of tones, or with a value put into it.
package enum DTMFScriptError: Error, Sendable, Equatable {
    /// A character is neither a tone, a pause, a placeholder nor a space.
    case unexpected(Character, position: Int)
    /// `{` without its `}`.
    case unclosedPlaceholder(position: Int)
    /// `}` without its `{`.
    case strayBrace(position: Int)
    /// A name in braces that is none of `pin`, `target`, `token`.
    case unknownPlaceholder(String, position: Int)
    /// The template has too many characters.
    case tooLong(limit: Int)
    /// The script needs a value that the call does not have.
    case missingValue(DTMFScript.Placeholder)
    /// The value has a character that is not a tone; which one is not told, because values are secret.
    case notATone(DTMFScript.Placeholder, position: Int)
    /// The value has too many characters.
    case valueTooLong(DTMFScript.Placeholder, limit: Int)
}

extension DTMFScriptError: CustomStringConvertible {
    /// What is wrong, where, and what to do, in one line.
    package var description: String {
        switch self {
        case .unexpected(let character, let position):
            "\(Self.shown(character)) at position \(position) of the script is not a tone; "
                + "use 0-9 * # A-D, ',' (2 s), 'w' (0.5 s), {pin}, {target} and {token}"
        case .unclosedPlaceholder(let position):
            "the '{' at position \(position) of the script is not closed; write {pin}, {target} or {token}"
        case .strayBrace(let position):
            "the '}' at position \(position) of the script closes nothing; write {pin}, {target} or {token}"
        case .unknownPlaceholder(let name, let position):
            "the script has no value called '\(Self.shown(name))' (position \(position)); "
                + "it knows {pin}, {target} and {token}"
        case .tooLong(let limit):
            "the script is too long; write at most \(limit) characters"
        case .missingValue(let placeholder):
            "the script needs a value for {\(placeholder.rawValue)}, and there is none; "
                + "set it or take it out of the script"
        case .notATone(.target, let position):
            "position \(position) of the target can't be sent as a tone; "
                + "choose a number format without '+': e164, 00 or national"
        case .notATone(let placeholder, let position):
            "position \(position) of the \(placeholder.rawValue) can't be sent as a tone; use 0-9 * # A-D"
        case .valueTooLong(let placeholder, let limit):
            "the \(placeholder.rawValue) is too long; use at most \(limit) tones"
        }
    }

    private static func shown(_ character: Character) -> String {
        "'\(shown(String(character)))'"
    }

    /// Text that is safe on a terminal: what is not printable ASCII is written as its code point.
    private static func shown(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if (0x20...0x7E).contains(scalar.value) {
                result.unicodeScalars.append(scalar)
            } else {
                let hex = String(scalar.value, radix: 16, uppercase: true)
                result += "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
            }
        }
        return result
    }
}
