/// What is sent as tones once a call is answered, as a template such as `{pin}# ,, {target}#`.
///
/// | in the template | means |
/// |---|---|
/// | `0`…`9` `*` `#` `A`…`D` | that tone |
/// | `,` | a pause of 2 s |
/// | `w` | a pause of 0.5 s |
/// | `{pin}` `{target}` `{token}` | the tones of that value; those of `pin` and `token` are secret |
/// | space | nothing |
///
/// Positions in errors count the template's characters from 1.
package struct DTMFScript: Sendable, Equatable {
    /// A value that is put into a script when a call is made.
    package enum Placeholder: String, Sendable, CaseIterable {
        /// What the PBX asks for before it leads on; secret.
        case pin
        /// The number to reach.
        case target
        /// What tells the PBX which held caller this call is for; secret.
        case token

        /// Whether its tones must not be shown or logged.
        package var isSecret: Bool { self != .target }
    }

    /// One thing to do: send a tone, or wait.
    package enum Step: Sendable, Equatable {
        /// Send this tone; a secret one is never shown.
        case digit(Character, secret: Bool)
        /// Wait, beside the ordinary gap.
        case pause(Duration)
    }

    private enum Element: Sendable, Equatable {
        case literal(Step)
        case placeholder(Placeholder)
    }

    /// The longest template, and the longest value of a placeholder, in characters.
    package static let longest = 128

    /// The script of a PBX that wants nothing but the target: `{target}#`.
    package static let targetOnly = DTMFScript(
        elements: [.placeholder(.target), .literal(.digit("#", secret: false))]
    )

    private let elements: [Element]

    private init(elements: [Element]) {
        self.elements = elements
    }

    /// Reads a template; throws where it holds something that is neither tone, pause, placeholder nor space.
    package init(_ template: String) throws(DTMFScriptError) {
        guard template.count <= Self.longest else { throw .tooLong(limit: Self.longest) }
        var elements: [Element] = []
        var opened: Int?
        var name = ""
        for (offset, character) in template.enumerated() {
            let position = offset + 1
            if let start = opened {
                switch character {
                case "}":
                    guard let placeholder = Placeholder(rawValue: name) else {
                        throw .unknownPlaceholder(name, position: start)
                    }
                    elements.append(.placeholder(placeholder))
                    opened = nil
                    name = ""
                case "{": throw .unclosedPlaceholder(position: start)
                default: name.append(character)
                }
                continue
            }
            switch character {
            case " ": continue
            case "{": opened = position
            case "}": throw .strayBrace(position: position)
            case ",": elements.append(.literal(.pause(.seconds(2))))
            case "w": elements.append(.literal(.pause(.milliseconds(500))))
            case let tone where Self.isTone(tone): elements.append(.literal(.digit(tone, secret: false)))
            default: throw .unexpected(character, position: position)
            }
        }
        if let start = opened {
            throw .unclosedPlaceholder(position: start)
        }
        self.elements = elements
    }

    /// The placeholders that must have a value when the script is used.
    package var placeholders: Set<Placeholder> {
        var found: Set<Placeholder> = []
        for case .placeholder(let placeholder) in elements {
            found.insert(placeholder)
        }
        return found
    }

    /// Puts values into the script; throws where a placeholder has none, or one that can't be sent as tones.
    package func instantiate(
        target: String? = nil,
        pin: String? = nil,
        token: String? = nil
    ) throws(DTMFScriptError) -> [Step] {
        var steps: [Step] = []
        for element in elements {
            switch element {
            case .literal(let step):
                steps.append(step)
            case .placeholder(let placeholder):
                let value =
                    switch placeholder {
                    case .pin: pin
                    case .target: target
                    case .token: token
                    }
                guard let value, !value.isEmpty else { throw .missingValue(placeholder) }
                guard value.count <= Self.longest else { throw .valueTooLong(placeholder, limit: Self.longest) }
                for (offset, character) in value.enumerated() {
                    guard Self.isTone(character) else { throw .notATone(placeholder, position: offset + 1) }
                    steps.append(.digit(character, secret: placeholder.isSecret))
                }
            }
        }
        return steps
    }

    /// Whether a character is one of the sixteen tones `0`…`9`, `*`, `#`, `A`…`D` (ITU-T Q.23).
    package static func isTone(_ character: Character) -> Bool {
        switch character {
        case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#", "A", "B", "C", "D": true
        default: false
        }
    }
}

extension DTMFScript: CustomStringConvertible {
    /// The template, without spaces; no values are in it.
    package var description: String {
        var text = ""
        for element in elements {
            switch element {
            case .literal(let step): text += step.description
            case .placeholder(let placeholder): text += "{\(placeholder.rawValue)}"
            }
        }
        return text
    }
}

extension DTMFScript.Step: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The tone, `•` for a secret one, `,` and `w` for the pauses of a template.
    package var description: String {
        switch self {
        case .digit(_, secret: true): "•"
        case .digit(let character, secret: false): String(character)
        case .pause(.seconds(2)): ","
        case .pause(.milliseconds(500)): "w"
        case .pause(let duration): "(\(duration))"
        }
    }

    /// The same as ``description``, so that a dump or a log of a plan does not show secrets either.
    package var debugDescription: String { description }

    /// A mirror without children, for the same reason.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
