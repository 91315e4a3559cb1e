internal import Glibc

/// What the system calls an error number.
enum SystemError {
    static let noEntry = ENOENT
    static let notDirectory = ENOTDIR
    static let refused = ECONNREFUSED
    static let notPermitted = EACCES
    static let notAllowed = EPERM

    static func words(_ number: Int32) -> String {
        guard let text = strerror(number) else { return "error \(number)" }
        return String(cString: text)
    }
}
