import ArgumentParser
import FoundationEssentials
internal import GatewayAPI
import HTTP

/// `gsmbridge hangup`: ends a live call.
struct HangUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hangup",
        abstract: "End a live call.",
        discussion: """
            EXAMPLES
              gsmbridge hangup             # the only one
              gsmbridge status
              gsmbridge hangup 5f0c8a3e
            """
    )

    @Argument(
        help: "The call's id or the beginning of it, as `gsmbridge status` shows it; left out where there is one call.",
        completion: Completion.calls,
        transform: LiveCallName.parse
    )
    var call: String?

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let call = try await LiveCallName(text: call).call(client)
        try await ServiceRequest.perform { () async throws(ControlError) in try await client.hangUp(call) }
    }
}

/// `gsmbridge answer`: answers a call that rings and waits for a decision.
struct AnswerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer",
        abstract: "Answer a call that rings here and waits for a decision.",
        discussion: """
            EXAMPLES
              gsmbridge answer             # the only one that rings
              gsmbridge status
              gsmbridge answer 5f0c8a3e
            """
    )

    @Argument(
        help: "The call's id or the beginning of it, as `gsmbridge status` shows it; left out where one call rings.",
        completion: Completion.calls,
        transform: LiveCallName.parse
    )
    var call: String?

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let call = try await LiveCallName(text: call).call(client, .ringing)
        try await ServiceRequest.perform { () async throws(ControlError) in try await client.answer(call) }
    }
}

/// `gsmbridge dtmf`: sends tones in an answered call.
struct DTMFCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dtmf",
        abstract: "Send tones in an answered call.",
        discussion: """
            Sends each tone once, in order, and returns when all are sent.

            EXAMPLES
              gsmbridge dtmf 42#             # in the only call
              gsmbridge dtmf 5f0c8a3e 42#
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The tones: digits, *, #, A to D. Before them the call's id or the beginning of it, where there are several.",
            valueName: "[call] tones"
        ),
        completion: Completion.calls
    )
    var words: [String]

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard (1...2).contains(words.count) else {
            throw ValidationError("give the tones, and before them the call where there are several")
        }
        if words.count == 2 { _ = try LiveCallName.parse(words[0]) }
    }

    func run() async throws {
        let client = service.client(configuration)
        let call = try await LiveCallName(text: words.count == 2 ? words[0] : nil).call(client)
        let tones = words[words.count - 1].uppercased()
        try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.sendTones(tones, in: call)
        }
    }
}
