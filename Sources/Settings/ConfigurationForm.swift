internal import CallModel
internal import DialPlan
internal import TextCoding

/// A value as it was written.
struct WrittenValue {
    let text: String
    /// Whether it stands there without quotes, so that it may be a number or a flag.
    let isPlain: Bool
    /// The region by which it is read where it is a number.
    let region: Region
    /// The tariffs of the file.
    let tariffs: [String]
}

/// The form of a value: how it is read from what was written, how it is shown, and what people are told of it.
struct ConfigurationForm<Value> {
    /// How it is written, for people: `duration, 0s to 10m`.
    var words: String
    /// The same of several, behind "list of".
    var plural: String
    let show: (Value) -> Configuration.Setting.Value
    let read: (WrittenValue) throws(Complaint) -> Value

    init(
        _ words: String,
        plural: String? = nil,
        show: @escaping (Value) -> Configuration.Setting.Value,
        read: @escaping (WrittenValue) throws(Complaint) -> Value
    ) {
        self.words = words
        self.plural = plural ?? words
        self.read = read
        self.show = show
    }

    /// A form whose values are shown as text.
    init(
        _ words: String,
        plural: String? = nil,
        shownAs text: KeyPath<Value, String>,
        read: @escaping (WrittenValue) throws(Complaint) -> Value
    ) {
        self.init(words, plural: plural, show: { .text($0[keyPath: text]) }, read: read)
    }

    /// The same form with one more rule.
    ///
    /// - Parameter words: how such a value is written; nil for the same way.
    func checked(
        _ words: String? = nil,
        plural: String? = nil,
        _ check: @escaping (Value) throws(Complaint) -> Void
    ) -> Self {
        let read = read
        return Self(words ?? self.words, plural: plural ?? words ?? self.plural, show: show) {
            written throws(Complaint) in
            let value = try read(written)
            try check(value)
            return value
        }
    }
}

// MARK: Text

extension ConfigurationForm<String> {
    /// One line of text, at most so many bytes long.
    static func line(longest: Int) -> Self {
        Self("text, at most \(longest) bytes", shownAs: \.self) { written throws(Complaint) in
            let text = written.text
            guard !text.isEmpty else { throw Complaint("the text is empty", "write something, or remove the line") }
            guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
                throw Complaint("the text has line breaks or control characters", "write it in one line")
            }
            if let character = Spelling.invisible(in: text) {
                throw Complaint("an invisible character (\(character)) stands in the text", "write the text anew")
            }
            guard text.utf8.count <= longest else {
                throw Complaint("the text is longer than \(longest) bytes", "shorten it")
            }
            return text
        }
    }

    /// A path from the root of the file system.
    ///
    /// - Parameters:
    ///   - longest: the most bytes that it may have.
    ///   - isSecret: whether a secret may have been put into its place by mistake, so that it is not repeated.
    static func absolutePath(longest: Int = 4095, isSecret: Bool = false) -> Self {
        line(longest: longest)
            .checked(longest < 4095 ? "path, at most \(longest) bytes" : "path") { path throws(Complaint) in
                guard path.hasPrefix("/") else {
                    let shown = isSecret ? "this" : Spelling.quoted(path)
                    throw Complaint("\(shown) is not an absolute path", "begin it with '/'")
                }
            }
    }

    /// A credential's name: that of a file in one directory.
    static var credential: Self {
        Self("name", shownAs: \.self) { written throws(Complaint) in
            let name = written.text
            let isName =
                (1...255).contains(name.utf8.count) && name != "." && name != ".."
                && name.utf8.allSatisfy {
                    (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
                }
            guard isName else {
                throw Complaint(
                    "this can't be a credential's name",
                    "write the name given in LoadCredential=, without '/', ':' and spaces"
                )
            }
            return name
        }
    }
}

// MARK: Numbers, flags, choices

extension ConfigurationForm<Int> {
    /// A whole number.
    static func number(in range: ClosedRange<Int>) -> Self {
        let limits = "\(range.lowerBound) to \(range.upperBound)"
        return Self("number, \(limits)", show: Configuration.Setting.Value.number) { written throws(Complaint) in
            let remedy = "write a whole number from \(limits), without quotes"
            guard written.isPlain, written.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw Complaint("\(Spelling.quoted(written.text)) is not a whole number", remedy)
            }
            guard let number = Int(written.text), range.contains(number) else {
                throw Complaint("\(Spelling.quoted(written.text)) is out of range", remedy)
            }
            return number
        }
    }
}

extension ConfigurationForm<Bool> {
    /// Yes or no.
    static var flag: Self {
        Self("flag", show: Configuration.Setting.Value.flag) { written throws(Complaint) in
            switch (written.text, written.isPlain) {
            case ("true", true): return true
            case ("false", true): return false
            default:
                throw Complaint(
                    "\(Spelling.quoted(written.text)) is neither true nor false",
                    "write true or false, without quotes"
                )
            }
        }
    }
}

