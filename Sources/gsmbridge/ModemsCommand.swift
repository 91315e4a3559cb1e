import ArgumentParser
import DeviceDiscovery
import Gateway

/// `gsmbridge modems`: every modem found, what it is and how it stands.
struct ModemsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modems",
        abstract: "List the modems: model, IMEI, SIM, operator, registration, signal, voice.",
        discussion: """
            Finds modems on the USB bus and asks each one, all at once; a port that does not answer is given up after \
            three seconds. Ttys named as arguments are asked instead. Nothing is set up, no PIN is tried.

            EXAMPLES
              gsmbridge modems
              gsmbridge modems /dev/ttyUSB2 --format json
              gsmbridge modems --usb

            Sticks that can't be used as they are (storage mode, HiLink firmware, no driver) are listed with the \
            reason and what to do.
            """
    )

    @Argument(help: ArgumentHelp("Ttys to ask instead of looking for modems.", valueName: "tty"))
    var ttys: [String] = []

    @Flag(help: "Show the USB side only: ports, their roles and drivers. Opens nothing.")
    var usb = false

    @Option(help: "How to report: text or json (one object a modem).")
    var format: OutputFormat = .text

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if usb, !ttys.isEmpty { throw ValidationError("--usb shows what is on the bus: leave the ttys out") }
    }

    func run() async throws {
        let log = Logging.logger(verbose: common.verbose)
        if !ttys.isEmpty {
            let inspections = await ModemInspection.inspect(ttys: ttys, log: log)
            ModemsPresenter(format: format).show(inspections.map { ModemStatus($0) })
            if inspections.allSatisfy({ $0.survey == nil }) { throw ExitCode(CallExit.noModem) }
            return
        }
        let modems: [USBModem]
        do throws(DiscoveryError) {
            modems = try DeviceDiscovery.enumerate()
        } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
        // Boards and cables are no modems until somebody says so; --usb shows them.
        let shown = usb ? modems : modems.filter { $0.condition != .serialAdapter }
        if shown.isEmpty {
            Terminal.standardError(
                "gsmbridge: no modem found on the USB bus; look with lsusb, or name a tty: gsmbridge modems /dev/ttyUSB2"
            )
        } else if usb {
            ModemsUSBPresenter(format: format).show(shown)
        } else {
            let inspections = await ModemInspection.inspect(shown, log: log)
            ModemsPresenter(format: format).show(inspections.map { ModemStatus($0) })
        }
    }
}
