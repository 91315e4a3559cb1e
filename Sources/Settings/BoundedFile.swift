internal import Glibc

/// Why a file can't be used.
package enum FileError: Error, Equatable {
    case absent
    case notRegular
    case tooLarge(limit: Int)
    case foreign(owner: UInt32)
    case open(mode: UInt32)
    case system(Int32)

    /// What is wrong, in words.
    package var words: String {
        switch self {
        case .absent: "there is no such file"
        case .notRegular: "it is not a regular file"
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .foreign(let owner): "it belongs to another user (\(owner))"
        case .open(let mode): "others can get at it (mode 0\(String(mode, radix: 8)))"
        case .system(let number): "it can't be read: " + String(cString: strerror(number))
        }
    }
}

/// Reads small regular files, without ever waiting for a device or a pipe.
package enum BoundedFile {
    package struct Status {
        package var owner: UInt32
        package var mode: UInt32
    }

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: the most bytes that it may have.
    ///   - check: looks at owner and mode of what was opened, before anything is read.
    package static func read(
        _ path: String,
        limit: Int,
        check: (Status) throws(FileError) -> Void = { _ throws(FileError) in }
    ) throws(FileError) -> [UInt8] {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .absent : .system(errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        try check(Status(owner: status.st_uid, mode: status.st_mode & 0o7777))
        // The size is only a hint: the file may grow while it is read.
        let expected = min(limit, max(0, Int(status.st_size))) + 1
        var bytes = [UInt8](repeating: 0, count: expected)
        var count = 0
        while true {
            if count == bytes.count {
                guard count <= limit else { throw .tooLarge(limit: limit) }
                bytes.append(contentsOf: repeatElement(0, count: min(4096, limit + 1 - count)))
            }
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if got == 0 { break }
            if got > 0 {
                count += got
            } else if errno != EINTR {
                throw .system(errno)
            }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
