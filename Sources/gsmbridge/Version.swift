/// The program's version.
enum Version {
    /// Follows semantic versioning; raised with each release.
    static let current = "0.1.0"
}
