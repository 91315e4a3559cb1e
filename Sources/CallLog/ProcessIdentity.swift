internal import Glibc
internal import SmallFiles

/// A process, told apart from a later one that got the same number.
package struct ProcessIdentity: Sendable, Hashable {
    package var id: Int32
    /// When it started, in clock ticks since the machine did (proc(5), `/proc/PID/stat`, field 22).
    package var start: Int64
    /// Which run of the machine it belongs to (random(4), `/proc/sys/kernel/random/boot_id`).
    package var boot: String

    package static let current = ProcessIdentity(
        id: getpid(),
        start: startTime(of: getpid()) ?? 0,
        boot: currentBoot
    )

    private static let currentBoot: String = {
        guard let bytes = SmallFile.head("/proc/sys/kernel/random/boot_id") else { return "" }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }()

    /// Whether the process still runs.
    package var isAlive: Bool {
        boot == Self.currentBoot && Self.startTime(of: id) == start
    }

    private static func startTime(of process: Int32) -> Int64? {
        guard let bytes = SmallFile.head("/proc/\(process)/stat"), let name = bytes.lastIndex(of: UInt8(ascii: ")"))
        else {
            return nil
        }
        // Behind the name, which may hold anything, come the fields from the third on.
        let fields = bytes[(name + 1)...].split(separator: UInt8(ascii: " "))
        // A process that has ended, but whose parent has not looked yet, holds no call.
        guard fields.count > 19, fields[0].first != UInt8(ascii: "Z") else { return nil }
        return Int64(String(decoding: fields[19], as: UTF8.self))
    }
}
