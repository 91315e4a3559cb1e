internal import FoundationEssentials
internal import GatewayAPI

/// The page's texts in one language.
package struct WebTexts: Sendable {
    /// The languages, the one first that is taken where none of them is wanted.
    package static let languages = ["en", "de"]

    package let language: String
    private let texts: [String: String]

    /// The texts of a language; those of the first one where there are none.
    package init(_ language: String) {
        self.language = Self.languages.contains(language) ? language : "en"
        texts = Self.all[self.language] ?? [:]
    }

    private static let all: [String: [String: String]] = languages.reduce(into: [:]) { all, language in
        let bytes = WebFile.all["\(language).json"]?.bytes ?? []
        all[language] = try? WireFormat.decode([String: String].self, from: bytes)
    }

    /// A text; the key itself where there is none, which a test finds.
    package func callAsFunction(_ key: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        values.reduce(texts[key] ?? key) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    /// A word that may have no text of its own, such as an operator's.
    package func word(_ key: String, else plain: String) -> String { texts[key] ?? plain }

    /// The language that a browser prefers among ours (RFC 9110, 12.5.4).
    package static func preferred(_ header: String?) -> String {
        var best = (language: "en", weight: 0.0)
        for part in (header ?? "").prefix(400).split(separator: ",") {
            let fields = part.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let range = fields.first?.lowercased(), let primary = range.split(separator: "-").first else {
                continue
            }
            let weight = fields.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            guard languages.contains(String(primary)), weight > best.weight else { continue }
            best = (String(primary), weight)
        }
        return best.language
    }
}
