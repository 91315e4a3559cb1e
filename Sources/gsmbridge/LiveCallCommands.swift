import ArgumentParser
import ControlInterface
import FoundationEssentials
import Gateway

/// `gsmbridge hangup`: ends a live call.
struct HangUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hangup",
        abstract: "End a live call.",
        discussion: """
            EXAMPLES
              gsmbridge status
              gsmbridge hangup 5f0c8a3e-52c1-4c0e-9a53-0d6c0a4f1a77
            """
    )

    @Argument(help: "The call's id, as `gsmbridge status` shows it.", transform: ServiceRequest.call)
    var call: UUID

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(try configuration.load())
        let call = call
        try await ServiceRequest.perform { () async throws(ControlClientError) in try await client.hangUp(call) }
    }
}

/// `gsmbridge answer`: answers a call that rings and waits for a decision.
struct AnswerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer",
        abstract: "Answer a call that rings here and waits for a decision.",
        discussion: """
            EXAMPLES
              gsmbridge status
              gsmbridge answer 5f0c8a3e-52c1-4c0e-9a53-0d6c0a4f1a77
            """
    )

    @Argument(help: "The call's id, as `gsmbridge status` shows it.", transform: ServiceRequest.call)
    var call: UUID

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(try configuration.load())
        let call = call
        try await ServiceRequest.perform { () async throws(ControlClientError) in try await client.answer(call) }
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
              gsmbridge dtmf 5f0c8a3e-52c1-4c0e-9a53-0d6c0a4f1a77 42#
            """
    )

    @Argument(help: "The call's id, as `gsmbridge status` shows it.", transform: ServiceRequest.call)
    var call: UUID

    @Argument(help: "The tones: digits, *, #, A to D.")
    var tones: String

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(try configuration.load())
        let (call, tones) = (call, tones.uppercased())
        try await ServiceRequest.perform { () async throws(ControlClientError) in
            try await client.sendTones(tones, in: call)
        }
    }
}
