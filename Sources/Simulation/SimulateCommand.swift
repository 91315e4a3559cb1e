package import ArgumentParser
internal import Console
import Glibc
import ModemSimulator
internal import NetworkSimulator
import PBXSimulator
import Settings
internal import SimulatedTerminals

/// `gsmbridge simulate`: modems that are none, on terminals that any program can open, and a PBX behind them.
package struct SimulateCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate modems on pseudo-terminals, with a telephone network behind them.",
        discussion: """
            Without options there is one modem of each family. Each has a terminal that `gsmbridge dial`, or any other \
            program, can open; what happens at the far side of its calls is shown as it happens. Ctrl-C stops it.

            The PBX has an HTTP interface on this machine, for the profiles generic and asterisk_ari; what to write into \
            gsmbridge.yaml is shown. `call 030555123` on standard input makes somebody outside call the PBX, which \
            holds the caller and rings the first modem; `held` lists callers, `hangup held-1` lets one hang up. \
            `call 030555123 +491713920000 4711#` rings the modem of that number and keys so. \
            `sms 030555123 TEXT` sends the first modem a message, `ussd TEXT` has the network tell it something.

            Huawei, Quectel and SIMCom modems have a voice tty too, with the sound of their calls on it once it is switched \
            on; for gsmbridge.yaml it is `audio: { way: tty, tty: PATH }`. Subscribers say a tone, one echoes.

            A modem that a fault unplugs and plugs in again gets a new terminal; the link in --link-dir follows it.

            EXAMPLES
              gsmbridge simulate
              gsmbridge simulate --modems 3 --family huawei --link-dir /tmp/modems
              gsmbridge simulate --family quectel --fault unplug:in_progress --format json
              gsmbridge simulate --family telit --fault lost-reply:AT+VTS
              gsmbridge simulate --family zte --sim pin:1234 --registration roaming

            FAULTS
              late-reply:AT+CLCC:7s[:N]  the answer comes 7 s late
              lost-reply:AT+VTS[:N]      done, but never answered
              stuck:AT+CHUP              never answered, and deaf from then on
              hangup-ignored:AT+CHUP     answered with OK, but the call goes on
              ath-ignored                the same for ATH
              deaf-after:STAGE           neither reads nor writes any more
              unplug:STAGE               is pulled off the bus
              replug-after:3s            and comes back
              spontaneous-reset:STAGE    reboots and stays on the bus
              vts-error:3                refuses the third tone
              identity:MAKER/MODEL       calls itself that
              no-voice                   makes no calls
              list-dialling              lists its calls as being dialled for as long as they last
              refused:AT+CHUP            refuses a command
              list-mode:9                lists its calls as of another kind (1 data, 9 unknown)
              list-gap:3s                leaves a call out of its list for so long after the answer
              stray-lists                answers one AT+CLCC in four by a bare OK
              unlisted-incoming          never lists a call that came in
              late-fallback:3s           says NO CARRIER, and the call comes up so long after ATD
              no-report-routing          has no way for delivery reports
              direct-messages            knows messages only as +CMT
              wrong-lengths              tells messages with a length that is not theirs
              no-ussd                    refuses service codes
              no-clcc, no-indications, numeric-results, echo-returns,
              garbage, split-writes, glued-writes
              no-ucs2                    its phone book knows no character set UCS2
              ucs2-parameters            its phone book wants and writes more than names in it
              quiet-reset[:STAGE]        it reboots without a word and forgets what was set
              chatter:60ms               it tells its registration again and again
              unisoc-reports, longsung-reports, data-rings, silent-at, error-text, left-in-ucs2, only-ucs2
                                         habits of single makes; see docs/modems.md
              A STAGE is dialling, alerting, answered, handover or in_progress.
              N is how many commands are struck, and * all of them.

            FAULTS OF THE SOUND
              voice-drift:200            its clock is so many millionths too slow
              voice-late:5s, voice-refused, voice-worn
                                         the sound can't be switched on yet, ever, or at the first try of later calls
              voice-stall:2s, voice-sticks
                                         nothing moves for so long, or until it is switched on anew
              voice-stale:300ms, voice-odd-byte, voice-swapped
                                         old sound comes first, or one byte, or bytes are the wrong way round
              voice-dead-uplink, voice-dead-downlink
                                         nothing is taken, or nothing comes
              voice-unplug:1s, voice-replug:1s
                                         the voice tty alone goes, and comes back

            FAULTS OF THE PBX
              slow=3s, garbage, half-body, lost-reply             it acts, but its answer is late, wrong, cut or lost
              status=500, too-many=2, unauthorized, hang-up       it does not act
              no-ring, late-ring=10s, ring-from=NUMBER            its rings stay out, come late, or show another number
              Those of the answer can be limited: lost-reply:callback strikes callbacks only, lost-reply:callback:1 once.
              Actions are callthrough, callback, list, claim, release, hangup, status, health and ari.
            """
    )

    @Option(help: ArgumentHelp("How many modems. (default: one of each family, or one of --family)", valueName: "n"))
    var modems: Int?

    @Option(
        help: ArgumentHelp(
            "The family of all modems; without it they take turns: \(SimulateArgument.names(ModemFamily.self)).",
            valueName: "family"
        ),
        transform: SimulateArgument.named
    )
    var family: ModemFamily?

    @Option(
        help: ArgumentHelp(
            "Make links to the terminals here, named after the families; those of voice ttys end in -voice.",
            valueName: "dir"
        )
    )
    var linkDir: String?

    @Option(
        help: ArgumentHelp("What goes wrong on every modem; may be given several times.", valueName: "fault"),
        transform: SimulateArgument.fault
    )
    var fault: [SimulatedFault] = []

    @Option(
        help: ArgumentHelp(
            "The state of every SIM card: ready, pin:CODE, puk or absent. (default: ready)",
            valueName: "sim"
        ),
        transform: SimulateArgument.card
    )
    var sim: SIMCondition = .ready

    @Option(
        help: ArgumentHelp(
            "How every modem is registered: \(SimulateArgument.names(NetworkRegistration.self)). (default: home)",
            valueName: "registration"
        ),
        transform: SimulateArgument.named
    )
    var registration: NetworkRegistration = .home

    @Option(help: ArgumentHelp("The port of the PBX's HTTP interface. (default: any free one)", valueName: "port"))
    var pbxPort: Int = 0

    @Option(
        help: ArgumentHelp("What goes wrong with the PBX; may be given several times.", valueName: "fault"),
        transform: SimulatedPBXFault.reading
    )
    var pbxFault: [SimulatedPBXFault] = []

    @Option(
        help: ArgumentHelp(
            "How the PBX knows the calls that it expects: \(SimulateArgument.names(SimulatedPBX.Recognition.self)).",
            valueName: "way"
        ),
        transform: SimulateArgument.named
    )
    var pbxRecognition: SimulatedPBX.Recognition = .caller

    @Option(
        help: ArgumentHelp(
            "Hand held callers and calls to the access number to the Asterisk application of this name, as Stasis() does.",
            valueName: "name"
        )
    )
    var pbxApp: String?

    @Option(help: "How to report: text or json (one object a line).")
    var format: OutputFormat = .text

    package func validate() throws {
        if let modems, !(1...100).contains(modems) {
            throw ValidationError("--modems \(modems): there can be 1 to 100 modems")
        }
        guard (0...65_535).contains(pbxPort) else {
            throw ValidationError("--pbx-port \(pbxPort): a port is a number from 1 to 65535, or 0 for any")
        }
        if let linkDir, let problem = SimulateArgument.problem(withLinkDirectory: linkDir) {
            throw ValidationError("--link-dir \(linkDir): \(problem)")
        }
    }

    package init() {}

    package func run() async throws {
        let host: PseudoTerminalHost
        let events: AsyncStream<FarSideEvent>
        do {
            host = try PseudoTerminalHost(world: world, linkDirectory: linkDir.map(SimulateArgument.absolute))
            events = host.farSideEvents()
            try host.start()
        } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
        let (pbx, address) = try await startPBX(host)
        // Before anything is shown: the reader of `ready` may stop us at once.
        let signals = StopSignals { host.stop() }
        let presenter = SimulatePresenter(
            format: format,
            profiles: profiles,
            paths: host.paths,
            voicePaths: host.voicePaths,
            pbx: address
        )
        var book = SimulatedCallBook(families: profiles.map(\.family))
        // Without a reader, as in `simulate | head`, there is no use in simulating.
        if !presenter.showModems() { host.stop() }
        OutsideCommand.listen(host)
        for await event in events {
            let line = book.enter(event) { call in
                host.withWorld { world, _ in world.calls.last { $0.id == call }?.peer }
            }
            if !presenter.show(line) { host.stop() }
        }
        await pbx.stop()
        host.stop()
        withExtendedLifetime(signals) {}
        if let failure = host.failure {
            Terminal.standardError("gsmbridge: \(failure)")
            throw ExitCode(CallExit.internalFailure)
        }
    }

    /// Serves the PBX and returns its address.
    private func startPBX(_ host: PseudoTerminalHost) async throws -> (PBXServer, String) {
        let server = PBXServer(host: host, configuration: PBXServer.Configuration(port: pbxPort, application: pbxApp))
        for fault in pbxFault {
            guard case .http(let fault, let action, let times) = fault else { continue }
            server.inject(fault, into: action, times: times)
        }
        do {
            return (server, try await server.start())
        } catch {
            host.stop()
            Terminal.standardError("gsmbridge: the PBX can't listen on port \(pbxPort): \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
    }

    private var profiles: [ModemProfile] {
        let families = family.map { [$0] } ?? ModemFamily.allCases
        return (0..<(modems ?? families.count))
            .map { number in
                var profile = ModemProfile(families[number % families.count], number: number)
                profile.faults = fault
                profile.sim = sim
                profile.registration = registration
                return profile
            }
    }

    private var world: SimulatedWorld {
        var world = SimulatedWorld()
        world.messages.epoch = Int64(time(nil))
        for profile in profiles { _ = world.addModem(profile) }
        world.pbx.settings.recognition = pbxRecognition
        for case .ring(let fault) in pbxFault { world.pbx.settings.ringFault = fault }
        return world
    }
}

/// What `simulate` is told on the command line.
enum SimulateArgument {
    /// Reads one of a type's names.
    @Sendable static func named<Value: RawRepresentable<String> & CaseIterable>(_ text: String) throws -> Value {
        guard let value = Value(rawValue: text) else { throw ValidationError("it is one of \(names(Value.self))") }
        return value
    }

    /// The names of a type, for people.
    static func names<Value: RawRepresentable<String> & CaseIterable>(_: Value.Type) -> String {
        let names = Value.allCases.map(\.rawValue)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }

    @Sendable static func fault(_ text: String) throws -> SimulatedFault {
        do { return try SimulatedFault(parsing: text) } catch { throw ValidationError(error.description) }
    }

    @Sendable static func card(_ text: String) throws -> SIMCondition {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0], parts.count) {
        case ("ready", 1): return .ready
        case ("puk", 1): return .puk
        case ("absent", 1): return .absent
        case ("pin", 2):
            let code = String(parts[1])
            guard (4...8).contains(code.utf8.count), code.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw ValidationError("a PIN has 4 to 8 digits, as in pin:1234")
            }
            return .pin(code: code, tries: 3)
        default: throw ValidationError("write ready, pin:CODE, puk or absent")
        }
    }

    /// What speaks against making links in a directory, which itself need not exist; nil when nothing does.
    static func problem(withLinkDirectory path: String) -> String? {
        if path.isEmpty { return "name a directory" }
        if let isDirectory = isDirectory(path) { return isDirectory ? nil : "this is no directory" }
        let trimmed = path.last == "/" ? path.dropLast() : path[...]
        let parent = trimmed.lastIndex(of: "/").map { String(trimmed[...$0]) } ?? "."
        return isDirectory(parent) == true ? nil : "there is no directory \(parent) to make it in"
    }

    /// A path that stays right wherever it is pasted.
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(WorkingDirectory.path)/\(path)"
    }

    private static func isDirectory(_ path: String) -> Bool? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT == S_IFDIR : nil
    }
}
