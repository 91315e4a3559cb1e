import CLinux
import Glibc
import SmallFiles

/// The process that keeps a serial port from us, as far as `/proc` tells.
struct PortHolder: Sendable, Hashable, CustomStringConvertible {
    let process: Int32
    let command: String?

    var description: String {
        if self.process == getpid() { return "this program itself" }
        let name = self.command.map { "\($0) (process \(self.process))" } ?? "process \(self.process)"
        // Worth its own words: it takes every modem, and stopping it is not what people want.
        guard self.command == "ModemManager" else { return name }
        return "\(name), which leaves a stick alone that has the udev property ID_MM_DEVICE_IGNORE=1"
    }

    private init(process: Int32) {
        self.process = process
        self.command = SmallFile.firstLine("/proc/\(process)/comm")
    }

    /// The process that holds the flock on a node, or else one that has the path open.
    ///
    /// Looks no longer than `limit`, and reads names only: following another program's descriptors could block.
    static func find(path: String, node: clinux_node, except own: Int32? = nil, limit: Duration) -> PortHolder? {
        if let process = self.lockOwner(of: node), process != own, self.isAlive(process) {
            return PortHolder(process: process)
        }
        return self.opener(of: path, except: own, limit: limit).map(PortHolder.init(process:))
    }

    /// The living process that a lock file of the UUCP kind names, for example `/var/lock/LCK..ttyUSB2` (FHS 3.0, 5.9).
    static func lockFileOwner(path: String, directories: [String]) -> PortHolder? {
        let resolved = self.resolved(path)
        var names: [String] = []
        for candidate in [path, resolved] {
            let parts = candidate.split(separator: "/")
            guard let last = parts.last else { continue }
            names.append(String(last))
            // Programs name a pseudo-terminal by its last two parts, with one of two signs between them.
            if parts.dropLast().last == "pts" { names = names.dropLast() + ["pts_\(last)", "pts\(last)"] }
        }
        for directory in directories {
            for name in names {
                guard let contents = SmallFile.head("\(directory)/LCK..\(name)", limit: 64),
                    let process = self.processNumber(inLockFile: contents),
                    process != getpid(), self.isAlive(process)
                else { continue }
                return PortHolder(process: process)
            }
        }
        return nil
    }

    /// Reads both forms of lock file: decimal digits with spaces around them, or four bytes in the machine's order.
    static func processNumber(inLockFile contents: [UInt8]) -> Int32? {
        let largest: Int32 = 4_194_304  // proc(5), /proc/sys/kernel/pid_max
        var number: Int32?
        let text = String(decoding: contents, as: UTF8.self)
        if let first = text.split(whereSeparator: { $0.isWhitespace }).first, let written = Int32(first) {
            number = written
        } else if contents.count == 4 {
            number = contents.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
        }
        guard let number, (1...largest).contains(number) else { return nil }
        return number
    }

    /// Finds a node in the text of `/proc/locks`, whose lines look like `1: FLOCK  ADVISORY  WRITE 812 00:17:5 0 EOF`.
    static func lockOwner(of node: clinux_node, inLocks text: some StringProtocol) -> Int32? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", let process = Int32(fields[4]) else { continue }
            let place = fields[5].split(separator: ":")
            guard place.count == 3,
                UInt32(place[0], radix: 16) == node.device_major,
                UInt32(place[1], radix: 16) == node.device_minor,
                UInt(place[2]) == UInt(node.inode)
            else { continue }
            return process
        }
        return nil
    }

    private static func lockOwner(of node: clinux_node) -> Int32? {
        guard let contents = SmallFile.head("/proc/locks", limit: 256 * 1024) else { return nil }
        return self.lockOwner(of: node, inLocks: String(decoding: contents, as: UTF8.self))
    }

    private static func opener(of path: String, except own: Int32?, limit: Duration) -> Int32? {
        let wanted = self.resolved(path)
        let deadline = ContinuousClock.now + limit
        for process in (SmallFile.names(in: "/proc") ?? []).compactMap({ Int32($0) }) where process != own {
            guard ContinuousClock.now < deadline else { return nil }
            let folder = "/proc/\(process)/fd"
            if (SmallFile.names(in: folder) ?? []).contains(where: { self.target(of: "\(folder)/\($0)") == wanted }) {
                return process
            }
        }
        return nil
    }

    private static func isAlive(_ process: Int32) -> Bool {
        kill(process, 0) == 0 || errno == EPERM
    }

    static func resolved(_ path: String) -> String {
        guard let pointer = realpath(path, nil) else { return path }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    private static func target(of link: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { space in
            guard let start = space.baseAddress else { return nil }
            let count = readlink(link, start, space.count)
            guard count > 0 else { return nil }
            return String(decoding: UnsafeRawBufferPointer(space).prefix(count), as: UTF8.self)
        }
    }
}
