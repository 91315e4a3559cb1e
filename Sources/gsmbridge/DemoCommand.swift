import ArgumentParser
import CallFlows
import CallModel
import DialPlan
import ModemSimulator

/// `gsmbridge demo`: the product against simulated modems, judged by what the far side has seen.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the product on simulated modems and a simulated PBX, checked at the far side.",
        discussion: """
            Makes the calls that `gsmbridge dial` would make, on simulated modems behind real pseudo-terminals, all at \
            once; beside them a service takes a callback and two callers whom the PBX holds. Needs no hardware, no \
            network and no configuration, and takes about fifteen seconds.

            EXAMPLES
              gsmbridge demo
              gsmbridge demo --family quectel
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

    @Option(help: "How to report: text or json (one object a line).")
    var format: OutputFormat = .text

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let demo: Demo
        let stories: DemoStories?
        do {
            demo = try Demo(families: family.map { [$0] } ?? ModemFamily.allCases, verbose: common.verbose)
            stories = family == nil ? try DemoStories(verbose: common.verbose) : nil
        } catch {
            Terminal.standardError("gsmbridge: the demo can't start: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
        let presenter = DemoPresenter(format: format, families: demo.families)
        presenter.begin()
        let signals = StopSignals { demo.interrupt() }
        async let result = demo.run()
        async let told = stories?.run() ?? []
        for await step in demo.steps { presenter.show(step) }
        let summary = await result
        withExtendedLifetime(signals) {}
        presenter.show(summary)
        let outcomes = await told
        presenter.show(outcomes)
        if summary.isInterrupted { throw ExitCode(CallOutcome.interrupted.exitStatus) }
        let isGood = summary.isGood && outcomes.allSatisfy(\.isGood)
        throw ExitCode(isGood ? 0 : CallExit.internalFailure)
    }
}