extension ConfigurationForm where Value: RawRepresentable<String> & CaseIterable {
    /// One of a few words.
    static var choice: Self {
        let words = ConfigurationForm<String>.choice(of: Value.allCases.map(\.rawValue))
        return Self(words.words, shownAs: \.rawValue) { written throws(Complaint) in
            let word = try words.read(written)
            guard let value = Value(rawValue: word) else { throw Complaint("\(word) is not known here", "correct it") }
            return value
        }
    }
}

extension ConfigurationForm<String> {
    /// One of a few words.
    static func choice(of known: [String]) -> Self {
        Self(known.map { "`\($0)`" }.joined(separator: " "), shownAs: \.self) { written throws(Complaint) in
            if known.contains(written.text) { return written.text }
            let likely = Spelling.nearest(to: written.text, among: known)
            throw Complaint(
                "\(Spelling.quoted(written.text)) is not known here",
                likely.map { "did you mean \($0)?" } ?? "known are \(known.joined(separator: ", "))"
            )
        }
    }
}

// MARK: Durations

extension ConfigurationForm<Duration> {
    /// A duration with its unit.
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        let limits = (range.lowerBound.configurationText, range.upperBound.configurationText)
        return Self("duration, `\(limits.0)` to `\(limits.1)`", shownAs: \.configurationText) {
            written throws(Complaint) in
            let text = written.text
            guard let duration = Duration(text: text) else {
                let isBare = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
                throw isBare
                    ? Complaint(
                        "the duration \(Spelling.quoted(text)) has no unit",
                        "write \(Spelling.printable(text, limit: 12))s, or use ms, m or h"
                    )
                    : Complaint(
                        "\(Spelling.quoted(text)) is not a duration",
                        "write a number and its unit, such as 1500ms, 2s, 10m or 1h"
                    )
            }
            guard range.contains(duration) else {
                throw Complaint(
                    "\(Spelling.quoted(text)) is out of range",
                    "write a duration from \(limits.0) to \(limits.1)"
                )
            }
            return duration
        }
    }
}

extension ConfigurationForm<Settle> {
    /// A pause, or the word `tone`.
    static var settle: Self {
        let pause = ConfigurationForm<Duration>.duration(.zero ... .seconds(60))
        let show = { (settle: Settle) in settle == .tone ? .text("tone") : pause.show(settle.pause) }
        return Self("`tone`, or a \(pause.words)", show: show) { written throws(Complaint) in
            written.text == "tone" ? .tone : .pause(try pause.read(written))
        }
    }
}

extension Duration {
    /// The duration as the configuration writes it: `1500ms`, `90s`, `30m`, `1h`.
    package var configurationText: String {
        let milliseconds = inMilliseconds
        if milliseconds == 0 { return "0s" }
        let units = [(3_600_000, "h"), (60_000, "m"), (1000, "s")]
        for (size, unit) in units where milliseconds % size == 0 { return "\(milliseconds / size)\(unit)" }
        return "\(milliseconds)ms"
    }
}

// MARK: Numbers to call

extension ConfigurationForm<Region> {
    /// The code of a region.
    static var region: Self {
        Self("two letters", shownAs: \.code) { written throws(Complaint) in
            do throws(RegionError) {
                return try Region(code: written.text)
            } catch {
                throw Complaint(sentence: error.description)
            }
        }
    }
}

extension ConfigurationForm<DialString> {
    /// A number that can be dialled, read by the rules of one that is typed; never one that calls for help.
    static var dialString: Self {
        Self("phone number", shownAs: \.text) { written throws(Complaint) in
            let number: DialString
            let reading: PhoneNumber
            do throws(NumberError) {
                number = try DialString(typed: written.text)
                reading = try PhoneNumber(typed: written.text, region: written.region)
            } catch {
                throw Complaint(sentence: error.description)
            }
            guard !reading.isEmergency else {
                throw Complaint("this is an emergency number", "write the number of the PBX")
            }
            return number
        }
    }
}

extension ConfigurationForm<PhoneNumber> {
    /// A SIM's number or a caller's; never one that calls for help, which a PBX would be told to call.
    static var phoneNumber: Self {
        Self("phone number", plural: "phone numbers", shownAs: \.description) { written throws(Complaint) in
            let number: PhoneNumber
            do throws(NumberError) {
                number = try PhoneNumber(typed: written.text, region: written.region)
            } catch {
                throw Complaint(sentence: error.description)
            }
            guard !number.isEmergency else {
                throw Complaint("this is an emergency number", "write the number in full, such as \"+49...\"")
            }
            return number
        }
    }
}
