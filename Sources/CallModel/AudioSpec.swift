/// Who hears and speaks at our end of a call: what `--audio` names, and `audio:` in the configuration.
///
/// | written | is |
/// |---|---|
/// | `none` | nobody |
/// | `wav:IN[,OUT]` | IN is played once, what the far side says is written to OUT; either may be empty |
/// | `play:FILE` | FILE is played once, then the call is hung up |
/// | `record:FILE` | what the far side says is written to FILE |
/// | `alsa[:DEVICE]` | a sound card |
/// | `audiosocket:HOST:PORT[/UUID]` | an AudioSocket server, which is connected to |
/// | `audiosocket` | an Asterisk that connects to us, and names the call's id |
/// | `modem:NAME/NUMBER` | a second call, on another modem |
/// | `phone:NAME`, `account:NAME/NUMBER`, `sip:URI` | a SIP leg |
/// | `browser` | a person at the page |
package enum AudioSpec: Sendable, Hashable {
    case none
    case wave(playing: String?, recording: String?)
    case play(String)
    case record(String)
    /// A card by its ALSA name; nil for the system's own choice.
    case alsa(device: String?)
    /// A server; without a UUID, in lower case, the call's own id is told.
    case audioSocket(host: String, port: Int, uuid: String?)
    /// An Asterisk that connects to us and names the call's id.
    case audioSocketCall
    case modem(String, number: String)
    case phone(String)
    case account(String, number: String)
    /// An address with its scheme.
    case sip(String)
    case browser

    /// The longest text that is read.
    package static let limit = 1024

    /// Reads what a person wrote.
    ///
    /// - Throws: what is wrong with it, in one line, and what to write.
    package init(_ text: String) throws(AudioSpecError) {
        guard text.utf8.count <= Self.limit, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw AudioSpecError("it is longer than \(Self.limit) bytes, or has control characters in it")
        }
        let colon = text.firstIndex(of: ":")
        let kind = text[..<(colon ?? text.endIndex)]
        let rest = colon.map { text[text.index(after: $0)...] }
        switch (kind, rest) {
        case ("none", nil): self = .none
        case ("browser", nil): self = .browser
        case ("none", _?), ("browser", _?): throw AudioSpecError("nothing follows \(kind)")
        case ("alsa", nil): self = .alsa(device: nil)
        case ("alsa", let device?):
            guard !device.isEmpty else {
                throw AudioSpecError("there is no card behind 'alsa:'; write alsa or alsa:DEVICE")
            }
            self = .alsa(device: String(device))
        case ("wav", let files?): self = try Self.files(files)
        case ("play", let file?) where !file.isEmpty: self = .play(String(file))
        case ("record", let file?) where !file.isEmpty: self = .record(String(file))
        case ("wav", _), ("play", _), ("record", _):
            throw AudioSpecError("there is no file behind \(kind); write \(Self.example(kind))")
        case ("audiosocket", nil): self = .audioSocketCall
        case ("audiosocket", let address?): self = try Self.server(address)
        case ("modem", let rest?):
            let (name, number) = try Self.pair(rest, "modem")
            self = .modem(name, number: number)
        case ("account", let rest?):
            let (name, number) = try Self.pair(rest, "account")
            self = .account(name, number: number)
        case ("phone", let name?) where !name.isEmpty: self = .phone(String(name))
        case ("sip", let address?), ("sips", let address?):
            guard address.contains("@"), !address.hasPrefix("@"), !address.contains(" ") else {
                throw AudioSpecError("it names no user and host; write sip:USER@HOST")
            }
            self = .sip(text)
        case ("modem", nil), ("account", nil), ("phone", _), ("sip", nil), ("sips", nil):
            throw AudioSpecError("something is missing behind \(kind); write \(Self.example(kind))")
        default:
            let list = "none, wav:, play:, record:, alsa, audiosocket:, modem:, phone:, account:, sip: or browser"
            throw AudioSpecError("'\(kind.prefix(32))' is no kind of endpoint; write \(list)")
        }
    }

    private static func example(_ kind: Substring) -> String {
        switch kind {
        case "wav": "wav:IN.wav,OUT.wav"
        case "audiosocket": "audiosocket:HOST:PORT, with /UUID behind it where the server wants one"
        case "modem", "account": "\(kind):NAME/NUMBER"
        case "phone": "phone:NAME"
        case "sip", "sips": "sip:USER@HOST"
        default: "\(kind):FILE"
        }
    }

    private static func files(_ text: Substring) throws(AudioSpecError) -> Self {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.isEmpty ? nil : String($0) }
        guard parts.count <= 2 else {
            throw AudioSpecError("it has more than one comma; a file's name can't have one here")
        }
        guard parts.contains(where: { $0 != nil }) else {
            throw AudioSpecError("there is no file behind wav; write \(example("wav"))")
        }
        return .wave(playing: parts[0], recording: parts.count > 1 ? parts[1] : nil)
    }

    private static func pair(_ text: Substring, _ kind: Substring) throws(AudioSpecError) -> (String, String) {
        guard let slash = text.firstIndex(of: "/"), slash != text.startIndex, text.index(after: slash) != text.endIndex
        else { throw AudioSpecError("it names no \(kind) and number; write \(example(kind))") }
        return (String(text[..<slash]), String(text[text.index(after: slash)...]))
    }

    private static func server(_ text: Substring) throws(AudioSpecError) -> Self {
        var address = text
        var uuid: String?
        if let slash = text.firstIndex(of: "/") {
            address = text[..<slash]
            uuid = text[text.index(after: slash)...].lowercased()
        }
        let wanted = "write \(example("audiosocket"))"
        guard let colon = address.lastIndex(of: ":") else {
            throw AudioSpecError("it names no host and port; \(wanted)")
        }
        var host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, let port = Int(address[address.index(after: colon)...]), (1...65_535).contains(port),
            address[address.index(after: colon)...].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw AudioSpecError("'\(address)' is no host and port; \(wanted)") }
        // A bare address of IPv6 can't be told from a host and a port.
        guard !host.contains(":") || address.hasPrefix("[") else {
            throw AudioSpecError("put the address into brackets: audiosocket:[\(host)]:\(port)")
        }
        if let uuid, !isUUID(uuid) {
            throw AudioSpecError("'\(uuid)' is no UUID; write one such as 40325ec2-5efd-4bd3-805f-53576e581d13")
        }
        return .audioSocket(host: String(host), port: port, uuid: uuid)
    }

    private static func isUUID(_ text: String) -> Bool {
        let lengths = text.split(separator: "-", omittingEmptySubsequences: false)
        return lengths.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == 0x2D }
    }
}

