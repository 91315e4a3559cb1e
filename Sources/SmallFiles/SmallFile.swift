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

/// Reads small regular files, without ever waiting for a device or a pipe, and replaces them as a whole.
package enum SmallFile {
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
        let bytes = try load(path, limit: limit + 1, check: check)
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        return bytes
    }

    /// The first bytes of a file, such as one of proc(5); nil when it can't be read.
    package static func head(_ path: String, limit: Int = 65_536) -> [UInt8]? {
        try? load(path, limit: limit) { _ in }
    }

    /// The beginning of a file as text; nil when it can't be read.
    package static func text(_ path: String) -> String? { head(path).map { String(decoding: $0, as: UTF8.self) } }

    /// The first line of a file of the kernel; nil when it can't be read or says nothing.
    package static func firstLine(_ path: String) -> String? {
        text(path)?.split(separator: "\n").first.map(String.init)
    }

    private static func load(
        _ path: String,
        limit: Int,
        check: (Status) throws(FileError) -> Void
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
        // The size is only a hint: the file may grow while it is read, and one of the kernel's has none.
        var bytes = [UInt8](repeating: 0, count: min(limit, max(4096, Int(status.st_size) + 1)))
        var count = 0
        while count < limit {
            if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: min(4096, limit - count))) }
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

    /// Replaces a file, mode 0600, so that neither a crash nor a full disk leaves half of it; makes its directory where that
    /// is missing.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        let directory = parent(of: path)
        try makeDirectory(directory)
        let temporary = path + ".new-\(getpid())"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(errno) }
        DirectoryOwner.take(descriptor, at: temporary)
        var written = 0
        var failure: Int32 = 0
        while written < bytes.count, failure == 0 {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count > 0 { written += count } else if errno != EINTR { failure = errno }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        close(descriptor)
        if failure == 0, rename(temporary, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(temporary)
            throw .system(failure)
        }
        // The new name has to reach the disk as well.
        let folder = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system(errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 || errno == EINVAL else { throw .system(errno) }
    }

    /// Makes a directory, mode 0700, and those above it, where they are missing.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - mode: that of those above it, less what the process's mask takes away.
    package static func makeDirectory(_ path: String, below mode: UInt32 = 0o700) throws(FileError) {
        try makeDirectory(path, mode: 0o700, below: mode)
    }

    private static func makeDirectory(_ path: String, mode: UInt32, below aboveMode: UInt32) throws(FileError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        let above = parent(of: path)
        guard errno == ENOENT, above != path else { throw .system(errno) }
        try makeDirectory(above, mode: aboveMode, below: aboveMode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .system(errno) }
    }

    /// The directory that a path lies in; that of `/` is itself.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The names in a directory, hidden ones left out; nil when it can't be read.
    package static func names(in path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
