internal import Glibc
internal import NIOCore

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

    /// Why something failed, in the system's words where it was the system's refusal: without the names of functions.
    static func words(of error: any Error) -> String {
        guard let refusal = error as? IOError else { return "\(error)" }
        let text = words(refusal.errnoCode)
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
