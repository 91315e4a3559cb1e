internal import CallModel
internal import Glibc

/// What a modem can be recognised by.
struct ModemMarks: Sendable, Hashable {
    var imei: String?
    var iccid: String?
    var usbPath: String?
    var tty: String?

    func fit(_ entry: ModemSettings) -> Bool {
        entry.match.accepts(imei: imei, iccid: iccid, usbPath: usbPath, tty: tty)
    }

    /// Whether two paths lead to one file, links followed.
    private static func isSameFile(_ one: String, _ other: String) -> Bool {
        guard one.hasPrefix("/"), other.hasPrefix("/") else { return false }
        var (first, second) = (stat(), stat())
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Whether a person who says this means the modem.
    func fit(_ reference: String) -> Bool {
        [imei, usbPath, tty].contains(reference) || tty.map { Self.isSameFile($0, reference) } ?? false
            || (imei.map { reference.utf8.count >= 14 && $0.prefix(14) == reference.prefix(14) } ?? false)
    }
}
