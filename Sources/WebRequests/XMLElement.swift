/// A small XML document that steers a call, written with everything escaped.
package struct XMLElement: Sendable, Equatable {
    package var name: String
    package var attributes: [(name: String, value: String)] = []
    package var text = ""
    package var children: [XMLElement] = []

    package init(
        _ name: String,
        _ attributes: KeyValuePairs<String, String?> = [:],
        text: String = "",
        _ children: [XMLElement] = []
    ) {
        self.name = name
        self.attributes = attributes.compactMap { name, value in value.map { (name, $0) } }
        self.text = text
        self.children = children
    }

    package static func == (left: XMLElement, right: XMLElement) -> Bool { left.markup == right.markup }

    package var document: String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + markup }

    package var markup: String {
        let start = name + attributes.map { " \($0.name)=\"\(Self.escape($0.value))\"" }.joined()
        let inside = Self.escape(text) + children.map(\.markup).joined()
        return inside.isEmpty ? "<\(start)/>" : "<\(start)>\(inside)</\(name)>"
    }

    /// Escapes markup, and drops what XML 1.0 can't hold.
    package static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            default:
                let isAllowed = scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
                if isAllowed || scalar == "\n" || scalar == "\t" { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }
}
