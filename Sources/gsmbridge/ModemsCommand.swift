import ArgumentParser
internal import Console
import DeviceDiscovery
internal import Gateway
internal import GatewayAPI
import HTTP
internal import LineStatuses
internal import Lines
import Logging
internal import Presenters
import Settings
internal import TextCoding

/// `gsmbridge modems`: every modem found, what it is and how it stands.
struct ModemsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modems",
        abstract: "List the modems: model, IMEI, SIM, operator, registration, signal, voice.",
        discussion: """
            Asks the running service. Without one it finds modems on the USB bus and asks each, all at once; a port \
            that does not answer is given up after three seconds. Ttys named as arguments are asked instead. Nothing \
            is set up, no PIN is tried. A modem that is named is shown in full.

            EXAMPLES
              gsmbridge modems
              gsmbridge modems o2
              gsmbridge modems --watch
              gsmbridge modems /dev/ttyUSB2 --format json
              gsmbridge modems --usb

            Sticks that can't be used as they are (storage mode, HiLink firmware, no driver) are listed with the \
            reason and what to do.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "Modems to show in full: names, IMEIs, or ttys, which are asked themselves where the service has none of them.",
            valueName: "modem"
        ),
        completion: Completion.modems
    )
    var named: [String] = []

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
        if watch, usb || !named.isEmpty { throw ValidationError("--watch is for the list of modems alone") }
        if usb, !named.isEmpty { throw ValidationError("--usb shows what is on the bus: leave the modems out") }
    }

    func run() async throws {
        let log = Logging.logger(verbose: common.verbose)
        if !named.isEmpty { return try await showNamed(log) }
        if !usb, try await askService() { return }
        if watch { return try await watchBus(log) }
        let modems: [USBModem]
        do throws(DiscoveryError) {
            modems = try DeviceDiscovery.enumerate()
        } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
        // Boards and cables are no modems until the configuration says so; --usb shows them.
        let shown = usb ? modems : modems.filter { $0.condition != .serialAdapter }
        if shown.isEmpty {
            Terminal.standardError(
                "gsmbridge: no modem found on the USB bus; look with lsusb, or name a tty: gsmbridge modems /dev/ttyUSB2"
            )
        } else if usb {
            ModemsUSBPresenter(format: format).show(shown)
        } else {
            let inspections = await ModemInspection.inspect(shown, log: log)
            var presenter = ModemsPresenter(format: format)
            presenter.show(inspections.map { ModemStatus(LineStatus($0)) })
        }
    }

    // MARK: In full

    /// Shows the modems that are named: the service's own, and ttys that it does not have.
    private func showNamed(_ log: Logger) async throws {
        let known = try await served()
        var ttys = named.filter { name in name.contains("/") && known?.contains { $0.isCalled(name) } != true }
        let inspections = await ModemInspection.inspect(ttys: ttys, log: log)
        let asked = inspections.map { ModemStatus(LineStatus($0)) }
        var found: [ModemStatus] = []
        for name in named {
            if let modem = known?.first(where: { $0.isCalled(name) }) {
                found.append(modem)
            } else if let place = ttys.firstIndex(of: name) {
                ttys[place] = ""
                found.append(asked[place])
            } else {
                let names = (known ?? []).compactMap(\.name)
                let list =
                    known == nil ? "no service runs that would know it" : "it has: \(names.joined(separator: ", "))"
                throw ValidationError("there is no modem \(Spelling.quoted(name)): \(list)")
            }
        }
        switch format {
        case .json: for modem in found { JSONOutput.line(modem) }
        case .text: ModemsPresenter.showInFull(found)
        }
        if !inspections.isEmpty, inspections.allSatisfy({ $0.survey == nil }) { throw ExitCode(CallExit.noModem) }
    }

    /// The service's modems; nil where none runs.
    private func served() async throws -> [ModemStatus]? {
        let client = service.client(configuration)
        do throws(ControlError) { return try await client.modems() } catch {
            if case .notRunning = error { return nil }
            // A tty needs no service.
            if case .notPermitted = error, named.allSatisfy({ $0.contains("/") }) { return nil }
            throw ServiceRequest.failure(error)
        }
    }

    // MARK: The service

    /// Lists what the service has.
    ///
    /// - Returns: whether a service runs.
    private func askService() async throws -> Bool {
        let client = service.client(configuration)
        do throws(ControlError) {
            // First the ear, then the look: nothing that happens between the two is missed.
            let events = watch ? try await client.events() : nil
            var known = try await client.modems()
            var presenter = ModemsPresenter(format: format)
            presenter.show(known)
            guard let events else { return true }
            try await follow(events, client, &known, &presenter)
            return true
        } catch {
            if case .notRunning = error { return false }
            throw ServiceRequest.failure(error)
        }
    }

    private func follow(
        _ events: AsyncThrowingStream<HeardEvent, any Error>,
        _ client: ControlClient,
        _ known: inout [ModemStatus],
        _ presenter: inout ModemsPresenter
    ) async throws(ControlError) {
        do {
            // What a call does shows on its modem, so every event is reason enough to look.
            for try await heard in events where heard.event.name != "call.handover" {
                let modems = try await client.modems()
                let changed = modems.filter { !known.contains($0) }
                let gone = known.filter { old in !modems.contains { $0.name == old.name } }
                    .map { old in
                        var old = old
                        old.state = .absent
                        return old
                    }
                known = modems
                if !changed.isEmpty || !gone.isEmpty { presenter.show(changed + gone) }
            }
        } catch {
            throw error as? ControlError ?? .lost("\(error)")
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
        var presenter = ModemsPresenter(format: format)
        for await event in events {
            switch event {
            case .found(let modem), .changed(let modem):
                guard modem.condition != .serialAdapter else { continue }
                let inspections = await ModemInspection.inspect([modem], log: log)
                presenter.show(inspections.map { ModemStatus(LineStatus($0)) })
            case .lost(let modem):
                guard modem.condition != .serialAdapter else { continue }
                var status = ModemStatus(name: modem.path, state: .absent, reason: "unplugged")
                status.usbPath = modem.path
                status.model = modem.title
                presenter.show([status])
            }
        }
    }
}
