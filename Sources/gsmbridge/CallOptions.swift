import ArgumentParser
internal import Console
import Settings

/// Options of every command that makes a call.
struct CallOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The modem: its name in the configuration, its IMEI, or the path of its command tty. (default: the best)",
            valueName: "modem"
        ),
        completion: Completion.modems
    )
    var modem: String?

    @Option(
        help: ArgumentHelp("The PBX, by its name in the configuration.", valueName: "name"),
        completion: Completion.pbx
    )
    var pbx: String?

    @Option(
        help: ArgumentHelp(
            "Who hears and speaks: none, wav:IN[,OUT], play:FILE, record:FILE, alsa[:DEVICE], "
                + "audiosocket:HOST:PORT[/UUID] or modem:NAME/NUMBER. (default: as configured, else none)",
            valueName: "spec"
        )
    )
    var audio: String?

    @Option(
        help: ArgumentHelp(
            "A WAV file (8 or 16 kHz, mono) that is played to the other side; then the call ends.",
            valueName: "file"
        ),
        completion: .file(extensions: ["wav"])
    )
    var play: String?

    @Option(
        help: ArgumentHelp(
            "Keys that the other side has to press: only then it counts as reached, and people are joined.",
            valueName: "digits"
        )
    )
    var confirm: String?

    @Option(
        help: ArgumentHelp(
            "How long the call may last once answered: 90s, 10m, 1h. (default: the policy's, 60m)",
            valueName: "duration"
        ),
        transform: DurationArgument.parse
    )
    var maxDuration: Duration?

    @Flag(help: "Show the route and touch no modem.")
    var dryRun = false

    @Flag(help: "Open the modem directly, also when a service runs.")
    var standalone = false

    @Flag(help: "Return as soon as the service has accepted the call; print its id.")
    var detach = false

    @Option(help: "How to report: text or json (one object a line).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        // Refuses what no telephone has as a key.
        guard let confirm, !(1...8).contains(confirm.count) || !confirm.allSatisfy({ "0123456789*#".contains($0) })
        else { return }
        throw ValidationError("--confirm \(confirm): write 1 to 8 keys: the digits 0 to 9, * and #")
    }
}
