import ArgumentParser
import CallFlows
import DialPlan
import Gateway
import Glibc
import Logging

/// `gsmbridge dial`: makes one call and follows it to its end.
struct DialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dial",
        abstract: "Call a number: through the PBX, or directly.",
        discussion: """
            The modem dials the access number, waits until it is truly answered, and sends the target as DTMF. \
            Ctrl-C hangs up and checks that the modem is idle; a second Ctrl-C leaves at once.

            EXAMPLES
              gsmbridge dial 030123456 --access-number +4922166966966 --modem /dev/ttyUSB2
              gsmbridge dial "+49 30 123456" --via direct --modem /dev/ttyUSB2 --max-duration 10m
              gsmbridge dial 030123456 --access-number +4922166966966 --modem /dev/ttyUSB2 --format json
              gsmbridge dial 030123456 --access-number +4922166966966 --dry-run

            EXIT STATUS
              0 answered and ended normally; 10 busy; 11 no answer; 12 rejected or unreachable; 13 lost before the
              target was handed over; 20 no usable modem; 21 modem failed; 22 no service; 23 SIM; 30 refused by the
              dial policy; 64 wrong usage; 130 interrupted
            """
    )

    @Argument(help: "The number to reach.")
    var number: String

    @Option(help: "The method: auto, callthrough or direct.")
    var via = ViaArgument(.auto)

    @Option(help: ArgumentHelp("The modem: the path of its command tty.", valueName: "tty"))
    var modem: String?

    @Option(help: ArgumentHelp("The PBX's number for callthrough.", valueName: "number"))
    var accessNumber: String?

    @Option(
        help: ArgumentHelp(
            "How long the call may last once answered: 90s, 10m, 1h. (default: 60m)",
            valueName: "duration"
        ),
        transform: DurationArgument.parse
    )
    var maxDuration: Duration = .seconds(3600)

    @Flag(help: "Show the route and touch no modem.")
    var dryRun = false

    @Flag(help: "Open the modem directly, also when a service runs.")
    var standalone = false

    @Option(help: "How to report: text or json (one object a line).")
    var format: OutputFormat = .text

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let route = try decideRoute()
        if dryRun {
            RoutePresenter(route, modem: modem).show(as: format)
            throw ExitCode(route.verdict.isAllowed ? 0 : CallOutcome.policy.exitStatus)
        }
        guard let tty = modem else {
            throw ValidationError(
                "--modem is missing: name the tty of the modem's command port, for example /dev/ttyUSB2"
            )
        }
        guard tty.hasPrefix("/") || tty.hasPrefix("./") || tty.hasPrefix("../") else {
            throw ValidationError(
                "--modem \(tty): no such modem is configured; give the path of its tty, for example /dev/ttyUSB2"
            )
        }
        let request = StandaloneCall.Request(route: route, maxDuration: maxDuration, tty: tty, modem: tty)
        let presenter = CallPresenter(format: format)
        let call = StandaloneCall(request, log: Logging.logger(verbose: common.verbose)) { presenter.show($0) }
        let signals = StopSignals { call.interrupt() }
        let end = await call.run()
        withExtendedLifetime(signals) {}
        throw ExitCode(end.outcome.exitStatus)
    }

    private func decideRoute() throws -> Route {
        do {
            let region = try Region(code: "DE")
            let target = try PhoneNumber(typed: number, region: region)
            let access: Route.Access?
            do {
                access = try accessNumber.map { Route.Access(number: try DialString(typed: $0)) }
            } catch {
                throw ValidationError("--access-number \(accessNumber ?? ""): \(error)")
            }
            return try Route(to: target, via: via.via, access: access, policy: DialPolicy())
        } catch let error as NumberError {
            throw ValidationError("\(number): \(error)")
        } catch let error as RouteError {
            throw ValidationError("\(error)")
        }
    }
}
