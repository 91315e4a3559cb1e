package import CallModel
internal import TextCoding

extension Configuration {
    /// The sound of a modem's calls: how it comes to this box, and who hears it.
    package struct ModemAudio: Sendable {
        /// Which way it comes.
        package var sound = ModemSound()
        /// Who hears and speaks in calls over this modem where nothing else is said; nil for nobody.
        package var endpoint: AudioSpec?
    }
}

extension SettingTable<Configuration.ModemAudio> {
    static var modemAudio: Self {
        Self(
            { _, _ in Configuration.ModemAudio() },
            [
                .value("way", \.sound.way, .choice)
                    .help(
                        "how the sound of its calls comes to this box; `auto` goes by the kind of modem and what the bus shows"
                    ),
                .optional("tty", \.sound.tty, .absolutePath()).example("/dev/ttyUSB1")
                    .help("the tty that carries the sound, which is used as it is"),
                .optional("device", \.sound.device, .line(longest: 256)).example("\"hw:2\"")
                    .help("the ALSA device that carries the sound, which is used as it is"),
                .optional("endpoint", \.endpoint, .audioSpec).example("alsa")
                    .help("who hears and speaks in its calls where neither the call nor the PBX says so: as `--audio`"),
            ]
        )
    }
}

extension ConfigurationForm<AudioSpec> {
    /// Who hears and speaks at our end of a call.
    static var audioSpec: Self {
        Self("endpoint as for `--audio`", shownAs: \.description) { written throws(Complaint) in
            let spec: AudioSpec
            do throws(AudioSpecError) { spec = try AudioSpec(written.text) } catch {
                throw Complaint(sentence: "\(Spelling.quoted(written.text)): \(error)")
            }
            let files = spec.files
            for path in [files.read, files.written].compactMap(\.self) where !path.hasPrefix("/") {
                throw Complaint("the path \(Spelling.quoted(path)) has no beginning", "write it from / on")
            }
            if let path = files.written, !path.contains("{call}") {
                throw Complaint(
                    "each call would write over the recording of the last one",
                    "put {call} into the file's name"
                )
            }
            return spec
        }
    }
}
