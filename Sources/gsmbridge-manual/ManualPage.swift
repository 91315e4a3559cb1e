/// The manual page of one command, in the macros of man(7).
struct ManualPage: Sendable {
    let command: CommandDescription
    /// Who made it: `gsmbridge 1.2.3`.
    let source: String
    /// The day in the footer, `2026-01-31`.
    let date: String

    /// The pages of a command and all that are below it.
    static func pages(of command: CommandDescription, source: String, date: String) -> [ManualPage] {
        [ManualPage(command: command, source: source, date: date)]
            + command.shown.flatMap { pages(of: $0, source: source, date: date) }
    }

    /// `gsmbridge-config-check`.
    var name: String { command.words.joined(separator: "-") }
    /// `gsmbridge-config-check.1`.
    var fileName: String { name + ".1" }

    var text: String {
        var lines = [
            ".\\\" Written by the program gsmbridge-manual: change the command instead.",
            ".TH \(Roff.quoted(name.uppercased())) 1 \(Roff.quoted(date)) \(Roff.quoted(source)) \(Roff.quoted("gsmbridge"))",
            ".SH NAME",
            Roff.literal(name) + " \\- " + Roff.prose(headline),
            ".SH SYNOPSIS",
        ]
        lines += synopsis
        let chapters = Chapter.chapters(in: command.discussion ?? "")
        let opening = chapters.first { $0.title == nil }?.lines ?? []
        lines += [".SH DESCRIPTION"] + Roff.body((command.abstract.map { [$0, ""] } ?? []) + opening)
        lines += commands + options
        for chapter in chapters {
            guard let title = chapter.title else { continue }
            lines += [".SH " + Roff.quoted(title)] + Roff.body(chapter.lines)
        }
        lines += files + seeAlso
        return lines.joined(separator: "\n") + "\n"
    }

    /// The abstract as whatis(1) wants it: no full stop, and no capital at the beginning unless it is a name.
    private var headline: String {
        var text = command.abstract ?? ""
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    private var shownArguments: [CommandDescription.Argument] { (command.arguments ?? []).filter(\.shouldDisplay) }

    private var synopsis: [String] {
        var lines = [".B " + Roff.literal(command.words.joined(separator: " "))]
        if !command.shown.isEmpty { return lines + [".I command", "[options]"] }
        for argument in shownArguments {
            let core: String
            switch argument.kind {
            case .positional: core = "\\fI" + Roff.literal(argument.valueName ?? "value") + "\\fR"
            case .flag: core = "\\fB" + Roff.literal(typed(argument)) + "\\fR"
            case .option:
                core =
                    "\\fB" + Roff.literal(typed(argument)) + "\\fR \\fI" + Roff.literal(argument.valueName ?? "value")
                    + "\\fR"
            }
            let repeated = argument.isRepeating ? core + " ..." : core
            lines.append(argument.isOptional ? "[\(repeated)]" : repeated)
        }
        return lines
    }

    private var commands: [String] {
        guard !command.shown.isEmpty else { return [] }
        return [".SH COMMANDS"]
            + command.shown.flatMap { below in
                [
                    ".TP", ".BR " + Roff.literal(below.words.joined(separator: "-")) + " (1)",
                    Roff.prose(below.abstract ?? ""),
                ]
            }
    }

    private var options: [String] {
        guard !shownArguments.isEmpty else { return [] }
        return [".SH OPTIONS"] + shownArguments.flatMap(entry)
    }

    private func entry(_ argument: CommandDescription.Argument) -> [String] {
        let value = "\\fI" + Roff.literal(argument.valueName ?? "value") + "\\fR"
        let head: String
        switch argument.kind {
        case .positional: head = value
        case .flag: head = names(argument)
        case .option: head = names(argument) + " " + value
        }
        var text = argument.abstract ?? ""
        if let values = argument.allValues, !values.isEmpty { text += " One of: \(values.joined(separator: ", "))." }
        if let value = argument.defaultValue { text += " Default: \(value)." }
        return [".TP", head] + Roff.body([text] + (argument.discussion.map { ["", $0] } ?? []))
    }

    private func names(_ argument: CommandDescription.Argument) -> String {
        (argument.names ?? []).map { "\\fB" + Roff.literal($0.typed) + "\\fR" }.joined(separator: ", ")
    }

    private func typed(_ argument: CommandDescription.Argument) -> String {
        let names = argument.names ?? []
        return (names.first { $0.kind == "long" } ?? names.first)?.typed ?? ""
    }

    private var files: [String] {
        guard command.superCommands?.isEmpty ?? true else { return [] }
        let files: [(String, String)] = [
            (
                "/etc/gsmbridge/gsmbridge.yaml",
                "The configuration; another one is named by --config or $GSMBRIDGE_CONFIG."
            ),
            ("/run/gsmbridge/control.sock", "The service's control socket; another one is named by $GSMBRIDGE_SOCKET."),
            ("/var/lib/gsmbridge", "The service's data: call log and ledgers."),
        ]
        return [".SH FILES"]
            + files.flatMap { [".TP", ".I " + Roff.literal($0.0), Roff.prose($0.1)] }
    }

    private var seeAlso: [String] {
        let pages = (1..<max(command.words.count, 1)).map { command.words.prefix($0).joined(separator: "-") }
        guard !pages.isEmpty else {
            return [".SH SEE ALSO", "The documents in", ".I " + Roff.literal("/usr/share/doc/gsmbridge")]
        }
        return [".SH SEE ALSO"]
            + pages.enumerated()
            .map { ".BR \(Roff.literal($1)) (1)\($0 + 1 < pages.count ? "," : "")" }
    }
}

/// A part of a command's explanation: a line in capitals begins one.
struct Chapter: Equatable {
    var title: String?
    var lines: [String] = []

