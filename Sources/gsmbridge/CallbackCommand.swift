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

    @OptionGroup var options: CallOptions

    func validate() throws {
        if options.detach, options.standalone {
            throw ValidationError("--detach needs the service, --standalone goes without: give one")
        }
    }

    func run() async throws {
        let region = try options.configuration.load().gateway.region
        guard !EmergencyNumbers.contains(number, region: region) else {
            throw ValidationError("help is called from here, not by a PBX: gsmbridge dial \(number)")
        }
        var dial = try await DialCommand.asyncParse(["--via", "callback", "--", number])
        dial.options = options
        try await dial.run()
    }
}
