internal import TextCoding
package import Yams

extension ConfigurationSource {
    /// What the parser said, as a problem of this file; never with text of the file in it.
    package func error(for error: YamlError) -> ConfigurationError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            return syntaxError(problem, mark: mark, context: context)
        case .composer(_, let problem, let mark, _):
            if problem.contains("another document") {
                return self.error(
                    "a second YAML document begins here",
                    "keep one document and remove the '---'",
                    line: mark.line
                )
            }
            return syntaxError(problem, mark: mark, context: nil)
        case .duplicatedKeysInMapping(_, let context):
            return self.error("a key is given twice", "keep one of them", line: context.mark.line)
        case .memory: return self.error("there is not enough memory to read the file", "make it smaller", line: nil)
        case .no, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            if let strange = strangeCharacters().first { return ConfigurationError(problems: [strange]) }
            return self.error("this is not YAML that can be read", "save the file as plain UTF-8 text", line: 1)
        }
    }

    private func syntaxError(_ problem: String, mark: Mark, context: YamlError.Context?) -> ConfigurationError {
        if problem.contains("nesting level") {
            return error("blocks are nested too deeply", "correct the indentation and the brackets", line: mark.line)
        }
        // A key that lacks its colon is found out at the next one.
        let isInKey = context?.text.contains("simple key") == true
        let first = isInKey ? min(context?.mark.line ?? mark.line, mark.line) : mark.line
        let strange = strangeCharacters().first { ((first - 1)...mark.line).contains($0.line ?? 0) }
        if let strange { return ConfigurationError(problems: [strange]) }
        let started = context.map {
            $0.mark.line == mark.line ? "" : " (\($0.text), which began in line \($0.mark.line))"
        }
        let message = "YAML syntax: \(problem)\(started ?? "")"
        return error(message, remedy(for: problem, mark: mark, context: context), line: mark.line)
    }

    private func remedy(for problem: String, mark: Mark, context: YamlError.Context?) -> String {
        switch problem {
        case _ where problem.contains("cannot start any token"):
            guard let position = Self.keyStart(in: scalars, at: mark), scalars[position] == "\t" else {
                return "put the value in quotes"
            }
            return "indent with spaces, not with tabs"
        case _ where problem.contains("mapping values are not allowed"):
            return "indent the line like its neighbours, or put a value that holds ': ' in quotes"
        case _ where problem.contains("undefined alias") || problem.contains("alphabetic or numeric"):
            return "put a value that begins with '*' or '&' in quotes"
        case _ where problem.contains("unexpected end of stream"):
            return "close the quotes that were opened in line \(context?.mark.line ?? mark.line)"
        case _ where problem.contains("could not find expected ':'"):
            return "write 'key: value', with a space behind the colon"
        case _ where problem.contains("unknown escape") || problem.contains("hexdecimal"):
            return "use single quotes, or write each backslash twice"
        case _ where problem.contains("',' or"):
            return "close the bracket, and put ',' between its parts"
        default: return "check the indentation, the quotes and the brackets here and in the line before"
        }
    }

    /// The first character of each line that looks like a space or like nothing, outside of quotes and comments: to YAML it
    /// is a letter; at most 256.
    ///
    /// Such characters come along when a file is put together from a page or a word processor.
    func strangeCharacters() -> [ConfigurationProblem] {
        guard scalars.contains(where: Self.isStrange(_:)) else { return [] }
        var found: [ConfigurationProblem] = []
        var (line, column) = (1, 0)
        var quote: Unicode.Scalar?
        // Behind what is found and in a comment nothing is looked at any more.
        var isOver = false
        var before: Unicode.Scalar = "\n"
        for scalar in scalars where found.count < 256 {
            defer { before = scalar }
            if Self.isLineBreak(scalar) {
                if scalar != "\n" || before != "\r" { (line, column) = (line + 1, 0) }
                (quote, isOver) = (nil, false)
                continue
            }
            column += 1
            guard !isOver else { continue }
            if let open = quote {
                if scalar == open, open == "'" || before != "\\" { quote = nil }
                continue
            }
            switch scalar {
            case "#" where Self.separates(before): isOver = true
            case "\"", "'": if Self.separates(before) { quote = scalar }
            // In front of the whole file it is the byte order mark.
            case "\u{FEFF}" where line == 1 && column == 1: break
            case _ where Self.isStrange(scalar):
                isOver = true
                found.append(
                    ConfigurationProblem(
                        file: file,
                        line: line,
                        message: "\(Spelling.name(of: scalar)), stands in column \(column) and is no space to YAML",
                        remedy: "write an ordinary space in its place, or nothing"
                    )
                )
            default: break
            }
        }
        return found
    }

    private static func isStrange(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x7F && Spelling.isInvisible(scalar)
    }

    /// Whether a quote or a comment can begin behind this character.
    private static func separates(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t", "[", "{", ",": true
        default: isLineBreak(scalar) || isStrange(scalar)
        }
    }
}
