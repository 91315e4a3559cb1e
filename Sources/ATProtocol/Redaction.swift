/// Takes secrets and phone numbers out of what is logged or traced.
package enum Redaction {
    /// What stands in the place of a secret of any length.
    package static let secret = "••••"

    /// Returns `command` without the codes in it; everything else stays as it is.
    ///
    /// The parameters of each command that carries a PIN, PUK or password are replaced as a whole, also in the middle
    /// of a chain (`AT+CMEE=1;+CPIN=1234`). With `secretDigits`, so is every digit sent as a tone, by `+VTS`, `^DTMF`
    /// and their relatives: a PBX's PIN is dialled that way.
    package static func redact(command: String, secretDigits: Bool = false) -> String {
        let bytes = Array(command.utf8)
        var output: [UInt8] = []
        var start = 0
        while start < bytes.count {
            var end = commandEnd(bytes, from: start)
            let name = name(bytes[start..<(end ?? bytes.count)])
            let isSecret = isNamed(name, in: secretCommands)
            // Behind a quote that is never closed, a secret may go on to the end, and another may begin anywhere.
            if end == nil, !isSecret { end = bytes[start...].firstIndex(of: UInt8(ascii: ";")) }
            let body = bytes[name.endIndex..<(end ?? bytes.count)]
            output += name
            if isSecret, body.count > 1, body.dropFirst().first != UInt8(ascii: "?") {
                output.append(UInt8(ascii: "="))
                output += secret.utf8
            } else if secretDigits, isNamed(name, in: toneCommands) {
                for byte in body {
                    if byte.isKey { output += "•".utf8 } else { output.append(byte) }
                }
            } else {
                output += body
            }
            if let end { output.append(bytes[end]) }
            start = (end ?? bytes.count) + 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Returns a command or an answer with the last three digits of every phone number in it hidden.
    ///
    /// Masked are the number of a dial command and the numbers in messages that are known to carry some. A key that the modem heard is hidden
    /// whole: callers key PINs.
    package static func mask(line: String) -> String {
        let bytes = Array(line.utf8)
        var output = bytes
        for dialled in dialStrings(bytes) { hide(&output, dialled) }
        for name in keyMessages where startsWith(bytes[...], name) {
            for index in bytes[name.utf8.count...].indices where bytes[index].isKey { output[index] = placeholder }
            return text(output)
        }
        var start = bytes.count
        for name in numberedMessages where startsWith(bytes[...], name) { start = name.utf8.count }
        while start < bytes.count {
            guard let run = phoneRun(bytes, from: start) else { break }
            if isPhoneNumber(bytes, run) { hide(&output, run) }
            start = run.upperBound
        }
        return output == bytes ? line : text(output)
    }

    /// The commands whose parameters are codes, or may contain one (`+CSIM` carries a PIN to the card).
    private static let secretCommands = [
        "+CPIN", "+CPIN2", "+CPINR", "+CLCK", "+CPWD", "^CPIN", "^CPIN2", "+QPINC", "^SPIC", "+SPIC", "+CSIM", "^SLCK",
        "^SPWD", "^CARDLOCK", "+CPUK", "+UPINCNT", "#PCT", "+ZPINPUK",
    ]

    /// The commands that send digits as tones.
    private static let toneCommands = ["+VTS", "+QVTS", "^DTMF", "+QLDTMF", "+QWDTMF", "^SVTS"]

    /// The messages that carry a key which the modem heard.
    private static let keyMessages = ["^DDTMF:", "+QTONEDET:", "+RXDTMF:", "+DTMF:", "#DTMFEV:", "+UUDTMFD:"]

    /// The messages that carry a number, or may; those of the families are not told apart.
    private static let numberedMessages: [String] =
        [
            "+CLIP:", "+CCWA:", "+CLCC:", "+COLP:", "+CDIP:", "+CNUM:", "+CCFC:", "+CMT:", "+CMGR:", "+CMGL:",
            "AT+CCFC=",
            "AT+CMGS=",
        ] + ModemDriver.all.flatMap { $0.messages.keys.map { $0.hasSuffix(":") ? $0 : $0 + ":" } }

    /// The byte that stands for a bullet until the text is put together: no modem sends NUL.
    private static let placeholder: UInt8 = 0

    /// Returns the index of the semicolon that ends the command at `start`, quotes respected; nil if none does.
    private static func commandEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        var isQuoted = false
        for index in start..<bytes.count {
            if bytes[index] == .quote { isQuoted.toggle() }
            if bytes[index] == UInt8(ascii: ";"), !isQuoted { return index }
        }
        return nil
    }

    /// Returns what stands in front of a command's equals sign or, without one, the whole command.
    private static func name(_ command: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        command[..<(command.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ";") } ?? command.endIndex)]
    }

    /// Whether a command is one of `names`, also behind `AT`, or behind `ATE0` on the same line.
    private static func isNamed(_ name: ArraySlice<UInt8>, in names: [String]) -> Bool {
        let bare = name.filter { $0 != .space }
        return names.contains { startsWith(bare.suffix($0.utf8.count), $0) }
    }

    private static func startsWith(_ bytes: ArraySlice<UInt8>, _ prefix: String) -> Bool {
        bytes.count >= prefix.utf8.count && zip(bytes, prefix.utf8).allSatisfy { $0.uppercased == $1.uppercased }
    }

    /// Returns where the numbers of dial commands stand: behind each `D` that begins a command, up to the semicolon.
    private static func dialStrings(_ bytes: [UInt8]) -> [Range<Int>] {
        guard startsWith(bytes[...], "AT") else { return [] }
        var ranges: [Range<Int>] = []
        var start = 2
        while start < bytes.count {
            let end = commandEnd(bytes, from: start) ?? bytes.count
            if bytes[start].uppercased == UInt8(ascii: "D") { ranges.append((start + 1)..<end) }
            start = end + 1
        }
        return ranges
    }

    /// Returns the next run of bytes that can be a number.
    private static func phoneRun(_ bytes: [UInt8], from start: Int) -> Range<Int>? {
        guard let first = bytes[start...].firstIndex(where: { $0.isDigit || $0 == UInt8(ascii: "+") }) else {
            return nil
        }
        let end = bytes[(first + 1)...].firstIndex { !$0.isKey } ?? bytes.count
        return first..<end
    }

    /// Whether a run of digits is a number and not an index, a type or a time: it is quoted or long.
    private static func isPhoneNumber(_ bytes: [UInt8], _ run: Range<Int>) -> Bool {
        let isQuoted =
            run.lowerBound > 0 && bytes[run.lowerBound - 1] == .quote && run.upperBound < bytes.count
            && bytes[run.upperBound] == .quote
        return run.count >= 5 || (run.count >= 3 && isQuoted)
    }

    /// Hides the last three keys of a run.
    private static func hide(_ bytes: inout [UInt8], _ run: Range<Int>) {
        var left = 3
        for index in run.reversed() where left > 0 && bytes[index].isKey {
            bytes[index] = placeholder
            left -= 1
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap { $0 == placeholder ? Array("•".utf8) : [$0] }, as: UTF8.self)
    }
}
