internal import GRDB
internal import Glibc

/// Why the call log can't be used, each with what a person can do about it.
package enum CallLogError: Error, Sendable, Hashable {
    case diskFull(String)
    /// The file system, or the medium, can't be written.
    case readOnly(String)
    /// This user may not read or write it.
    case notPermitted(String)
    /// The file is not what was written; what was found.
    case damaged(String, String)
    /// Another program kept it locked for longer than is waited.
    case inUse(String)
    /// A later version of gsmbridge has written it.
    case newer(String)
    /// The disk did not answer in time.
    case slow(String)
    /// It has a call of this id already, which is not to be made again.
    case repeated(String)
    /// It was removed, or another put in its place, while this program had it open.
    case removed(String)
    /// Something else; the system's word for it.
    case failed(String, String)

    /// What was found, without a remedy.
    package var reason: String {
        switch self {
        case .diskFull: "the disk is full"
        case .readOnly: "the file system is read-only"
        case .notPermitted: "this user may not write there"
        case .damaged(_, let finding): "the file is damaged (\(finding))"
        case .inUse: "another program keeps it locked"
        case .newer: "a later version of gsmbridge has written it"
        case .slow: "the disk does not answer"
        case .repeated: "a call of this id was made before"
        case .removed: "the file was removed while it was in use"
        case .failed(_, let word): word
        }
    }

    /// What to do.
    package var remedy: String {
        switch self {
        case .diskFull: "free some space"
        case .readOnly: "make it writable, or set gateway.state_dir to another directory"
        case .notPermitted: "run as the user that it belongs to, or set gateway.state_dir to another directory"
        case .damaged: "stop every gsmbridge and start one again, which sets the file aside"
        case .inUse: "try again, or look for a hanging gsmbridge"
        case .newer: "install that version again, or set gateway.state_dir to another directory"
        case .slow: "look at the disk and its load"
        case .repeated: "take another id"
        case .removed: "put it back, or start this program again, which begins a new one"
        case .failed: "look at the disk, or set gateway.state_dir to another directory"
        }
    }

    /// The file or directory that is meant.
    package var path: String {
        switch self {
        case .diskFull(let path), .readOnly(let path), .notPermitted(let path), .damaged(let path, _),
            .inUse(let path), .newer(let path), .slow(let path), .repeated(let path), .removed(let path),
            .failed(let path, _):
            path
        }
    }
}

extension CallLogError: CustomStringConvertible {
    /// `call log PATH: what is wrong; what to do`, in one line.
    package var description: String { "call log \(path): \(reason); \(remedy)" }
}

extension CallLogError {
    /// Reads what SQLite says; its words alone often don't tell a full disk or a read-only one from others.
    init(_ error: any Error, path: String) {
        if let error = error as? CallLogError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .failed(path, "\(error)")
            return
        }
        let words = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL: self = .diskFull(path)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self = Self.fileSystem(of: path)?.isReadOnly == true ? .readOnly(path) : .notPermitted(path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path, words)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse(path)
        case .SQLITE_IOERR:
            let system = Self.fileSystem(of: path)
            self =
                system?.isReadOnly == true
                ? .readOnly(path) : system?.isFull == true ? .diskFull(path) : .failed(path, words)
        default: self = .failed(path, words)
        }
    }

    /// Reads the number of a failed system call.
    init(number: Int32, path: String) {
        switch number {
        case ENOSPC, EDQUOT: self = .diskFull(path)
        case EROFS: self = .readOnly(path)
        case EACCES, EPERM: self = .notPermitted(path)
        default: self = .failed(path, String(cString: strerror(number)))
        }
    }

    /// Whether the file system below a path, or below its directory, is read-only or full.
    private static func fileSystem(of path: String) -> (isReadOnly: Bool, isFull: Bool)? {
        var status = statvfs()
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard statvfs(path, &status) == 0 || statvfs(directory, &status) == 0 else { return nil }
        return (status.f_flag & UInt(ST_RDONLY) != 0, status.f_bavail == 0)
    }
}
