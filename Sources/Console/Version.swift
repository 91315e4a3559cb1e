/// The program's version.
package enum Version {
    /// Follows semantic versioning; raised with each release.
    package static let current = "0.1.0"
}
