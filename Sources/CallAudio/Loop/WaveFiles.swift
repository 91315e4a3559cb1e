internal import Glibc

extension WaveReader {
    /// Reads a file; a disk may make its reader wait.
    ///
    /// - Throws: what is wrong with it, in one line.
    package static func open(_ path: String) async throws(AudioPortError) -> WaveReader {
        let read = await Thread.run(within: .seconds(20)) {
            Self.read(path)
        } late: { _ in
        }
        guard let read else { throw AudioPortError("\(path) could not be read within 20 s") }
        return try read.get()
    }

    private static func read(_ path: String) -> Result<WaveReader, AudioPortError> {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            return .failure(AudioPortError("\(path) can't be read: \(String(cString: strerror(errno)))"))
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            return .failure(AudioPortError("\(path) is no file"))
        }
        guard facts.st_size <= byteLimit else {
            return .failure(AudioPortError("\(path) is longer than an hour; play a shorter one"))
        }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        do throws(WaveError) { return .success(try WaveReader(Array(bytes[..<filled]))) } catch {
            return .failure(AudioPortError("\(path) \(error)"))
        }
    }
}

extension WaveRecorder {
    /// Makes a file; a disk may make its writer wait.
    ///
    /// - Throws: why it can't be made, in one line.
    package static func open(_ path: String) async throws(AudioPortError) -> WaveRecorder {
        let made = await Thread.run(within: .seconds(10)) { () -> Result<WaveRecorder, RecorderError> in
            do throws(RecorderError) { return .success(try WaveRecorder(path: path)) } catch { return .failure(error) }
        } late: { made in
            if case .success(let recorder) = made { recorder.finish() }
        }
        guard let made else { throw AudioPortError("\(path) could not be made within 10 s") }
        do throws(RecorderError) { return try made.get() } catch { throw AudioPortError("\(error)") }
    }
}
