/// The starting file that `gsmbridge config init` writes: every key that a person may want, with its remark.
///
/// A line that begins with `#` and no space behind it is a setting to uncomment; with a space it is an explanation. The
/// file passes the check as it is, and also with every such setting uncommented.
package enum ConfigurationTemplate {
    /// The file's text.
    package static var text: String {
        var page = Page(text: head)
        for block in SettingTable<Configuration>.root.descriptions {
            page.text += "\n"
            page.remark(block.remark, 0)
            page.text += block.name + ":\n"
            guard !block.entries.isEmpty else {
                for (index, key) in block.keys().enumerated() {
                    let isFirst = block.isList && index == 0
                    page.write(key, block.isList && !isFirst ? 4 : 2, mark: isFirst ? "- " : "")
                }
                continue
            }
            let keys = block.keys()
            for (name, lines) in block.entries {
                page.line("#\(name):", 2)
                for line in lines { page.write(line, of: keys) }
            }
        }
        return page.text
    }

    private static let head = """
        # Configuration of gsmbridge.
        #
        # Check it after each change:  gsmbridge config check --config FILE
        # See what holds:              gsmbridge config show --config FILE
        #
        # Uncomment what you need: lines without a space behind the '#' are settings.
        # Durations have a unit: 1500ms, 2s, 10m, 1h. Secrets never stand in this file: a key that needs one names a
        # credential of systemd ('credential: NAME') or a private file of mode 0600 ('file: PATH').

        """

    private struct Page {
        var text: String
        private var told: Set<String> = []

        init(text: String) { self.text = text }

        mutating func line(_ line: String, _ indent: Int) {
            text += String(repeating: " ", count: indent) + line + "\n"
        }

        /// A key with its remark; a block with all of its keys, unless it has an example of one line.
        mutating func write(_ key: SettingDescription, _ indent: Int, mark: String = "") {
            let mark = key.isSet ? mark : "#" + mark
            let keys = key.keys()
            guard let value = key.example ?? key.standardValue else {
                guard !keys.isEmpty else { return remark("\(key.name): \(key.remark)", indent) }
                remark(key.remark, indent)
                line("\(mark)\(key.name):", indent)
                for (index, inner) in keys.enumerated() {
                    let isFirst = key.isList && index == 0
                    write(inner, indent + (key.isList && !isFirst ? 4 : 2), mark: isFirst ? "- " : "")
                }
                return
            }
            remark(key.remark, indent)
            line("\(mark)\(key.name): \(value)", indent)
        }

        /// A line of an entry: a key, or one that is written out; a remark goes before the first of each key.
        mutating func write(_ line: String, of keys: [SettingDescription]) {
            if let key = keys.first(where: { $0.name == line }) { return write(key, 4) }
            if let key = keys.first(where: { line.hasPrefix($0.name + ":") }) { remark(key.remark, 4) }
            self.line("#" + line, 4)
        }

        /// A remark, unless it was made before.
        mutating func remark(_ text: String, _ indent: Int) {
            guard told.insert(text).inserted else { return }
            var line = ""
            for word in text.split(separator: " ") {
                if !line.isEmpty, indent + line.count + word.count > 115 {
                    self.line("# " + line, indent)
                    line = ""
                }
                line += (line.isEmpty ? "" : " ") + word
            }
            self.line("# " + line, indent)
        }
    }
}

extension SettingDescription {
    /// The default as it is written in the file; nil where it is not one value.
    fileprivate var standardValue: String? {
        guard let standard, standard.count > 2, standard.hasPrefix("`"), standard.hasSuffix("`") else { return nil }
        let value = standard.dropFirst().dropLast()
        return value.contains("`") ? nil : String(value)
    }

    /// What the file says of the key, without the marks of Markdown.
    fileprivate var remark: String {
        let plain = help.filter { $0 != "`" }
        return plain.prefix(1).uppercased() + plain.dropFirst() + "."
    }
}
