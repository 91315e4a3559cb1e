package import DialPlan
internal import TextCoding

extension Configuration {
    /// What a ring or a message of a listed number comes to.
    package struct Arrival: Sendable {
        /// The number that is listed: what is shown proves nothing, so everything is done to this one.
        package var number: PhoneNumber
        /// What comes from it.
        package var trigger = Trigger.ring
        /// What is done.
        package var action = Action.callback
        /// The PBX that calls back; nil for the first that can.
        package var pbx: String?
        /// Where the code is found that a message has to bring.
        package var code: SecretReference?

        init(number: PhoneNumber) { self.number = number }

        /// What comes; the raw values are those of `on`.
        package enum Trigger: String, Sendable, CaseIterable {
            /// It rings, and is refused: the caller pays nothing.
            case ring
            /// It writes what is to be done, and the code.
            case message
        }

        /// What is done; the raw values are those of `do`.
        package enum Action: String, Sendable, Hashable, CaseIterable {
            /// A PBX calls the number and this box, and joins the two.
            case callback
            /// The number gets a message that says how the box is.
            case status
        }
    }
}

extension SettingRow<Configuration> {
    static var arrivals: Self {
        .blocks(
            "arrivals",
            \.arrivals,
            .arrival,
            most: (32, "rules", "list fewer numbers"),
            form: "write a line '- { number: \"+49...\", on: ring, do: callback }' for each rule"
        ) { reader, section, arrival, others in
            let isRepeated = others.contains { other in
                other.number.description == arrival.number.description && other.trigger == arrival.trigger
                    && other.action == arrival.action
            }
            guard isRepeated else { return }
            reader.report("the same stands above already", "remove this rule", at: "number", in: section)
        }
        .help("what a ring, or a message with a code, of a listed number comes to")
    }
}

extension SettingTable<Configuration.Arrival> {
    fileprivate static var arrival: Self {
        let number = SettingRow.optional("number", \PhoneNumber?.self, .phoneNumber).example("\"+491711234567\"")
            .needed("there is no number", "add 'number: \"+49...\"'")
            .help("who rings or writes; what is done is done to this number, never to one that is shown")
        let rows: [SettingRow<Configuration.Arrival>] = [
            .value("on", \.trigger, .choice).example("message")
                .help(
                    "what comes: a `ring`, which is refused, or a `message` of two words: what is to be done, and the code"
                ),
            .value("do", \.action, .choice)
                .help(
                    "`callback`: a PBX calls the number and this box; `status`: it gets a message that says how the box is"
                ),
            .optional("pbx", \.pbx, .line(longest: 64)).standard("the first with a callback").example("office")
                .help("the PBX that calls back"),
            .secret("code", \.code, .arrivalCode).example("{ credential: anna-code }")
                .help("the code that a message has to bring: 6 to 32 letters and digits"),
        ]
        return Self(
            needs: number,
            { number, _ in Configuration.Arrival(number: number) },
            rows,
            check: { reader, section, arrival in
                guard let arrival else { return }
                if arrival.trigger == .message, section["code"] == nil {
                    reader.report(
                        "a sender can be forged: without a code anybody could do that",
                        "add 'code: { credential: NAME }'",
                        at: "code",
                        in: section
                    )
                }
                if arrival.trigger == .ring, section["code"] != nil {
                    reader.report("a ring brings no code", "remove it, or write 'on: message'", at: "code", in: section)
                }
                if arrival.trigger == .ring, arrival.action == .status {
                    reader.report(
                        "a caller can be forged, and each message costs",
                        "write 'on: message', with a code",
                        at: "do",
                        in: section
                    )
                }
                if arrival.action == .status, section["pbx"] != nil {
                    reader.report("no PBX has to do with that", "remove this key", at: "pbx", in: section)
                }
            }
        )
    }
}

extension Configuration {
    /// Reports rules for callbacks that no PBX can make.
    static func checkArrivals(_ reader: inout ConfigurationReader, _ configuration: Configuration) {
        let able = configuration.pbx.filter { $0.callback != nil }.map(\.name)
        for (place, arrival) in configuration.arrivals.enumerated() where arrival.action == .callback {
            guard let name = arrival.pbx else {
                if able.isEmpty {
                    reader.report("no PBX can call back", "add a block callback to one", arrival: place, "number")
                }
                continue
            }
            guard !able.contains(name) else { continue }
            let isKnown = configuration.pbx.contains { $0.name == name }
            let likely = Spelling.nearest(to: name, among: able).map { "did you mean \($0)?" }
            reader.report(
                isKnown ? "pbx.\(name) has no block callback" : "there is no PBX called \(Spelling.quoted(name))",
                isKnown ? "add one, or name another PBX" : likely ?? "describe it below pbx, or remove this key",
                arrival: place,
                "pbx"
            )
        }
    }
}

extension ConfigurationReader {
    fileprivate mutating func report(_ message: String, _ remedy: String, arrival place: Int, _ name: String) {
        let key = "arrivals[\(place + 1)].\(name)"
        let line = settings.first { $0.key == key }
            .flatMap { setting -> Int? in if case .file(_, let line) = setting.origin { line } else { nil } }
        report(message, remedy, key: key, line: line)
    }
}
