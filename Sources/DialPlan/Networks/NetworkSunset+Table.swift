internal import CallModel

// State of November 2026. A row holds what was announced; what an operator keeps without a date has none, so that nothing is warned
// of that nobody has said. docs/networks.md shows the same rows.
extension NetworkSunset {
    private init(
        _ networks: [String],
        _ name: String,
        _ technology: RadioTechnology,
        _ date: Int,
        _ source: String
    ) {
        // A day that the calendar does not have would be a mistake of this table; a test looks.
        let day = LocalDate(packed: date) ?? .earliest
        (self.networks, self.name, self.technology, self.date, self.source) = (networks, name, technology, day, source)
    }

    /// Everything that is known.
    package static let table: [NetworkSunset] = [
        NetworkSunset(["26201", "26206"], "Telekom", .umts, 20211231, "telespiegel.de, 2025"),
        NetworkSunset(["26201", "26206"], "Telekom", .gsm, 20280630, "telespiegel.de/news/25/abschaltung-2g"),
        NetworkSunset(["26202", "26204", "26209"], "Vodafone", .umts, 20211231, "finanzen.net, 2025-09-19"),
        NetworkSunset(["26202", "26204", "26209"], "Vodafone", .gsm, 20280930, "finanzen.net, 2025-09-19"),
        NetworkSunset(
            ["26203", "26207", "26208", "26211"],
            "O2",
            .umts,
            20211231,
            "telespiegel.de, 2025; 2G stays, no date"
        ),
        NetworkSunset(["22801"], "Swisscom", .gsm, 20210430, "lift-journal.de"),
        NetworkSunset(["22801"], "Swisscom", .umts, 20251231, "persoenlich.com, 2025-12-17"),
        NetworkSunset(["22802"], "Sunrise", .gsm, 20221231, "inside-it.ch, 2022-08-03"),
        NetworkSunset(["22802"], "Sunrise", .umts, 20250831, "watson.ch, 2025-12-17"),
        NetworkSunset(["22803"], "Salt", .gsm, 20221231, "cash.ch, 2025-12-17; 3G until the end of 2026 at least"),
        NetworkSunset(
            ["23201", "23202", "23209", "23211"],
            "A1",
            .umts,
            20241231,
            "rtr.at, newsletter 03/2023; 2G stays, no date"
        ),
        NetworkSunset(
            ["23203", "23204", "23207", "23213"],
            "Magenta",
            .umts,
            20241231,
            "rtr.at, newsletter 03/2023; 2G stays, no date"
        ),
        NetworkSunset(
            ["23205", "23206", "23210", "23214"],
            "Drei",
            .umts,
            20241231,
            "rtr.at, newsletter 03/2023; 2G stays, no date"
        ),
        NetworkSunset(
            ["20801", "20802"],
            "Orange",
            .gsm,
            20261231,
            "wholesalefrance.orange.fr; from 2026-03-31 on, by region"
        ),
        NetworkSunset(["20801", "20802"], "Orange", .umts, 20281231, "universfreebox.com, 2025-08-19"),
        NetworkSunset(["20809", "20810", "20811", "20813"], "SFR", .gsm, 20261231, "nextinpact.com/lebrief/70951"),
        NetworkSunset(["20809", "20810", "20811", "20813"], "SFR", .umts, 20281231, "nextinpact.com/lebrief/70951"),
        NetworkSunset(["20820", "20821", "20888"], "Bouygues", .gsm, 20261231, "nextinpact.com/lebrief/70951"),
        NetworkSunset(["20820", "20821", "20888"], "Bouygues", .umts, 20291231, "nextinpact.com/lebrief/70951"),
        NetworkSunset(
            ["23410", "23415", "23420", "23430", "23433"],
            "the British networks",
            .gsm,
            20331231,
            "smartviser.com (GSA, July 2025)"
        ),
        NetworkSunset(
            ["24001", "24002", "24007", "24008", "24024"],
            "the Swedish networks",
            .umts,
            20251231,
            "lift-journal.com"
        ),
        NetworkSunset(
            ["24001", "24007", "24008", "24024"],
            "the Swedish networks",
            .gsm,
            20251231,
            "lift-journal.com"
        ),
        NetworkSunset(["310410", "310280", "310170"], "AT&T", .gsm, 20171231, "gokawiil.com/article/313270"),
        NetworkSunset(["310410", "310280", "310170"], "AT&T", .umts, 20221231, "gokawiil.com/article/313270"),
        NetworkSunset(["310260", "310160", "310200"], "T-Mobile US", .umts, 20220731, "gokawiil.com/article/313270"),
        NetworkSunset(
            ["310260", "310160", "310200"],
            "T-Mobile US",
            .gsm,
            20260803,
            "gokawiil.com/article/313270 (announced)"
        ),
    ]
}
