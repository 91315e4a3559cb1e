import Glibc

/// The machine and its clocks.
enum Machine {
    /// Seconds of the clock that never stops and is never set.
    static var now: Double { seconds(CLOCK_MONOTONIC) }
    /// Seconds of CPU time that the calling thread has had.
    static var threadTime: Double { seconds(CLOCK_THREAD_CPUTIME_ID) }
    /// Seconds of CPU time that this process has had.
    static var processTime: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    /// Seconds of CPU time that another process has had, all its threads together; nil when it is gone.
    static func cpuTime(of process: pid_t) -> Double? {
        var clock = clockid_t()
        guard clock_getcpuclockid(process, &clock) == 0 else { return nil }
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return nil }
        return time.seconds
    }

    /// Bytes of this process that are in memory (proc(5): the second field of statm, in pages); 0 where that can't be read.
    static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }

    /// The build and the load, without which no figure means anything.
    static var heading: String {
        var loads = [Double](repeating: 0, count: 3)
        let load = getloadavg(&loads, 3) > 0 ? loads[0].shown() : "unknown"
        #if DEBUG
        let build = "debug build: THE FIGURES MEAN NOTHING"
        #else
        let build = "release build"
        #endif
        return "\(build), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, load \(load)"
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.seconds
    }
}

extension timespec {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_nsec) / 1e9 }
}
