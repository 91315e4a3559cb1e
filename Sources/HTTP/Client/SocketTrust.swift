internal import Glibc

/// Who may serve a socket that this user asks: no process that a stranger could have put there.
///
/// As tmux does with its directory in `/tmp` and gpg with the peer of its sockets: what the path shows is looked at
/// before connecting, and who really listens (`SO_PEERCRED`, unix(7)) before anything is sent.
///
/// | a directory on the way | its owner |
/// |---|---|
/// | belongs to root, this user, or an owner trusted so far | trusted |
/// | lies where not everybody may write | trusted: who owns that place put it there |
/// | lies where everybody may write, such as `/tmp` | a stranger |
struct SocketTrust {
    /// What is looked at of a file: its owner, and whether everybody may write to it.
    struct Facts: Equatable {
        let owner: UInt32
        let isOpen: Bool
    }

    /// Another user owns it.
    struct Stranger: Error, Equatable {
        let path: String
        let owner: UInt32
    }

    /// Users who may serve the socket.
    private(set) var users: Set<UInt32>

    /// Looks at a socket and the directories that lead to it.
    ///
    /// - Parameters:
    ///   - socket: its path, without symbolic links on the way.
    ///   - user: who asks.
    ///   - look: the facts of a path; nil for what is not there, which is no reason for distrust.
    init(socket: String, user: UInt32, look: (String) -> Facts?) throws(Stranger) {
        users = [0, user]
        var isOpen = false
        var path = ""
        let parts = socket.split(separator: "/", omittingEmptySubsequences: true)
        for part in [""] + parts.map(String.init) {
            path += path.hasSuffix("/") || part.isEmpty ? part : "/" + part
            guard let facts = look(path.isEmpty ? "/" : path) else { return }
            if !users.contains(facts.owner) {
                guard !isOpen else { throw Stranger(path: path, owner: facts.owner) }
                users.insert(facts.owner)
            }
            isOpen = facts.isOpen
        }
    }

    /// Looks at a socket of this machine.
    init(socket: String) throws(Stranger) {
        let cut = socket.lastIndex(of: "/")
        let directory = cut.map { String(socket[...$0]) } ?? "."
        let name = cut.map { socket[socket.index(after: $0)...] } ?? socket[...]
        var real = directory
        if let resolved = realpath(directory, nil) {
            real = String(cString: resolved)
            free(resolved)
        }
        try self.init(socket: "\(real)/\(name)", user: geteuid()) { path in
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            // Of the socket itself everybody may write to many; what counts is who may replace it.
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            return Facts(owner: status.st_uid, isOpen: isDirectory && status.st_mode & 0o002 != 0)
        }
    }

    /// The kernel's `struct ucred` (unix(7)); Glibc does not show it to Swift.
    struct Peer {
        let process: Int32
        let user: UInt32
        let group: UInt32
    }

    /// The option that tells of the peer.
    static let peerOption = (level: SOL_SOCKET, name: SO_PEERCRED)
}
