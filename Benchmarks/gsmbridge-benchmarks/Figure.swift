/// One row of the table.
struct Figure {
    /// What a figure should be, and whether it is.
    struct Aim {
        let text: String
        let verdict: String

        private init(_ text: String, isMet: Bool) {
            self.text = text
            verdict = isMet ? "met" : "MISSED"
        }

        private init(undecided text: String) {
            self.text = text
            verdict = "machine too busy"
        }

        static func atLeast(_ limit: Double, _ unit: String, is value: Double) -> Aim {
            Aim(">= \(limit.shown()) \(unit)", isMet: value >= limit)
        }

        static func below(_ limit: Double, _ unit: String, is value: Double) -> Aim {
            Aim("< \(limit.shown()) \(unit)", isMet: value < limit)
        }

        /// Not missed where the least possible takes more than half of the limit: then the machine was measured, not us.
        static func below(_ limit: Double, _ unit: String, is value: Double, where floor: Double) -> Aim {
            let aim = below(limit, unit, is: value)
            return value >= limit && floor > limit / 2 ? Aim(undecided: aim.text) : aim
        }

        static func none(is value: Double) -> Aim { Aim("none", isMet: value == 0) }
    }

    let what: String
    let value: String
    let aim: Aim?
    /// The least that the same thing can cost on this machine and in this run, and how many times that it is.
    let floor: String

    init(_ what: String, _ value: String, aim: Aim? = nil, floor: String = "") {
        self.what = what
        self.value = value
        self.aim = aim
        self.floor = floor
    }
}

/// The figures of a run, printed as columns.
struct FigureTable {
    private var rows: [[String]] = []

    mutating func add(_ figures: [Figure], of benchmark: String) {
        for figure in figures {
            let aim = (figure.aim?.text ?? "", figure.aim?.verdict ?? "")
            rows.append(["\(benchmark): \(figure.what)", figure.value, aim.0, aim.1, figure.floor])
        }
    }

    func text(heading: String) -> String {
        let all = [["what", "figure", "aim", "", "floor, ratio"]] + rows
        let widths = (0..<5).map { column in all.map { $0[column].count }.max() ?? 0 }
        let lines = all.map { row in
            let cells = row.indices.map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        return ([heading] + lines).joined(separator: "\n")
    }
}

extension Double {
    /// The number with three significant digits, or as many as its whole part has.
    func shown() -> String {
        guard isFinite else { return "-" }
        let decimals = magnitude >= 100 || self == rounded() ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3
        let scale = [1.0, 10, 100, 1000][decimals]
        let whole = Int((magnitude * scale).rounded())
        let sign = self < 0 && whole > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let fraction = String(whole % Int(scale))
        return "\(sign)\(whole / Int(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
