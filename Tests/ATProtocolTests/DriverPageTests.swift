import ATProtocol
import CallModel
import FoundationEssentials
import Testing

/// The part of `docs/modems.md` between its marks, which is written by the rows of the drivers.
@Suite struct DriverPageTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/modems.md")
    private static let marks = (begin: "<!-- rows of the drivers -->", end: "<!-- end of the rows -->")

    private static let names = [
        "huawei": "Huawei", "quectel": "Quectel", "sim800": "SIMCom 2G", "simcom": "SIMCom LTE and 3G",
        "cinterion": "Cinterion, Siemens, Gemalto", "telit": "Telit", "ublox": "u-blox", "zte": "ZTE",
        "fibocom": "Fibocom",
        "wavecom": "Wavecom", "generic": "anything else",
    ]

    private static var rows: String {
        var lines = [
            "| family | recognised by | networks | calls over LTE | digits by | sound |", "|---|---|---|---|---|---|",
        ]
        for driver in ModemDriver.all {
            let words = driver.words.map { "`\($0)`" }.joined(separator: ", ")
            let radios = [(RadioTechnology.gsm, "2G"), (.umts, "3G"), (.lte, "4G")]
                .filter { driver.radios.contains($0.0) }.map(\.1).joined(separator: " ")
            let enable = driver.volte.enable.map { "`\($0.text)`" }.joined(separator: ", ")
            let volte = driver.volte.lack.map { _ in "none" } ?? (enable.isEmpty ? "as the modem is set" : enable)
            let sound = driver.sound.map { $0.carrier == .tty ? "tty" : "sound card" }.joined(separator: ", ")
            let digits = driver.digits.first == .caret ? "`AT^DTMF`, else `AT+VTS`" : "`AT+VTS`"
            let cells = [
                "\(names[driver.family] ?? "?") (`\(driver.family)`)", words.isEmpty ? "–" : words, radios, volte,
                digits,
                sound.isEmpty ? "–" : sound,
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        lines += ["", "### Where that is from, and what to know", ""]
        for driver in ModemDriver.all {
            lines.append("- **\(names[driver.family] ?? driver.family)**: from \(driver.sources).")
            lines += driver.sightings.map { "  - seen: \($0)" }
            if driver.sightings.isEmpty { lines.append("  - not run on a modem by us, and nobody has told of one yet") }
            lines += driver.caveats.map { "  - \($0)" }
            if !driver.volte.enable.isEmpty || driver.volte.lack != nil {
                lines.append(
                    "  - calls over LTE: \(driver.volte.lack.map { "\($0); " } ?? "")from \(driver.volte.source)"
                )
            }
        }
        return lines.joined(separator: "\n")
    }

    /// With `GSMBRIDGE_WRITE_DOCS=1` the page is written instead.
    @Test("the page of the modems says what the rows say")
    func page() throws {
        let text = String(decoding: try Data(contentsOf: Self.file), as: UTF8.self)
        let parts = text.split(separator: Self.marks.begin + "\n", maxSplits: 1)
        try #require(parts.count == 2, "the mark is missing")
        let rest = parts[1].split(separator: "\n" + Self.marks.end, maxSplits: 1)
        try #require(rest.count == 2, "the mark of the end is missing")
        if ProcessInfo.processInfo.environment["GSMBRIDGE_WRITE_DOCS"] != nil {
            let renewed = parts[0] + Self.marks.begin + "\n" + Self.rows + "\n" + Self.marks.end + rest[1]
            return try Data(renewed.utf8).write(to: Self.file)
        }
        let lines = (rest[0].split(separator: "\n"), Self.rows.split(separator: "\n"))
        for (line, wanted) in zip(lines.0, lines.1) { #expect(line == wanted) }
        #expect(lines.0.count == lines.1.count)
    }

    @Test("every row says where it is from")
    func sources() {
        for driver in ModemDriver.all {
            #expect(driver.sources.count > 3, "\(driver.family)")
            #expect(!driver.caveats.contains { $0.isEmpty || $0.hasSuffix(".") }, "\(driver.family)")
        }
    }
}
