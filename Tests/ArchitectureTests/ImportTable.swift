/// The table of rooms in `docs/architecture.md`: the modules that each may import.
struct ImportTable {
    /// The imports of each room.
    private(set) var imports: [String: Set<String>] = [:]

    /// Reads the rows `| room | holds | imports: ours | imports: from outside | must not know |`.
    init(page: String) {
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { Self.names(in: $0) }
            guard cells.count == 5, let room = cells[0].first else { continue }
            imports[room] = Set(cells[2] + cells[3])
        }
    }

    /// The names between backticks.
    private static func names(in cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}

/// The targets that `Package.swift` makes by `library`, `executable` and `tests`: the dependencies of each.
struct Manifest {
    /// The names that each target depends on.
    private(set) var dependencies: [String: Set<String>] = [:]

    /// Reads a manifest.
    init(text: String) {
        for match in text.matches(of: /\b(?:library|executable|tests)\(\s*"([^"]+)"(?:,\s*\[([^\]]*)\])?\s*[,)]/) {
            let names = (match.2 ?? "").split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            dependencies[String(match.1)] = Set(names)
        }
    }
}
