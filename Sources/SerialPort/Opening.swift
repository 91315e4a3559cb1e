import CLinux
import Glibc
import Synchronization

/// The system calls of which tests need versions that block or fail.
struct TerminalSystem: Sendable {
    /// Opens a path; returns a descriptor or a negative `errno`.
    var open: @Sendable (_ path: String) -> Int32 = { clinux_tty_open($0) }
    /// Does the last close of a descriptor.
    var close: @Sendable (_ descriptor: Int32) -> Void = { _ = clinux_close($0) }
    /// Where programs of the UUCP tradition leave their lock files.
    var lockDirectories = ["/var/lock"]
}

/// The descriptors of an open terminal: NIO owns and closes two of them, the third is ours and is closed last.
struct TerminalDescriptors: Sendable {
    let keeper: Int32
    let input: Int32
    let output: Int32

    /// Duplicates `keeper` twice; fails when there are too many open files.
    ///
    /// The keeper stays open either way.
    static func duplicating(_ keeper: Int32) -> Result<TerminalDescriptors, Errno> {
        let input = clinux_dup(keeper)
        guard input >= 0 else { return .failure(Errno(-input)) }
        let output = clinux_dup(keeper)
        guard output >= 0 else {
            _ = clinux_close(input)
            return .failure(Errno(-output))
        }
        return .success(TerminalDescriptors(keeper: keeper, input: input, output: output))
    }

    struct Errno: Error {
        let number: Int32

        init(_ number: Int32) {
            self.number = number
        }
    }

    func closeAll(_ system: TerminalSystem) {
        _ = clinux_close(self.input)
        _ = clinux_close(self.output)
        _ = clinux_tty_discard_output(self.keeper)
        // Said outright: a program that this process is just starting has copies until it has begun, and closing alone
        // would leave the lock with them.
        _ = clinux_unlock(self.keeper)
        system.close(self.keeper)
    }
}

/// Everything between a path and a terminal that is ours, raw and locked.
///
/// Blocks; runs on a thread of its own.
struct Opening: Sendable {
    let path: String
    let settings: SerialSettings
    let system: TerminalSystem
    /// When the caller stops waiting.
    let deadline: ContinuousClock.Instant

    /// How long the search for the holder of a busy port may take.
    private static let holderSearchLimit: Duration = .milliseconds(300)

    func run() -> Result<TerminalDescriptors, SerialError> {
        do {
            return .success(try self.descriptors())
        } catch {
            return .failure(error)
        }
    }

    private func descriptors() throws(SerialError) -> TerminalDescriptors {
        var node = clinux_node()
        try self.check(clinux_node_at(self.path, &node), "stat", node)
        if node.is_directory != 0 { throw .isADirectory(path: self.path) }
        // Anything but a character device is refused unopened: opening a pipe or a disk can have effects.
        if node.is_character_device == 0 { throw .notATerminal(path: self.path) }

        try OpeningsInProgress.begin(node, path: self.path, deadline: self.deadline)
        defer { OpeningsInProgress.end(node) }

        if let holder = PortHolder.lockFileOwner(path: self.path, directories: self.system.lockDirectories) {
            throw .busy(path: self.path, holder: holder.description)
        }
        let descriptor = self.system.open(self.path)
        try self.check(descriptor, "open", node)
        do throws(SerialError) {
            try self.takePossession(of: descriptor, node)
            switch TerminalDescriptors.duplicating(descriptor) {
            case .success(let descriptors): return descriptors
            case .failure(let failure):
                throw .failed(path: self.path, operation: "dup", errno: failure.number)
            }
        } catch {
            // Does nothing to a lock that is another's.
            _ = clinux_unlock(descriptor)
            self.system.close(descriptor)
            throw error
        }
    }

    private func takePossession(of descriptor: Int32, _ node: clinux_node) throws(SerialError) {
        // Not isatty(): mocked ttys refuse its ioctl.
        let status = clinux_tty_check(descriptor)
        if status == -ENOTTY || status == -EINVAL { throw .notATerminal(path: self.path) }
        try self.check(status, "tcgetattr", node)
        if clinux_lock(descriptor) == -EWOULDBLOCK { throw self.busy(node) }
        // The superuser gets past another program's TIOCEXCL without noticing, so it is asked for; a mark that outlived
        // its process means nothing.
        if clinux_tty_is_exclusive(descriptor) == 1,
            let holder = PortHolder.find(
                path: self.path,
                node: node,
                except: getpid(),
                limit: Self.holderSearchLimit
            )
        {
            throw .busy(path: self.path, holder: holder.description)
        }
        // On a pseudo-terminal the mark would outlive us when we are killed, because its other end keeps the tty alive.
        if node.is_pty == 0 { _ = clinux_tty_exclusive(descriptor) }
        try self.check(
            clinux_tty_raw(descriptor, self.settings.baud, self.settings.hardwareFlowControl ? 1 : 0),
            "tcsetattr",
            node
        )
        // What the device said to the program before us is not for us. Best effort: nothing depends on it.
        _ = clinux_tty_discard(descriptor)
    }

    private func busy(_ node: clinux_node) -> SerialError {
        let holder = PortHolder.find(path: self.path, node: node, limit: Self.holderSearchLimit)
        return .busy(path: self.path, holder: holder?.description)
    }

    private func check(_ status: Int32, _ operation: String, _ node: clinux_node) throws(SerialError) {
        guard status < 0 else { return }
        switch -status {
        case ENOENT, ENOTDIR: throw .notFound(path: self.path)
        case EACCES, EPERM:
            throw .permissionDenied(path: self.path, group: node.inode == 0 ? nil : self.groupName(node.group))
        case EBUSY: throw self.busy(node)
        case let errno: throw .failed(path: self.path, operation: operation, errno: errno)
        }
    }

    private func groupName(_ group: UInt32) -> String {
        var name = [UInt8](repeating: 0, count: 256)
        name.withUnsafeMutableBytes { space in
            space.withMemoryRebound(to: CChar.self) { _ = clinux_group_name(group, $0.baseAddress, $0.count) }
        }
        return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// The devices that threads of this process are opening now, so that retries on a blocked driver don't pile up threads.
private enum OpeningsInProgress {
    private struct Device: Hashable {
        let major: UInt32
        let minor: UInt32
        let inode: UInt

        /// The node rather than the path: a replugged stick has a new node and deserves a new try.
        init(_ node: clinux_node) {
            self.major = node.device_major
            self.minor = node.device_minor
            self.inode = UInt(node.inode)
        }
    }

    private static let deadlines = Mutex<[Device: ContinuousClock.Instant]>([:])

    static func begin(
        _ node: clinux_node,
        path: String,
        deadline: ContinuousClock.Instant
    ) throws(SerialError) {
        let other = self.deadlines.withLock { deadlines -> ContinuousClock.Instant? in
            if let other = deadlines[Device(node)] { return other }
            deadlines[Device(node)] = deadline
            return nil
        }
        guard let other else { return }
        if other > .now { throw .busy(path: path, holder: "this program itself") }
        throw .stillBlocked(path: path)
    }

    static func end(_ node: clinux_node) {
        self.deadlines.withLock { _ = $0.removeValue(forKey: Device(node)) }
    }
}
