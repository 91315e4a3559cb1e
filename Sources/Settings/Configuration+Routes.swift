package import CallModel
package import DialPlan

extension Configuration {
    /// In which order the ways to a number are tried: the first rule that fits is taken.
    package struct RouteRule: Sendable {
        /// The numbers, as they are written internationally; `*` stands for any digits, `?` for one.
        package var number = "*"
        /// When it holds.
        package var when = Condition()
        /// The ways, the best first; one that is impossible just now is passed over.
        package var via: [Way] = []
        /// Who hears and speaks in calls to these numbers where the call does not say so; nil where the PBX or the modem says.
        package var audio: AudioSpec?

        /// When a rule holds.
        package struct Condition: Sendable {
            /// How the Internet has to be; nil where it does not matter.
            package var internet: Internet?
            /// The group of contacts that the number has to be of; nil where it does not matter.
            package var group: String?
            /// When it holds, in the time of the box: in one of these; empty for always.
            package var time: [WeekHours] = []
        }

        /// How the Internet is; the raw values are those of `when.internet`.
        package enum Internet: String, Sendable, CaseIterable {
            /// An account is registered, over which people could talk of late.
            case good
            /// None is.
            case bad
        }

        /// A way; the raw values are those of `--via`, without `auto`.
        package enum Way: String, Sendable, CaseIterable {
            case internet
            case callthrough
            case callback
            case direct

            /// The way as `--via` has it.
            package var via: Via {
                switch self {
                case .internet: .internet
                case .callthrough: .callthrough
                case .callback: .callback
                case .direct: .direct
                }
            }
        }

        /// Whether a number is one of this rule's.
        ///
        /// - Parameter text: the number as people see it, international where it has such a form.
        package func fits(_ text: String) -> Bool { NumberPattern.fits(number, text) }
    }
}

extension SettingTable<Configuration.RouteRule> {
    static var route: Self {
        let rows: [SettingRow<Configuration.RouteRule>] = [
            .value("number", \.number, .numberPattern, isShown: false).example("\"+49*\"")
                .help("the numbers, written internationally; `*` stands for any digits, `?` for one"),
            .section("when", \.when, .when).example("{ internet: good }").help("when the rule holds"),
            .optionalList("via", \.via, .choice).needed("no way is named", "add 'via: [internet, callthrough]'")
                .example("[internet, callthrough]")
                .help("the ways, the best first; one that is impossible just now is passed over"),
            .optional("audio", \.audio, .audioSpec).example("alsa")
                .help("who hears and speaks in calls to these numbers, whatever their way: as `--audio`"),
        ]
        return Self(
            { _, _ in Configuration.RouteRule() },
            rows,
            check: { reader, section, rule in
                guard rule?.audio == .browser else { return }
                // A call that a program asks for has no page that could come.
                let remedy = "take it out; the page asks for its own calls' sound by itself"
                reader.report("only the page can take such a seat", remedy, at: "audio", in: section)
            }
        )
    }
}

extension SettingTable<Configuration.RouteRule.Condition> {
    fileprivate static var when: Self {
        Self(
            { _, _ in Configuration.RouteRule.Condition() },
            [
                .optional("internet", \.internet, .choice).example("good")
                    .help("`good`: an account is registered, over which people could talk of late; `bad`: none is"),
                .optional("group", \.group, .line(longest: 64)).example("family")
                    .help("the group of contacts that the number is of, in any case"),
                .several("time", \.time, .weekHours).standard("always").example("\"mon-fri 08:00-18:00\"")
                    .help("when it holds, as in `incoming`"),
            ]
        )
    }
}

extension SettingRow<Configuration> {
    static var routes: Self {
        .blocks(
            "routes",
            \.routes,
            .route,
            most: (64, "rules", "write one with '*' for what they have in common"),
            form: "write a line '- { number: \"+49*\", via: [internet, callthrough] }' for each rule"
        ) { _, _, _, _ in }
        .help(
            "in which order `--via auto` tries the ways to a number; the first rule that fits is taken, else the price"
        )
    }
}
