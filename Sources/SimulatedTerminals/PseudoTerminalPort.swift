internal import CLinux
internal import Glibc

/// The pseudo-terminal of one simulated modem: its master side and the link that names its slave side.
struct PseudoTerminalPort: Sendable {
    /// What a program does not read is dropped beyond this, as a UART's buffer would.
    var backlogLimit = 65_536
    /// The same of a voice tty: 400 ms.
    static let voiceBacklogLimit = 6400

    /// The path that programs open: the link when there is one.
    let link: String?
    private(set) var devicePath = ""
    private(set) var master: Int32 = -1
    /// Whether a program has the slave side open; without one, what the modem says is lost.
    private(set) var isOpen = false
    private var backlog: [UInt8] = []
    /// Whether the modem takes what a program writes; one that does not lets the terminal fill up.
    var isReading = true

    var path: String { link ?? devicePath }
    var isPlugged: Bool { master >= 0 }
    var hasBacklog: Bool { !backlog.isEmpty }

    init(link: String?) { self.link = link }

    /// Makes a new pseudo-terminal and points the link to it.
    mutating func plug() throws(PseudoTerminalFailure) {
        guard !isPlugged else { return }
        var master: Int32 = -1
        var slave: Int32 = -1
        var path = [CChar](repeating: 0, count: 64)
        let status = clinux_open_pty(&master, &slave, &path, path.count)
        guard status == 0 else { throw PseudoTerminalFailure("can't open a pseudo-terminal", code: -status) }
        // From here the master's hang-up flag tells whether a program has the device open.
        close(slave)
        self.master = master
        isOpen = false
        backlog = []
        devicePath = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            try pointLink()
        } catch {
            unplug()
            throw error
        }
    }

    /// Closes everything on this side: a program that has the device open sees a hang-up.
    mutating func unplug() {
        guard isPlugged else { return }
        removeLink()
        close(master)
        master = -1
        isOpen = false
        backlog = []
    }

    /// Looks whether a program has opened the device since.
    mutating func checkOpened() {
        guard isPlugged, !isOpen else { return }
        var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) >= 0 else { return }
        isOpen = entry.revents & Int16(POLLHUP) == 0
    }

    /// What the program has written; notices when it closed the device.
    ///
    /// - Parameter most: how many bytes are taken at once, if less than usual.
    mutating func read(most: Int = 4096) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: most)
        while isPlugged, received.count < 16 * most {
            let count = Glibc.read(master, &buffer, buffer.count)
            let failure = errno
            if count > 0 {
                received += buffer[..<count]
                if count < buffer.count { break }
            } else if count < 0, failure == EINTR {
                continue
            } else {
                if count == 0 || failure != EAGAIN { closed() }
                break
            }
        }
        return received
    }

    mutating func write(_ bytes: [UInt8]) {
        guard isPlugged, isOpen else { return }
        backlog += bytes.prefix(max(0, backlogLimit - backlog.count))
        flush()
    }

    /// Writes as much as the device takes.
    mutating func flush() {
        while isPlugged, !backlog.isEmpty {
            let count = Glibc.write(master, backlog, backlog.count)
            let failure = errno
            if count > 0 {
                backlog.removeFirst(count)
            } else if count < 0, failure == EINTR {
                continue
            } else {
                if failure != EAGAIN { closed() }
                return
            }
        }
    }

    /// The program has closed the device; the modem stays as it is.
    mutating func closed() {
        isOpen = false
        backlog = []
    }

    private func pointLink() throws(PseudoTerminalFailure) {
        guard let link else { return }
        var existing = stat()
        if lstat(link, &existing) == 0, existing.st_mode & S_IFMT != S_IFLNK {
            throw PseudoTerminalFailure("\(link) exists and is no link", code: EEXIST)
        }
        let temporary = "\(link).\(getpid())"
        unlink(temporary)
        guard symlink(devicePath, temporary) == 0 else {
            throw PseudoTerminalFailure("can't make the link \(temporary)", code: errno)
        }
        guard rename(temporary, link) == 0 else {
            let failure = errno
            unlink(temporary)
            throw PseudoTerminalFailure("can't make the link \(link)", code: failure)
        }
    }

    /// Removes the link unless another program has taken the name since.
    private func removeLink() {
        guard let link else { return }
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { return }
        let target = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if target == devicePath { unlink(link) }
    }
}

/// Why simulated modems can't be put on pseudo-terminals.
package struct PseudoTerminalFailure: Error, Equatable, CustomStringConvertible {
    /// What failed and why, for people.
    package let description: String
    /// The `errno` of it.
    package let code: Int32

    init(_ what: String, code: Int32) {
        self.code = code
        self.description = "\(what): \(String(cString: strerror(code)))"
    }
}
