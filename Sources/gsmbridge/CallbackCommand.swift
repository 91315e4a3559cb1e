import ArgumentParser
internal import Console
import DialPlan
import Settings

/// `gsmbridge callback`: has the PBX call this box and the target; short for `dial --via callback`.
struct CallbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callback",
        abstract: "Have the PBX call this box and a number, and join the two.",
        discussion: """
            Short for 'dial --via callback'. The PBX is asked once; its call is answered by itself, and everybody else who \
            rings that modem meanwhile is refused. Without a running service the modem is opened for this call alone. \
            Ctrl-C gives up, and takes the request back where the PBX can.

            EXAMPLES
              gsmbridge callback 030123456
              gsmbridge callback "+49 30 123456" --pbx office --modem o2

            EXIT STATUS
              0 answered and ended normally; 11 the PBX did not call; 20 no usable modem; 30 refused by the dial policy; \
            40 PBX unreachable; 41 PBX refused; 64 wrong usage; 130 interrupted
            """
    )

    @Argument(help: "The number to reach, or the name of a contact.", completion: Completion.contacts)
    var number: String

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
            "How long the call may last once answered: 90s, 10m, 1h. (default: the policy's, 60m)",
            valueName: "duration"
        ),
        transform: DurationArgument.parse
    )
    var maxDuration: Duration?

    @Option(
        help: ArgumentHelp(
            "Who hears and speaks, as for 'dial'. (default: as configured, else none)",
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
        try DialCommand.check(confirm: confirm)
        if detach, standalone {
            throw ValidationError("--detach needs the service, --standalone goes without: give one")
        }
    }

    func run() async throws {
        let region = try configuration.load().gateway.region
        guard !EmergencyNumbers.contains(number, region: region) else {
            throw ValidationError("help is called from here, not by a PBX: gsmbridge dial \(number)")
        }
        var dial = try await DialCommand.asyncParse(["--via", "callback", "--", number])
        dial.modem = modem
        dial.pbx = pbx
        dial.maxDuration = maxDuration
        dial.audio = audio
        dial.play = play
        dial.confirm = confirm
        dial.dryRun = dryRun
        dial.standalone = standalone
        dial.detach = detach
        dial.format = format
        dial.service = service
        dial.configuration = configuration
        dial.common = common
        try await dial.run()
    }
}
