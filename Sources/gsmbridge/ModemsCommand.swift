import ArgumentParser
import ControlInterface
import DeviceDiscovery
import Gateway
import Logging

/// `gsmbridge modems`: every modem found, what it is and how it stands.
struct ModemsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modems",
        abstract: "List the modems: model, IMEI, SIM, operator, registration, signal, voice.",
        discussion: """
            Asks the running service. Without one it finds modems on the USB bus and asks each, all at once; a port \
            that does not answer is given up after three seconds. Ttys named as arguments are asked instead. Nothing \
            is set up, no PIN is tried.

            EXAMPLES
              gsmbridge modems
              gsmbridge modems --watch
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

    @Flag(help: "List the modems, then each one again whenever it changes, until interrupted.")
    var watch = false

    @OptionGroup var service: ServiceOptions

    @OptionGroup var configuration: ConfigOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if watch, usb || !ttys.isEmpty { throw ValidationError("--watch is for the list of modems alone") }
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
        if !usb, try await askService() { return }
        if watch { return try await watchBus(log) }
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

    // MARK: The service

    /// Lists what the service has.
    ///
    /// - Returns: whether a service runs.
    private func askService() async throws -> Bool {
        let client = service.client(try configuration.load())
        do throws(ControlClientError) {
            // First the ear, then the look: nothing that happens between the two is missed.
            let events = watch ? try await client.events() : nil
            var known = try await client.modems()
            ModemsPresenter(format: format).show(known)
            guard let events else { return true }
            try await follow(events, client, &known)
            return true
        } catch {
            if case .notRunning = error { return false }
            throw ServiceRequest.failure(error)
        }
    }

    private func follow(
        _ events: AsyncThrowingStream<ControlClient.Event, any Error>,
        _ client: ControlClient,
        _ known: inout [ModemStatus]
    ) async throws(ControlClientError) {
        do {
            // What a call does shows on its modem, so every event is reason enough to look.
            for try await event in events where event.name != "call.handover" {
                let modems = try await client.modems()
                let changed = modems.filter { !known.contains($0) }
                let gone = known.filter { old in !modems.contains { $0.name == old.name } }
                    .map { old in
                        var old = old
                        old.state = .absent
                        return old
                    }
                known = modems
                if !changed.isEmpty || !gone.isEmpty { ModemsPresenter(format: format).show(changed + gone) }
            }
        } catch {
            throw error as? ControlClientError ?? .lost("\(error)")
        }
    }

    // MARK: Without the service

    /// Lists the sticks on the bus as they come and go.
    private func watchBus(_ log: Logger) async throws {
        let events: AsyncStream<DiscoveryEvent>
        do throws(DiscoveryError) { events = try DeviceDiscovery.watch() } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
        for await event in events {
            switch event {
            case .found(let modem), .changed(let modem):
                guard modem.condition != .serialAdapter else { continue }
                let inspections = await ModemInspection.inspect([modem], log: log)
                ModemsPresenter(format: format).show(inspections.map { ModemStatus($0) })
            case .lost(let modem):
                guard modem.condition != .serialAdapter else { continue }
                var status = ModemStatus(name: modem.path, state: .absent, reason: "unplugged")
                status.usbPath = modem.path
                status.model = modem.title
                ModemsPresenter(format: format).show([status])
            }
        }
    }
}
