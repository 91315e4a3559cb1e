import Glibc

/// Does to a running service what modems, users and power cuts do, and says what it made of it.
@main
struct Reliability {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        let options: Options
        do throws(UsageError) {
            options = try Options(arguments: Array(CommandLine.arguments.dropFirst()))
        } catch {
            tell("gsmbridge-reliability: \(error.message)\n\(Options.usage)")
            exit(64)
        }
        if options.wantsHelp {
            print(Options.usage)
            return
        }
        var rows: [[String]] = [["run", "result", "time", "what was seen"]]
        var findings: [String] = []
        for kind in options.scenarios {
            tell("running: \(kind.rawValue)")
            let started = ContinuousClock.now
            let outcomes = Scenario(options: options).run(kind)
            for outcome in outcomes {
                let time = outcome.duration ?? (.now - started)
                let result = outcome.findings.isEmpty ? "held" : "FAILED"
                rows.append([outcome.name, result, "\(time.components.seconds) s", outcome.seen])
                findings += outcome.findings.map { "\(outcome.name): \($0)" }
            }
        }
        print(table(rows))
        for finding in findings { print(finding) }
        exit(findings.isEmpty ? 0 : 1)
    }

    private static func table(_ rows: [[String]]) -> String {
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return
            rows.map { row in
                let cells = row.indices.map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
                return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
            }
            .joined(separator: "\n")
    }

    /// Writes a line for people to standard error.
    static func tell(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        // The reader may be gone, which changes nothing.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