    static func chapters(in discussion: String) -> [Chapter] {
        var chapters = [Chapter(title: nil)]
        for line in discussion.split(separator: "\n", omittingEmptySubsequences: false) {
            if isTitle(line) {
                chapters.append(Chapter(title: String(line)))
            } else {
                chapters[chapters.count - 1].lines.append(String(line))
            }
        }
        return chapters
    }

    private static func isTitle(_ line: Substring) -> Bool {
        line.first?.isUppercase == true && line.allSatisfy { $0.isUppercase || $0 == " " }
    }
}

/// Text for roff, so that nothing in it is taken for a request.
enum Roff {
    /// Words as they are typed: every hyphen stays a hyphen.
    static func literal(_ text: String) -> String { guarded(escaped(text, hyphens: true)) }

    /// Running text: only the hyphens of options stay what they are.
    static func prose(_ text: String) -> String {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
            .map { word -> String in
                let isTyped = word.drop { $0 == "(" || $0 == "'" || $0 == "\"" }.hasPrefix("-") || word.contains("/")
                return escaped(String(word), hyphens: isTyped && word != "-")
            }
        return guarded(words.joined(separator: " "))
    }

    /// An argument of a macro.
    static func quoted(_ text: String) -> String {
        "\""
            + escaped(text, hyphens: false).split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\\(dq") + "\""
    }

    /// Paragraphs; lines that are indented by two blanks are shown as they are.
    static func body(_ lines: [String]) -> [String] {
        var result: [String] = []
        var isLiteral = false
        var wantsParagraph = false
        for line in lines {
            let isIndented = line.hasPrefix("  ")
            if line.isEmpty {
                wantsParagraph = !result.isEmpty
                if isLiteral { result.append("") }
                continue
            }
            if isLiteral, !isIndented {
                while result.last == "" { result.removeLast() }
                result += [".fi", ".RE"]
                isLiteral = false
            }
            if isIndented, !isLiteral {
                result += [".RS 2", ".nf"]
                isLiteral = true
            } else if !isIndented, wantsParagraph {
                result.append(".PP")
            }
            wantsParagraph = false
            result.append(isIndented ? literal(String(line.dropFirst(2))) : prose(line))
        }
        if isLiteral {
            while result.last == "" { result.removeLast() }
            result += [".fi", ".RE"]
        }
        return result
    }

    private static func escaped(_ text: String, hyphens: Bool) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-" where hyphens: result += "\\-"
            case "\n", "\r\n": result += " "
            default: result.append(character)
            }
        }
        return result
    }

    /// A point or an apostrophe at the beginning of a line would be a request.
    private static func guarded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }
}
