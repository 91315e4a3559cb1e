internal import CallModel
internal import DialPlan

/// A value as it was written.
struct WrittenValue {
    let text: String
    /// Whether it stands there without quotes, so that it may be a number or a flag.
    let isPlain: Bool
}

/// The form of a value: how it is read from what was written, and how it is shown.
struct ConfigurationForm<Value> {
    let read: (WrittenValue) throws(Complaint) -> Value
    let show: (Value) -> Configuration.Setting.Value

    init(
        show: @escaping (Value) -> Configuration.Setting.Value,
        read: @escaping (WrittenValue) throws(Complaint) -> Value
    ) {
        self.read = read
        self.show = show
    }

    /// A form whose values are shown as text.
    init(shownAs text: KeyPath<Value, String>, read: @escaping (WrittenValue) throws(Complaint) -> Value) {
        self.init(show: { .text($0[keyPath: text]) }, read: read)
    }

    /// The same form with one more rule.
    func checked(_ check: @escaping (Value) throws(Complaint) -> Void) -> Self {
        let read = read
        return Self(show: show) { written throws(Complaint) in
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
        Self(shownAs: \.self) { written throws(Complaint) in
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
            .checked { path throws(Complaint) in
                guard path.hasPrefix("/") else {
                    let shown = isSecret ? "this" : Spelling.quoted(path)
                    throw Complaint("\(shown) is not an absolute path", "begin it with '/'")
                }
            }
    }

    /// A credential's name: that of a file in one directory.
    static var credential: Self {
        Self(shownAs: \.self) { written throws(Complaint) in
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
        Self(show: Configuration.Setting.Value.number) { written throws(Complaint) in
            let remedy = "write a whole number from \(range.lowerBound) to \(range.upperBound), without quotes"
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
        Self(show: Configuration.Setting.Value.flag) { written throws(Complaint) in
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
        Self(shownAs: \.rawValue) { written throws(Complaint) in
            if let value = Value(rawValue: written.text) { return value }
            let known = Value.allCases.map(\.rawValue)
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
        Self(shownAs: \.configurationText) { written throws(Complaint) in
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
                let limits = "from \(range.lowerBound.configurationText) to \(range.upperBound.configurationText)"
                throw Complaint("\(Spelling.quoted(text)) is out of range", "write a duration \(limits)")
            }
            return duration
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
        Self(shownAs: \.code) { written throws(Complaint) in
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
    static func dialString(_ region: Region) -> Self {
        Self(shownAs: \.text) { written throws(Complaint) in
            let number: DialString
            let reading: PhoneNumber
            do throws(NumberError) {
                number = try DialString(typed: written.text)
                reading = try PhoneNumber(typed: written.text, region: region)
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
    static func phoneNumber(_ region: Region) -> Self {
        Self(shownAs: \.description) { written throws(Complaint) in
            let number: PhoneNumber
            do throws(NumberError) {
                number = try PhoneNumber(typed: written.text, region: region)
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
