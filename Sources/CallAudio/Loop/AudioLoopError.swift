/// Why the audio loop can't begin.
package enum AudioLoopError: Error, CustomStringConvertible {
    /// The process has no descriptors left.
    case noDescriptors
    /// The process can have no more threads.
    case noThreads

    /// What is wrong, in one line.
    package var description: String {
        switch self {
        case .noDescriptors: "no file descriptors are left for sound"
        case .noThreads: "the system has no thread for sound"
        }
    }
}
