internal import Glibc

/// Where relative paths of this process begin.
package enum WorkingDirectory {
    /// Its path; `/` where it is gone.
    package static var path: String {
        guard let current = getcwd(nil, 0) else { return "/" }
        defer { free(current) }
        return String(cString: current)
    }
}
