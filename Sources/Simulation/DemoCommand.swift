package import ArgumentParser
import CallFlows
import CallModel
internal import Console
import DialPlan
import ModemSimulator

/// `gsmbridge demo`: the product against simulated modems, judged by what the far side has seen.
package struct DemoCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the product on simulated modems and a simulated PBX, checked at the far side.",
        discussion: """
            Makes the calls that `gsmbridge dial` would make, on simulated modems behind real pseudo-terminals, all at \
            once; beside them a service takes a callback and two callers whom the PBX holds, and a telephone calls through the \
            box by SIP. Needs no hardware, no network and no configuration, and takes about fifteen seconds.

            With --audio it is one call with sound: each side says digits as tones, and the other has to hear them. What each \
            side heard is written to demo-here.wav and demo-far-side.wav, to be listened to.

            EXAMPLES
              gsmbridge demo
              gsmbridge demo --family quectel
              gsmbridge demo --audio
              gsmbridge demo --format json

            EXIT STATUS
              0 the far side has seen every step of every call; 1 something differs, and what; 130 interrupted
            """
    )

    @Option(
        help: ArgumentHelp(
            "Only this family of modems: \(SimulateArgument.names(ModemFamily.self)).",
            valueName: "family"
        ),
        transform: SimulateArgument.named
    )
    var family: ModemFamily?

    @Flag(help: "Prove the sound of a call, on a Huawei stick unless --family says quectel or simcom.")
    var audio = false

    @Option(help: ArgumentHelp("Where --audio writes its two files. (default: here)", valueName: "dir"))
    var audioDir: String?

    @Option(help: "How to report: text or json (one object a line).")
    var format: OutputFormat = .text

    @OptionGroup var common: CommonOptions

    package func validate() throws {
        if audioDir != nil, !audio { throw ValidationError("--audio-dir is for --audio") }
        if audio, let family, ![.huawei, .quectel, .simcom].contains(family) {
            throw ValidationError("--family \(family.rawValue): simulated modems of this family have no voice tty")
        }
    }

    package init() {}

    package func run() async throws {
        if audio { return try await proveSound() }
        let demo: Demo
        let stories: DemoStories?
        let phone: DemoPhone?
        do {
            demo = try Demo(families: family.map { [$0] } ?? ModemFamily.allCases, verbose: common.verbose)
            stories = family == nil ? try DemoStories(verbose: common.verbose) : nil
            phone = family == nil ? try DemoPhone(verbose: common.verbose) : nil
        } catch {
            Terminal.standardError("gsmbridge: the demo can't start: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
        let presenter = DemoPresenter(format: format, families: demo.families)
        presenter.begin()
        let signals = StopSignals { demo.interrupt() }
        async let result = demo.run()
        async let told = stories?.run() ?? []
        async let talked = phone?.run()
        for await step in demo.steps { presenter.show(step) }
        let summary = await result
        withExtendedLifetime(signals) {}
        presenter.show(summary)
        let outcomes = await told
        presenter.show(outcomes)
        let talk = await talked
        if let talk { presenter.show(talk) }
        if summary.isInterrupted { throw ExitCode(CallOutcome.interrupted.exitStatus) }
        let isGood = summary.isGood && outcomes.allSatisfy(\.isGood) && talk?.isGood != false
        throw ExitCode(isGood ? 0 : CallExit.internalFailure)
    }

    private func proveSound() async throws {
        let demo: DemoAudio
        do {
            let log = Logging.logger(verbose: common.verbose)
            demo = try DemoAudio(family: family ?? .huawei, directory: audioDir ?? ".", log: log)
        } catch {
            Terminal.standardError("gsmbridge: the demo can't start: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
        let signals = StopSignals { demo.interrupt() }
        let verdict = await demo.run()
        withExtendedLifetime(signals) {}
        switch format {
        case .json: JSONOutput.line(verdict)
        case .text:
            Terminal.standardOutput("said here \(DemoAudio.saidHere), the far side heard \(verdict.heardThere)")
            Terminal.standardOutput("the far side said \(DemoAudio.saidThere), heard here \(verdict.heardHere)")
            for file in verdict.files { Terminal.standardOutput("listen to \(file)") }
            if let failure = verdict.failure { Terminal.standardError("gsmbridge: \(failure)") }
        }
        if !verdict.isGood { throw ExitCode(CallExit.internalFailure) }
    }
}
