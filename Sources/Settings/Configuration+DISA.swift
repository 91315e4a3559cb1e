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
