internal import ConfigurationText
package import DialPlan
package import TextCoding

extension Configuration {
    /// Who may ring the box to call on through it (direct inward system access).
    package struct DISA: Sendable {
        /// The numbers that they ring from; never empty.
        package var from: [PhoneNumber]
        /// Where the PIN is found that they key.
        package var pin: SecretReference?
        /// The modem that they ring, by its name, or `any`.
        package var line = "any"

        /// The fewest digits of a PIN, and the most.
        package static let pinDigits = 4...12

        /// Reads the PIN.
        ///
        /// - Throws: why it can't be used, in one line.
        package func readPIN(in environment: ConfigurationEnvironment) throws(PINProblem) -> Secret {
            guard let pin else { throw PINProblem(description: "disa.pin is missing") }
            let secret: Secret
            do throws(SecretError) { secret = try pin.read(in: environment) } catch {
                throw PINProblem(description: error.description)
            }
            let digits = secret.reveal().utf8
            guard Self.pinDigits.contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw PINProblem(description: "disa.pin: write 4 to 12 digits into it")
            }
            return secret
        }

        /// Why a PIN can't be used, in one line that shows nothing of it.
        package struct PINProblem: Error, Sendable, Equatable, CustomStringConvertible {
            /// The line.
            package var description: String
        }
    }
}

extension Configuration {
    /// Reports a modem that is not in the file: nobody could call on, and nothing would say why.
    static func checkDISA(_ reader: inout ConfigurationReader, _ configuration: Configuration) {
        guard let line = configuration.disa?.line, line != "any", configuration.modem(line) == nil,
            !ModemMark.isOne(line)
        else { return }
        let known = configuration.modems.map(\.name)
        reader.report(
            "there is no modem called \(Spelling.quoted(line))",
            Spelling.nearest(to: line, among: known).map { "did you mean \($0)?" }
                ?? "describe it below modems, or write 'any'",
            key: "disa.line",
            line: reader.settings.first { $0.key == "disa.line" }
                .flatMap { setting -> Int? in if case .file(_, let line) = setting.origin { line } else { nil } }
        )
    }
}

/// What a modem without an entry is called by.
private enum ModemMark {
    /// Whether a text is an IMEI, a place on the bus (`1-1.2`) or a tty.
    static func isOne(_ text: String) -> Bool {
        if text.hasPrefix("/") { return true }
        let isPlace =
            text.contains("-") && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
        return isPlace || text.count == 15 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension SettingRow<Configuration> {
    /// The block, which means nothing while it is empty, as in the starting file.
    static var disa: Self {
        var row = Self.block("disa", \.disa) { _ in .disa }
            .help("who may ring the box, key a PIN and a number, and be connected through it")
        row.read = { [read = row.read] reader, section, owner in
            guard let entry = section["disa"], !entry.node.isNull else { return }
            read(&reader, section, &owner)
        }
        return row
    }
}

extension SettingTable<Configuration.DISA> {
    static var disa: Self {
        let numbers = SettingRow<[PhoneNumber]?>("from", "list of phone numbers") { reader, section, numbers in
            numbers = reader.list("from", in: section, as: .phoneNumber)
        }
        .needed("the numbers that may call on through the box are missing", "add 'from: [\"+49...\"]'")
        .example("[\"+491711234567\"]")
        .help("the numbers that they ring from; a number can be forged, so it opens nothing alone")
        let rows: [SettingRow<Configuration.DISA>] = [
            .secret("pin", \.pin, .tones).example("{ credential: disa-pin }")
                .help(
                    "the PIN that they key, 4 to 12 digits; after three wrong ones a number is not answered for an hour"
                ),
            .value("line", \.line, .line(longest: 64), isShown: false)
                .help("the modem that they ring, by its name, or `any`; the other call goes over another one"),
        ]
        return Self(
            needs: numbers,
            { numbers, _ in numbers.isEmpty ? nil : Configuration.DISA(from: numbers) },
            rows,
            check: { reader, section, disa in
                guard disa != nil, section["pin"] == nil else { return }
                reader.report("there is no PIN", "add 'pin: { credential: NAME }'", at: "pin", in: section)
            }
        )
    }
}
