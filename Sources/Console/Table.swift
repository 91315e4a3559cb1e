internal import Glibc

/// Rows in columns as wide as their widest cell, two blanks apart.
///
/// On a terminal the table fits its width: whole columns are left out, the least important first, and no cell is cut.
package struct Table {
    /// The columns' names.
    package let heads: [String]
    /// The names of the columns that may be left out, least important first.
    package let dispensable: [String]
    /// How wide the columns were in what was printed before.
    private var widths: [Int]

    package init(heads: [String], dispensable: [String] = []) {
        self.heads = heads
        self.dispensable = dispensable
        widths = heads.map(\.count)
    }

    /// The lines for rows.
    ///
    /// - Parameters:
    ///   - rows: the cells; an empty one becomes a dash.
    ///   - width: how many characters a line may have; nil for any number.
    ///   - hasHead: whether the columns' names stand above them.
    package mutating func lines(_ rows: [[String]], width: Int?, hasHead: Bool = true) -> [String] {
        let cells = rows.map { $0.map { $0.isEmpty ? "-" : $0 } }
        for row in cells {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        var shown = Array(heads.indices)
        for name in dispensable {
            guard let width, total(shown) > width else { break }
            shown.removeAll { heads[$0] == name }
        }
        return ((hasHead ? [heads] : []) + cells)
            .map { row in
                let line = shown.filter { $0 < row.count }
                    .map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
                    .joined(separator: "  ")
                return String(line.reversed().drop { $0 == " " }.reversed())
            }
    }

    private func total(_ columns: [Int]) -> Int {
        columns.reduce(0) { $0 + widths[$1] } + 2 * max(columns.count - 1, 0)
    }

    /// Prints rows without heads, or with the first one as their heads, however wide they are.
    package static func show(_ rows: [[String]]) {
        var table = Table(heads: [String](repeating: "", count: rows.map(\.count).max() ?? 0))
        for line in table.lines(rows, width: nil, hasHead: false) { Terminal.standardOutput(line) }
    }

    /// Prints rows.
    package mutating func show(_ rows: [[String]], hasHead: Bool = true) {
        for line in lines(rows, width: Terminal.width, hasHead: hasHead) { Terminal.standardOutput(line) }
    }
}

extension Terminal {
    /// How many characters a line of standard output may have; nil where that is no terminal (tty_ioctl(4), TIOCGWINSZ).
    package static var width: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
}
