internal import Glibc

/// Why a service can't be tried, or did not do in time what was waited for.
package struct RigFailure: Error, CustomStringConvertible {
    /// One clause for people.
    package let description: String

    /// Says what went wrong.
    package init(_ description: String) { self.description = description }

    /// Says what could not be done, and the system's reason.
    init(_ what: String, code: Int32) {
        description = "\(what): \(strerror(code).map { String(cString: $0) } ?? "error \(code)")"
    }
}
