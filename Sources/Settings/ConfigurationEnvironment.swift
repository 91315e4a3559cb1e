internal import FoundationEssentials
internal import Glibc

/// What the configuration depends on beside its file: environment variables, the user, the host.
///
/// A value, so that tests can say what holds.
package struct ConfigurationEnvironment: Sendable {
    /// The environment variables; an empty one counts as not set.
    package var variables: [String: String] = [:]
    /// The effective user.
    package var userID: UInt32
    /// The user's home directory.
    package var homeDirectory: String
    package var hostName: String
    /// The file that is read when none is named.
    package var systemFile: String = "/etc/gsmbridge/gsmbridge.yaml"
    /// The socket of the service that the system runs, as the package sets it.
    package var systemSocket = "/run/gsmbridge/control.sock"

    /// This process's environment.
    package static var current: ConfigurationEnvironment {
        let variables = ProcessInfo.processInfo.environment
        return ConfigurationEnvironment(
            variables: variables,
            userID: geteuid(),
            homeDirectory: variables["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? accountHome(),
            hostName: currentHostName()
        )
    }

    /// A variable's value; nil when it is not set or empty.
    package func variable(_ name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    /// The name for the gateway when none is set: the host's, without its domain.
    var defaultName: String {
        let short = hostName.prefix { $0 != "." }
        let isUsable = !short.isEmpty && short.utf8.count <= 63 && short.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isUsable ? String(short) : "gsmbridge"
    }

    /// Where data lie when nothing is set: `/var/lib/gsmbridge`, for a plain user below `$XDG_STATE_HOME`
    /// (XDG Base Directory Specification 0.8; relative paths there are to be ignored).
    ///
    /// A service manager's word comes first: `$STATE_DIRECTORY` (systemd.exec(5), `StateDirectory=`).
    var defaultStateDirectory: String {
        if let directories = absolute("STATE_DIRECTORY"), let first = directories.split(separator: ":").first {
            return joined(String(first), nil)
        }
        if userID == 0 { return "/var/lib/gsmbridge" }
        return (absolute("XDG_STATE_HOME") ?? joined(homeDirectory, ".local/state")) + "/gsmbridge"
    }

    /// Where the control socket lies when nothing is set: in `/run`, for a plain user in `$XDG_RUNTIME_DIR`.
    ///
    /// Without that variable it is where logind would have put it, or a directory of the user's own in `/tmp`.
    /// A service of systemd is told where (`RuntimeDirectory=`).
    var defaultSocket: String {
        if let directory = absolute("RUNTIME_DIRECTORY") { return directory + "/control.sock" }
        if userID == 0 { return "/run/gsmbridge/control.sock" }
        if let directory = absolute("XDG_RUNTIME_DIR") { return directory + "/gsmbridge/control.sock" }
        let session = "/run/user/\(userID)"
        if isOwnDirectory(session) { return session + "/gsmbridge/control.sock" }
        return "/tmp/gsmbridge-\(userID)/control.sock"
    }

    /// Where a service is most likely to be when no file says so: at this user's own place, else at the system's.
    var likelySocket: String {
        access(defaultSocket, F_OK) != 0 && access(systemSocket, F_OK) == 0 ? systemSocket : defaultSocket
    }

    private func absolute(_ name: String) -> String? {
        guard let value = variable(name), value.hasPrefix("/") else { return nil }
        return joined(value, nil)
    }

    private func joined(_ directory: String, _ name: String?) -> String {
        var path = directory
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard let name else { return path }
        return path == "/" ? "/" + name : path + "/" + name
    }

    private func isOwnDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == userID
    }

    private static func accountHome() -> String {
        guard let entry = getpwuid(geteuid()), let directory = entry.pointee.pw_dir else { return "/" }
        let home = String(cString: directory)
        return home.hasPrefix("/") ? home : "/"
    }

    private static func currentHostName() -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let result = buffer.withUnsafeMutableBytes { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            return gethostname(start.assumingMemoryBound(to: CChar.self), bytes.count - 1)
        }
        return result == 0 ? String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self) : ""
    }
}
