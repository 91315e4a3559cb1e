import CLinux
import CallAudio
internal import CallModel
internal import DeviceDiscovery
internal import Gateway
internal import GatewayAPI
import Glibc
internal import Lines
package import Logging
internal import Modem
internal import SerialPort
package import Settings

/// Looks at the sound of one modem for the doctor.
///
/// Where it lies, whether that opens, and whether the modem knows the commands that switch it on; nobody is called.
package struct DoctorAudio {
    let modem: String
    let configuration: Configuration
    let environment: ConfigurationEnvironment
    let log: Logger

    /// The modem that is meant.
    private struct Found {
        let tty: String
        let name: String
        let choice: ModemSound
    }

    package init(
        modem: String,
        configuration: Configuration,
        environment: ConfigurationEnvironment,
        log: Logger
    ) {
        self.modem = modem
        (self.configuration, self.environment, self.log) = (configuration, environment, log)
    }

    package func findings() async -> [DoctorFinding] {
        guard let found = await find() else {
            return [
                finding(
                    .error,
                    modem,
                    "there is no such modem here, or nothing answers on it",
                    remedy: "gsmbridge modems"
                )
            ]
        }
        let port: ModemPort
        do {
            port = try await ModemPort.open(found.tty, log: log)
        } catch {
            return [
                finding(.error, found.name, error.description, remedy: "stop the service first, where it has the modem")
            ]
        }
        let findings = await findings(found, port)
        await port.close()
        return findings
    }

    /// Finds the modem: a tty that is named is used as it is.
    private func find() async -> Found? {
        let settings = FleetSettings(configuration, environment)
        let entry = settings.modems.first { $0.name == modem }
        if let tty = configuration.modem(modem)?.tty ?? (modem.hasPrefix("/") ? modem : nil) {
            let own = entry ?? settings.modems.first { $0.match.accepts(tty: tty) }
            return Found(tty: tty, name: own?.name ?? modem, choice: own?.sound ?? ModemSound())
        }
        let sticks = (try? DeviceDiscovery.enumerate().filter(\.condition.mayBeProbed)) ?? []
        for inspection in await ModemInspection.inspect(sticks, log: log) {
            guard let tty = inspection.tty else { continue }
            let identity = inspection.survey?.identity
            func fits(_ match: ModemMatch) -> Bool {
                match.accepts(imei: identity?.imei, iccid: identity?.iccid, usbPath: inspection.usb?.path, tty: tty)
            }
            let isMeant = entry.map { fits($0.match) } ?? [identity?.imei, inspection.usb?.path].contains(modem)
            guard isMeant else { continue }
            let own = settings.modems.first { fits($0.match) }
            return Found(tty: tty, name: own?.name ?? modem, choice: own?.sound ?? ModemSound())
        }
        return nil
    }

    private func findings(_ found: Found, _ port: ModemPort) async -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        do throws(ModemError) {
            // Without a PIN: a card that is locked keeps nothing here from being looked at.
            try await port.session.bringUp()
        } catch {
            if await port.session.isClosed || error.category != .sim && error.category != .noService {
                return [finding(.error, found.name, error.description)]
            }
            findings.append(finding(.warning, found.name, error.description))
        }
        let places = Self.places(found)
        let sound: LegSound
        do throws(LegSoundError) { sound = try await port.session.soundOffer.sound(places) } catch {
            return findings + [
                finding(
                    .warning,
                    found.name,
                    "\(error); calls are made all the same, without sound here",
                    remedy: "see docs/audio.md for the sticks that have it"
                )
            ]
        }
        findings.append(await opens(sound, found.name))
        for probe in await port.session.probeSound(places) {
            findings.append(
                probe.isKnown
                    ? finding(.ok, found.name, "the modem knows \(probe.command)")
                    : finding(
                        .warning,
                        found.name,
                        "the modem does not answer \(probe.command)=?, with which its sound is switched on",
                        remedy:
                            "try a call: gsmbridge dial NUMBER --audio wav:,heard.wav; firmware without voice refuses it"
                    )
            )
        }
        return findings
    }

    /// Where the sound may lie: what is set, and what the bus shows of the stick whose tty it is.
    private static func places(_ found: Found) -> SoundPlaces {
        let choice = found.choice
        // A tty that udev does not know has only what is set for it.
        let sticks = (try? DeviceDiscovery.enumerate()) ?? []
        guard let stick = sticks.first(where: { $0.ports.contains { $0.path == found.tty } }) else {
            return SoundPlaces(choice: choice)
        }
        return SoundPlaces(choice, on: stick)
    }

    /// How long is looked at what moves.
    private static let looksFor = Duration.seconds(1)

    /// Looks whether its sound opens, and what of it moves without a call.
    private func opens(_ sound: LegSound, _ name: String) async -> DoctorFinding {
        switch sound {
        case .rtp: return finding(.ok, name, "its sound comes over the network")
        case .tty(let path, let rate):
            let descriptor = clinux_tty_open(path)
            guard descriptor >= 0 else {
                let reason = String(cString: strerror(-descriptor))
                return finding(
                    .error,
                    name,
                    "its voice tty \(path) can't be opened: \(reason)",
                    remedy: -descriptor == EACCES ? "sudo usermod -aG dialout $USER" : "gsmbridge modems --usb"
                )
            }
            defer { close(descriptor) }
            guard isatty(descriptor) == 1, clinux_tty_raw(descriptor, 115_200, 0) >= 0 else {
                return finding(.error, name, "\(path) is no tty", remedy: "correct audio.tty of the modem")
            }
            // Nothing is written: what is no voice tty after all might take it for something else.
            tcflush(descriptor, TCIFLUSH)
            try? await Task.sleep(for: Self.looksFor)
            var room = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &room, room.count)
            let downlink =
                count > 0
                ? "sound comes from it even without a call"
                : "nothing comes from it without a call, as with most; which half moves is seen in one (--with)"
            return finding(.ok, name, "its sound lies at \(path), \(rate) Hz, which opens; \(downlink)")
        case .alsa(let device, let rate):
            do {
                let (gives, takes) = try await Self.halves(of: sound)
                let halves = "it \(gives ? "gives" : "does not give") sound and \(takes ? "takes" : "does not take") it"
                let doubt = gives && takes ? "" : ", which some do in a call alone (--with)"
                return finding(
                    .ok,
                    name,
                    "its sound lies at the sound card \(device), \(rate) Hz, which opens; \(halves)\(doubt)"
                )
            } catch { return finding(.error, name, "\(error)", remedy: "gsmbridge modems --usb") }
        }
    }

    /// Whether a card gives and takes silence: half of what is due, or more.
    private static func halves(of card: LegSound) async throws -> (gives: Bool, takes: Bool) {
        let loop = try AudioLoop { _ in }
        defer { loop.stop() }
        let name: AudioPort.ID = 1
        guard loop.join(1, try await AudioPort.open(card, id: name), SilentPort(id: 2)) else {
            throw AudioPortError("the audio loop is busy")
        }
        try await Task.sleep(for: looksFor)
        guard let quality = await loop.part(1).first(where: { $0.port == name }) else { return (false, false) }
        let half = Int(looksFor / AudioFrame.duration) / 2
        return (quality.heardFrames >= half, quality.counts.overruns < half)
    }

    private func finding(
        _ severity: DoctorFinding.Severity,
        _ subject: String,
        _ message: String,
        remedy: String? = nil
    ) -> DoctorFinding { DoctorFinding(severity, "audio", subject, message, remedy: remedy) }
}
