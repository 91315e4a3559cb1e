import Glibc

/// A build of gsmbridge.
struct Program {
    let path: String
    /// Whether the Swift runtime is part of it.
    let isStatic: Bool

    /// How rows of the table tell builds apart.
    var label: String { isStatic ? "static" : "dynamic" }

    /// Takes a program that can be run; nil for anything else.
    init?(path: String) {
        var node = stat()
        guard stat(path, &node) == 0, node.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 else { return nil }
        guard let needsRuntime = Self.contains("libswiftCore.so", in: path, size: Int(node.st_size)) else { return nil }
        self.path = path
        isStatic = !needsRuntime
    }

    /// The gsmbridge that was built together with this program.
    static var besideThisOne: Program? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        let own = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { return nil }
        return Program(path: own[...slash] + "gsmbridge")
    }

    /// Whether the file names a library: then it is loaded when the program starts.
    private static func contains(_ text: String, in path: String, size: Int) -> Bool? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard let file = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), file != MAP_FAILED else { return nil }
        defer { munmap(file, size) }
        let name = Array(text.utf8) + [0]
        let bytes = UnsafeRawBufferPointer(start: file, count: size)
        var start = 0
        while let found = memchr(file + start, Int32(name[0]), size - start) {
            start = found - UnsafeMutableRawPointer(file)
            if bytes[start...].starts(with: name) { return true }
            start += 1
        }
        return false
    }
}
