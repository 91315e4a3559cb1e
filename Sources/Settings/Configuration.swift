package import CallModel
package import DialPlan

/// Everything that a person can set, with the contract's default where nothing was set.
///
/// Read it with ``load(path:environment:)``; a value of this type has passed every check.
package struct Configuration: Sendable {
    /// This box.
    package var gateway: Gateway
    /// The modems that have a name, in the order of the file; a modem without an entry is used all the same.
    package var modems: [Modem]
    /// The PBXs, in the order of the file.
    package var pbx: [PBX]
    /// What may be called, how long and how often.
    package var policy: Policy
    /// What calls cost, in the order of the file.
    package var tariffs: [Tariff]
    /// How the call log is kept.
    package var calls: Calls
    /// How the running service can be reached beside its socket.
    package var control: Control
    /// What PBXs tell this box, and what this box tells others.
    package var webhooks: Webhooks
    /// The file that was read; nil when there is none and everything is a default.
    package let file: String?
    /// Every effective value and where it comes from, in the order of the reference.
    package let settings: [Setting]

    /// What concerns the box as a whole.
    package struct Gateway: Sendable {
        /// What the box is called in events and lists; the host's name unless set.
        package var name: String
        /// How national numbers are read; Germany unless set.
        package var region: Region
        /// Where journal, call log and ledgers lie.
        package var stateDirectory: String
        /// The service's control socket, at most 107 bytes long.
        package var socket: String
        /// How long a call may wait for a modem when all are busy, 0 to 10 min.
        package var queuesFor: Duration
        /// How long live calls may go on when the service is to stop, 0 to 1 h; then they are hung up.
        package var grace: Duration
        /// How one of several free modems is chosen for a call.
        package var modemChoice: ModemChoice
        /// What is done with calls that are not expected.
        package var unknownCallers: UnknownCallers
        /// What becomes of a call that a crashed service left up.
        package var afterCrash: AfterCrash

        /// What becomes of a call that a crashed service left up; the raw values are those of `gateway.after_crash`.
        package enum AfterCrash: String, Sendable, CaseIterable {
            /// It is hung up.
            case hangUp = "hang_up"
            /// It goes on as a call of the new service, if nothing about it is in doubt; else it is hung up.
            case adopt
        }

        /// What is done with a call that is not expected; the raw values are those of `gateway.unknown_callers`.
        package enum UnknownCallers: String, Sendable, CaseIterable {
            /// It is refused as busy.
            case reject
            /// It rings until the caller gives up, and the modem waits for that.
            case ignore
            /// It rings until a decision, by command or over the control interface, and is refused after 2 min.
            case ask
            /// It is answered.
            case answer
        }
    }

    /// What may be called, how long and how often.
    package struct Policy: Sendable {
        /// The classes of numbers that may be called, and those that may not.
        package var dialPolicy: DialPolicy
        /// How long a call may last from its answer on, 1 s to 24 h.
        package var maxDuration: Duration
        /// How many calls may be begun within an hour, 1 to 3600.
        package var maxCallsPerHour: Int
        /// The limits of all modems together, but for the calls within an hour.
        package var limits = UsageLimits()
        /// The times in which no call may be begun.
        package var quietHours: [QuietHours] = []
        /// The methods that `--via auto` may take, the preferred one first; empty where the price alone decides.
        package var prefer: [Preference] = []
        /// What costs are counted in: three letters.
        package var currency = "EUR"
    }

    /// Every secret that the configuration refers to, in the order of the file.
    package var secrets: [SecretReference] {
        modems.compactMap(\.pin)
            + pbx.flatMap { pbx in
                let webhook = pbx.settings.webhook
                return [pbx.password, pbx.callthrough?.pin, webhook?.secret, webhook?.previousSecret].compactMap(\.self)
            }
            + [control.remote?.token, control.remote?.readToken].compactMap(\.self) + webhooks.secrets
    }
}

// MARK: Finding things by what the user calls them

extension Configuration {
    /// Finds a modem as `--modem` names it: by its name, by the IMEI or by the tty of its `match`.
    ///
    /// - Returns: nil when no entry fits; a tty or an IMEI may then still be a modem without an entry.
    package func modem(_ reference: String) -> Modem? {
        modems.first { $0.name == reference }
            ?? modems.first { $0.match.accepts(imei: reference) || $0.match.accepts(tty: reference) }
    }

    /// Finds a PBX by its name; without a name, the only one, or the first that has a callthrough.
    ///
    /// - Returns: nil when there is none.
    /// - Throws: ``UnknownName`` when a name was given that no PBX has.
    package func pbx(_ name: String?) throws(UnknownName) -> PBX? {
        guard let name else { return pbx.first { $0.callthrough != nil } ?? pbx.first }
        guard let found = pbx.first(where: { $0.name == name }) else {
            throw UnknownName(what: "PBX", name: name, known: pbx.map(\.name))
        }
        return found
    }

    /// The service's control socket for a command: the one of `--socket`, else of `$GSMBRIDGE_SOCKET`, else the
    /// configured one.
    package func controlSocket(option: String?, environment: ConfigurationEnvironment = .current) -> String {
        option ?? environment.variable("GSMBRIDGE_SOCKET") ?? gateway.socket
    }

    /// A name that is not in the configuration.
    package struct UnknownName: Error, Sendable, CustomStringConvertible {
        let what: String
        let name: String
        let known: [String]

        /// What is wrong and which names there are, in one line.
        package var description: String {
            let list = known.isEmpty ? "none is configured" : "configured: " + known.joined(separator: ", ")
            let likely = Spelling.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
            return "there is no \(what) called \(Spelling.quoted(name)) (\(list))\(likely)"
        }
    }
}

// MARK: Where values come from

extension Configuration {
    /// One effective value and where it comes from.
    package struct Setting: Sendable, Equatable {
        /// The key with its sections, such as `pbx.office.callthrough.settle`.
        package let key: String
        /// The value as it is shown; a secret is never in it.
        package let value: Value
        /// Who decided it.
        package let origin: Origin

        /// A value as it is shown.
        package enum Value: Sendable, Equatable {
            case text(String)
            case number(Int)
            case flag(Bool)
            case list([String])
            /// A secret; only where it would be read from.
            case hidden(source: String)
        }
    }

    /// Who decided a value.
    package enum Origin: Sendable, Equatable, CustomStringConvertible {
        /// No person: it is the default.
        case standard
        /// The configuration file, in this line.
        case file(String, line: Int)

        /// `default`, or the file and the line.
        package var description: String {
            switch self {
            case .standard: "default"
            case .file(let path, let line): "\(path):\(line)"
            }
        }
    }
}

extension Configuration.Setting.Value: CustomStringConvertible {
    /// The value in one line, written as in the file.
    package var description: String {
        switch self {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .list(let values): "[\(values.joined(separator: ", "))]"
        case .hidden(let source): "(hidden, from \(source))"
        }
    }
}