extension AudioSpec: CustomStringConvertible {
    /// As it is written.
    package var description: String {
        switch self {
        case .none: return "none"
        case .wave(let playing, let recording):
            return "wav:\(playing ?? "")\(recording.map { ",\($0)" } ?? "")"
        case .play(let file): return "play:\(file)"
        case .record(let file): return "record:\(file)"
        case .alsa(let device): return device.map { "alsa:\($0)" } ?? "alsa"
        case .audioSocket(let host, let port, let uuid):
            let host = host.contains(":") ? "[\(host)]" : host
            return "audiosocket:\(host):\(port)\(uuid.map { "/\($0)" } ?? "")"
        case .audioSocketCall: return "audiosocket"
        case .modem(let name, let number): return "modem:\(name)/\(number)"
        case .phone(let name): return "phone:\(name)"
        case .account(let name, let number): return "account:\(name)/\(number)"
        case .sip(let address): return address
        case .browser: return "browser"
        }
    }
}

extension AudioSpec {
    /// The word before the colon.
    package var kind: Substring { description.prefix { $0 != ":" } }

    /// The files that it names: one to be read, one to be written.
    package var files: (read: String?, written: String?) {
        switch self {
        case .wave(let playing, let recording): (playing, recording)
        case .play(let file): (file, nil)
        case .record(let file): (nil, file)
        case .none, .alsa, .audioSocket, .audioSocketCall, .modem, .phone, .account, .sip, .browser: (nil, nil)
        }
    }

    /// The same with paths from the root on.
    ///
    /// - Parameter directory: where relative ones begin.
    package func absolute(in directory: String) -> Self {
        func full(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }
        switch self {
        case .wave(let playing, let recording):
            return .wave(playing: playing.map(full), recording: recording.map(full))
        case .play(let file): return .play(full(file))
        case .record(let file): return .record(full(file))
        case .none, .alsa, .audioSocket, .audioSocketCall, .modem, .phone, .account, .sip, .browser: return self
        }
    }

    /// The same with a call's id in the place of `{call}` in the name of what is written.
    package func naming(_ call: String) -> Self {
        func named(_ path: String) -> String {
            var parts: [Substring] = []
            var rest = path[...]
            while let place = rest.firstRange(of: "{call}") {
                parts += [rest[..<place.lowerBound], call[...]]
                rest = rest[place.upperBound...]
            }
            return (parts + [rest]).joined()
        }
        switch self {
        case .wave(let playing, let recording): return .wave(playing: playing, recording: recording.map(named))
        case .record(let file): return .record(named(file))
        case .none, .play, .alsa, .audioSocket, .audioSocketCall, .modem, .phone, .account, .sip, .browser: return self
        }
    }

    /// Whether it has its say only once the target is handed over: a file is for the far side, and not for the PBX that asks
    /// for digits.
    package var waitsForTarget: Bool {
        switch self {
        case .wave, .play, .record, .modem, .account: true
        case .none, .alsa, .audioSocket, .audioSocketCall, .phone, .sip, .browser: false
        }
    }

    /// Whether a person who is rung there takes calls by word to this service: by `gsmbridge answer`, or at the page.
    package var isAtBox: Bool {
        switch self {
        case .alsa, .browser: true
        case .none, .wave, .play, .record, .audioSocket, .audioSocketCall, .modem, .phone, .account, .sip: false
        }
    }

    /// Whether those may name it who are not at this box: what reads and writes its files or connects to anything is not for
    /// them.
    package var isForRemote: Bool {
        switch self {
        case .none, .audioSocketCall, .modem, .phone, .account, .browser: true
        case .wave, .play, .record, .alsa, .audioSocket, .sip: false
        }
    }
}

/// What is wrong with an endpoint that a person wrote, in one line.
package struct AudioSpecError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line.
    package var description: String

    init(_ description: String) { self.description = description }
}
