internal import Glibc
internal import Settings
internal import SmallFiles

/// What the process itself uses (proc(5)).
struct ProcessFigures {
    var cpuSeconds: Double?
    var residentBytes: Int?
    var openDescriptors: Int?
    var mostDescriptors: Int?

    /// The figures of this process now.
    static var current: ProcessFigures {
        var figures = ProcessFigures()
        // In microseconds by POSIX; with 64 bits it does not overflow.
        let ticks = clock()
        if ticks >= 0 { figures.cpuSeconds = Double(ticks) / 1e6 }
        // The second field is the resident set, in pages.
        let fields = String(decoding: (try? SmallFile.read("/proc/self/statm", limit: 4096)) ?? [], as: UTF8.self)
        if let pages = fields.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
            figures.residentBytes = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        }
        figures.openDescriptors = descriptors()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.mostDescriptors = Int(clamping: limit.rlim_cur)
        }
        return figures
    }

    /// How many descriptors are open.
    static func descriptors() -> Int? {
        // The directory itself is one of them.
        SmallFile.names(in: "/proc/self/fd").map { $0.count - 1 }
    }

    func write(to text: inout MetricsText) {
        if let cpuSeconds {
            text.single("process_cpu_seconds_total", .counter, "CPU time of the service, in seconds.", cpuSeconds)
        }
        if let residentBytes {
            text.single("process_resident_memory_bytes", .gauge, "Resident memory, in bytes.", residentBytes)
        }
        if let openDescriptors {
            text.single("process_open_fds", .gauge, "Open file descriptors.", openDescriptors)
        }
        if let mostDescriptors {
            text.single("process_max_fds", .gauge, "The most file descriptors that may be open.", mostDescriptors)
        }
    }
}
