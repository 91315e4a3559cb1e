/// A key of the configuration that only some profiles have; its value is text (``PBXAccount/Options/values``).
package struct PBXProfileKey: Sendable {
    /// What a value may consist of.
    package enum Form: Sendable {
        /// One line, at most so many bytes long.
        case line(longest: Int)
        /// One word of printable ASCII.
        case word
        /// Text that its check decides on.
        case text
    }

    /// What is wrong with a key.
    package struct Problem: Error, Sendable, Equatable {
        package let key: String
        /// What is wrong.
        package let message: String
        /// What to do.
        package let remedy: String
    }

    /// Its name in the configuration.
    package let name: String
    /// What its value may consist of.
    package let form: Form
    /// How a value is written, for people, where the form says too little.
    package let words: String?
    /// What it means, in Markdown: one sentence without its full stop.
    package let help: String
    /// What holds where it is not set, in Markdown.
    package let standard: String?
    /// An example as it is written in the file.
    package let example: String
    /// Looks at a value; nil when nothing is wrong with it.
    package let check: @Sendable (String) -> Problem?

    init(
        _ name: String,
        _ form: Form,
        words: String? = nil,
        standard: String? = nil,
        example: String,
        _ help: String,
        check: @escaping @Sendable (String) -> (message: String, remedy: String)? = { _ in nil }
    ) {
        self.name = name
        self.form = form
        self.words = words
        self.help = help
        self.standard = standard
        self.example = example
        self.check = { value in check(value).map { Problem(key: name, message: $0.message, remedy: $0.remedy) } }
    }
}

extension PBXProfileKey {
    /// What the PBX rings first, which several profiles need.
    static let device = PBXProfileKey("device", .line(longest: 128), example: "\"10\"", "what the PBX rings first")
}
