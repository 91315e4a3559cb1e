internal import ATProtocol
package import CallModel

/// Whether a modem calls over LTE, as far as it tells.
package struct VoiceOverLTE: Sendable, Hashable {
    /// Whether it is switched on; nil where the operator's profile decides, or the modem does not say.
    package var isOn: Bool?
    /// Whether the modem is registered for calls over LTE.
    package var isRegistered: Bool?

    /// Puts it together.
    package init(isOn: Bool? = nil, isRegistered: Bool? = nil) {
        self.isOn = isOn
        self.isRegistered = isRegistered
    }

    init(_ reading: IMSReading) {
        isOn = reading.isOn
        isRegistered = reading.isRegistered.map { $0 && reading.carriesVoice != false }
        if isRegistered == nil, reading.carriesVoice == true { isRegistered = true }
    }
}

/// What is known of a family's calls over LTE, for people.
package struct VoiceTraits: Sendable, Hashable {
    /// The radio networks that its modems know.
    package var radios: Set<RadioTechnology>
    /// Why its modems have no calls over LTE; nil where some have.
    package var lack: String?
    /// Whether a way to switch them on is known.
    package var canEnable: Bool
    /// Whether that takes a restart.
    package var needsRestart: Bool
    /// What is to be known beside.
    package var caveats: [String]
    /// Who says so.
    package var source: String
}

/// One command of a walk, and what the modem answered.
package struct VoiceStep: Sendable, Hashable {
    /// The command.
    package var command: String
    /// The result, `OK` or an error.
    package var result: String
}

// Calls over LTE.
extension ModemSession {
    /// See ``VoiceTraits``.
    package var voiceTraits: VoiceTraits {
        let way = driver.volte
        return VoiceTraits(
            radios: driver.radios,
            lack: way.lack,
            canEnable: !way.enable.isEmpty,
            needsRestart: way.needsRestart,
            caveats: way.caveats,
            source: way.source
        )
    }

    /// How calls over LTE stand; nil where the modem tells nothing.
    package func voiceOverLTE() async -> VoiceOverLTE? {
        var reading: IMSReading?
        for question in driver.volte.questions {
            guard let answer = await read(question) else { continue }
            reading = reading ?? IMSReading()
            reading?.add(answer)
        }
        return reading.map { VoiceOverLTE($0) }
    }

    /// Switches calls over LTE on by the family's commands, past refusals too; reads what was set before and is then.
    ///
    /// - Returns: the steps, and whether it is on now; nil where that can't be read.
    package func enableVoiceOverLTE() async -> (steps: [VoiceStep], isOn: Bool?) {
        var steps: [VoiceStep] = []
        for question in driver.volte.before.isEmpty ? [driver.volte.readBack].compactMap(\.self) : driver.volte.before {
            let lines = await ask(question)?.map(\.text).joined(separator: " ") ?? ""
            steps.append(VoiceStep(command: question.text, result: lines.isEmpty ? "was not told" : "was \(lines)"))
        }
        for command in driver.volte.enable {
            var command = command
            // A call goes first.
            command.patience = .milliseconds(300)
            do throws(CommandExchange.Failure) {
                steps.append(VoiceStep(command: command.text, result: ModemAnswer(try await execute(command)).result))
            } catch {
                steps.append(VoiceStep(command: command.text, result: "\(NoAnswer(error))"))
                return (steps, nil)
            }
        }
        guard let question = driver.volte.readBack else { return (steps, nil) }
        return (steps, await read(question)?.isOn)
    }

    private func read(_ question: ATCommand) async -> IMSReading? {
        await ask(question)?.lazy.compactMap { IMSReading($0) }.first
    }

    /// The radio network that the modem is in at this moment, in a call too; nil where it does not say.
    package func radioTechnology() async -> RadioTechnology? {
        let asked = await network()?.technology ?? registration.technology
        return asked.flatMap { RadioTechnology(accessTechnology: $0) }
    }
}
