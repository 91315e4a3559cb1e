internal import ATProtocol
package import CallModel

/// Where the sound of a modem's calls may lie: what is set, and what the bus shows.
package struct SoundPlaces: Sendable, Hashable {
    /// What is set for the modem.
    package var choice: ModemSound
    /// The tty that carries voice on sticks of this kind; nil where none is there.
    package var tty: String?
    /// The ALSA name of the stick's own sound card; nil where it has none.
    package var device: String?
    /// The ttys of which it is not known what they carry, by USB interface.
    package var interfaces: [Int: String]

    /// Creates places; without anything nothing is known.
    package init(
        choice: ModemSound = ModemSound(),
        tty: String? = nil,
        device: String? = nil,
        interfaces: [Int: String] = [:]
    ) {
        self.choice = choice
        self.tty = tty
        self.interfaces = interfaces
        self.device = device
    }
}

/// The ways in which a modem can hand its sound to the computer, as its driver knows them.
package struct SoundOffer: Sendable, Hashable {
    let ways: [SoundWay]
    /// Why there is none, where that is known of the family.
    let lack: String?
    /// What the modem itself said of its samples; nil where it said nothing.
    let stream: VoiceStream?

    /// The USB interface that the modem names for its voice; nil where it names none.
    let interface: Int?

    init(_ driver: ModemDriver, stream: VoiceStream?, interface: Int?) {
        self.interface = interface
        ways = driver.sound
        lack = driver.soundLack
        self.stream = stream
    }

    /// Where the sound lies.
    package func sound(_ places: SoundPlaces) throws(LegSoundError) -> LegSound { try choose(places).sound }

    /// Where the sound lies, in the words of `modems`: `tty:/dev/ttyUSB1`, `alsa:hw:1`, `none`.
    package func words(_ places: SoundPlaces) -> String {
        do throws(LegSoundError) { return try sound(places).description } catch { return "none" }
    }

    /// Chooses the way, by what is set before what the bus shows, and says where the sound lies then.
    func choose(_ places: SoundPlaces) throws(LegSoundError) -> (way: SoundWay, sound: LegSound) {
        let choice = places.choice
        switch choice.way {
        case .none: throw .unavailable("the modem's sound is switched off in its settings (audio.way: none)")
        case .tty:
            guard let path = choice.tty ?? tty(places) else {
                throw .unavailable("no tty of the modem is known to carry its sound: name it (audio.tty)")
            }
            return try use(tty: path)
        case .alsa:
            guard let device = choice.device ?? places.device else {
                throw .unavailable("the modem shows no sound card: name the device (audio.device)")
            }
            return try use(device: device)
        case .auto: break
        }
        if let path = choice.tty { return try use(tty: path) }
        if let device = choice.device { return try use(device: device) }
        for way in ways {
            switch way.carrier {
            case .tty: if let path = tty(places) { return try use(tty: path) }
            case .card: if let device = places.device { return try use(device: device) }
            }
        }
        // What belongs to the stick and carries sound can only be that of its calls.
        if let device = places.device { return try use(device: device) }
        if let path = places.tty { return try use(tty: path) }
        if let lack { throw .unavailable(lack) }
        throw .unavailable(
            ways.isEmpty
                ? "modems of this kind hand no sound to the computer"
                : "neither a voice tty nor a sound card of the modem is known: name it in its settings (audio)"
        )
    }

    private func tty(_ places: SoundPlaces) -> String? { places.tty ?? interface.flatMap { places.interfaces[$0] } }

    private func use(tty path: String) throws(LegSoundError) -> (SoundWay, LegSound) {
        let way = ways.first { $0.carrier == .tty } ?? SoundWay(.tty)
        if let stream, let bits = stream.bitsPerSample, bits != 16 {
            throw .unavailable("the modem's samples have \(bits) bits; only 16 can be used")
        }
        return (way, .tty(path: path, rate: stream?.sampleRate ?? way.rate))
    }

    private func use(device: String) throws(LegSoundError) -> (SoundWay, LegSound) {
        let way = ways.first { $0.carrier == .card } ?? SoundWay(.card)
        return (way, .alsa(device: device, rate: way.rate))
    }
}
