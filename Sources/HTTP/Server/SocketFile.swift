internal import Glibc

/// The place of a Unix socket, held by this process alone.
///
/// A lock on a file beside the socket decides who has it, so that two services that start at once can't both win, and
/// one that died leaves nothing that has to be cleaned up by hand.
struct SocketFile: ~Copyable {
    /// The bound socket; its taker closes it.
    let descriptor: Int32
    private let path: String
    private let lock: LockFile
    private let device: dev_t
    private let inode: ino_t

    /// Binds a socket.
    ///
    /// - Parameters:
    ///   - path: where; at most 107 bytes.
    ///   - group: who may connect beside the user of this process, if that group exists.
    init(path: String, group: String?) throws(ControlServerError) {
        let owner = group.flatMap(Self.groupID)
        try Self.prepareDirectory(of: path, group: owner)
        guard let address = SocketPath(path) else { throw .system(path: path, step: "bind", errno: ENAMETOOLONG) }
        let lock = try LockFile(path: path + ".lock", socket: path)
        try Self.removeStale(path, address)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(path: path, step: "make a socket for", errno: errno) }
        var status = stat()
        // The mode of an unbound socket limits that of its file, so that it is never open to others for a moment.
        guard fchmod(descriptor, 0o660) == 0, address.call(bind, descriptor) == 0 else {
            let number = errno
            close(descriptor)
            throw .system(path: path, step: "bind", errno: number)
        }
        // Without the right to give it away, the socket stays with the user's own group.
        if let owner { _ = lchown(path, uid_t.max, owner) }
        guard chmod(path, 0o660) == 0, lstat(path, &status) == 0, listen(descriptor, 256) == 0 else {
            let number = errno
            unlink(path)
            close(descriptor)
            throw .system(path: path, step: "open", errno: number)
        }
        self.path = path
        self.lock = lock
        self.descriptor = descriptor
        device = status.st_dev
        inode = status.st_ino
    }

    /// Removes the socket, unless another one is there by now.
    consuming func remove() {
        var status = stat()
        if lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode { unlink(path) }
        lock.release()
    }

    private static func groupID(_ name: String) -> gid_t? {
        guard let entry = getgrnam(name) else { return nil }
        return entry.pointee.gr_gid
    }

    /// Makes the directory where it is missing, and sees that no stranger can put something else into it.
    private static func prepareDirectory(of path: String, group: gid_t?) throws(ControlServerError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let directory = String(path[..<slash])
        var status = stat()
        if stat(directory, &status) != 0 {
            guard errno == ENOENT else { throw .system(path: directory, step: "look at", errno: errno) }
            try makeDirectory(directory, mode: 0o750)
            if let group { _ = chown(directory, uid_t.max, group) }
            return
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .foreignDirectory(path: directory, owner: status.st_uid)
        }
    }

    private static func makeDirectory(_ path: String, mode: mode_t) throws(ControlServerError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw .system(path: path, step: "make the directory", errno: errno)
        }
        try makeDirectory(String(path[..<slash]), mode: 0o755)
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw .system(path: path, step: "make the directory", errno: errno)
        }
    }

    /// Removes the socket of a service that died; refuses that of one that lives.
    private static func removeStale(_ path: String, _ address: SocketPath) throws(ControlServerError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notSocket(path: path) }
        let probe = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            0
        )
        guard probe >= 0 else { throw .system(path: path, step: "make a socket for", errno: errno) }
        defer { close(probe) }
        let result = address.call(connect, probe)
        // EAGAIN: it lives, and its queue is full.
        if result == 0 || errno == EAGAIN {
            throw .inUse(path: path, process: result == 0 ? ProcessName.peer(of: probe) : nil)
        }
        guard errno == ECONNREFUSED || errno == ENOENT else {
            throw .system(path: path, step: "connect to", errno: errno)
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .system(path: path, step: "remove", errno: errno)
        }
    }
}

/// A path as the socket calls take it.
struct SocketPath {
    private var address = sockaddr_un()

    /// Creates an address; nil when the path does not fit in.
    init?(_ path: String) {
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count, !bytes.contains(0) else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        guard fits, !bytes.isEmpty else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
    }

    /// Calls `bind` or `connect`.
    func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32,
        _ descriptor: Int32
    ) -> Int32 {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                function(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
