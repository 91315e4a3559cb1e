internal import Glibc

/// What the kernel counts for a process.
package struct ProcessFigures: Sendable, Hashable {
    /// Open file descriptors.
    package let descriptors: Int
    package let threads: Int

    /// Puts figures together.
    package init(descriptors: Int, threads: Int) {
        self.descriptors = descriptors
        self.threads = threads
    }

    /// Reads the figures; nil when the process is gone.
    package init?(of process: Int32) {
        guard let descriptors = Self.entries("/proc/\(process)/fd"), let threads = Self.entries("/proc/\(process)/task")
        else { return nil }
        self.descriptors = descriptors
        self.threads = threads
    }

    /// Resident and anonymous memory in kB (`smaps_rollup`: `Rss`, `Anonymous`); nil when the process is gone.
    package static func memory(of process: Int32) -> (resident: Int, anonymous: Int)? {
        guard let text = contents("/proc/\(process)/smaps_rollup") else { return nil }
        func value(_ name: String) -> Int? {
            text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
                .flatMap { line in line.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
        }
        guard let resident = value("Rss"), let anonymous = value("Anonymous") else { return nil }
        return (resident, anonymous)
    }

    /// The most resident memory so far in kB (`VmHWM`); nil when the process is gone.
    package static func peak(of process: Int32) -> Int? {
        contents("/proc/\(process)/status")?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            .flatMap { line in line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first }
            .flatMap { Int($0) }
    }

    /// What its descriptors lead to, one entry each, in alphabetical order; sockets and pipes without their numbers.
    package static func targets(of process: Int32) -> [String] {
        (0..<1024)
            .compactMap { number -> String? in
                var buffer = [CChar](repeating: 0, count: 512)
                let count = readlink("/proc/\(process)/fd/\(number)", &buffer, buffer.count)
                guard count > 0 else { return nil }
                let text = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
                return text.hasPrefix("/") ? text : String(text.prefix { $0 != ":" })
            }
            .sorted()
    }

    private static func entries(_ path: String) -> Int? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count - 2
    }

    private static func contents(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
