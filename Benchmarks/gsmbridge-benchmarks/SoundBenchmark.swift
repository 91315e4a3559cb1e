import CAllocationCount
import CLinux
import CallAudio
import Glibc
import Synchronization

/// What the sound of calls costs, and how long it takes on its way: terminals as voice ttys and sockets as AudioSocket, both served by
/// one plain thread with a clock of its own.
struct SoundBenchmark {
    /// Calls at once.
    private static let calls = 16
    private static let seconds = 20.0
    private static let bridgeSeconds = 600.0

    func run() async -> [Figure] {
        await conversations() + bridges()
    }

    // MARK: Sixteen calls

    private func conversations() async -> [Figure] {
        let far = FarSide(terminals: Self.calls, sockets: Self.calls, ppm: [0])
        guard let far, let loop = try? AudioLoop(listen: { _ in }) else {
            return [Figure("not measured", "no pseudo-terminals, sockets or threads")]
        }
        defer { loop.stop() }
        for call in 0..<Self.calls {
            let id = UInt64(call)
            _ = loop.join(
                id + 1,
                TTYPort(id: 1000 + id, tty: far.slaves[call]),
                AudioSocketPort(id: 2000 + id, socket: far.ends[call]),
                detectsDigits: true
            )
        }
        let serving = Worker { far.serve(for: Self.seconds + 4) }
        let (cpu, allocations) =
            Worker { () -> (Double, Int) in
                // The first calls make buffers and fill them.
                usleep(2_000_000)
                let (busy, count) = (Self.audioThreadTime, allocation_count())
                usleep(useconds_t(Self.seconds * 1_000_000))
                // The count first: reading the CPU time allocates.
                let made = allocation_count() - count
                return (Self.audioThreadTime - busy, made)
            }
            .join() ?? (.nan, 0)
        let latencies = Samples((serving.join() ?? []).map { $0 * 1000 })
        let lateness = await loop.lateness()
        let share = cpu / Self.seconds * 100
        let perFrame = Double(allocations) / (Self.seconds * 50 * Double(2 * Self.calls))
        let late = Double(lateness?.percentile(0.99) ?? 0) / 10
        let priority = loop.hasRealtimePriority ? "with real-time priority" : "without real-time priority"
        let (p50, p99) = (latencies.median, latencies.quantile(0.99))
        return [
            Figure(
                "\(Self.calls) calls, both ways, with DTMF detection",
                "\(share.shown()) % of a core",
                aim: .below(15, "%", is: share),
                floor: "CPU time of the audio thread"
            ),
            Figure("heap allocations a frame", perFrame.shown(), aim: .none(is: (perFrame * 1000).rounded() / 1000)),
            Figure(
                "a tick is late, \(priority), p99",
                "\(late.shown()) ms",
                aim: .below(loop.hasRealtimePriority ? 1 : 5, "ms", is: late)
            ),
            Figure("voice tty to AudioSocket, p50", "\(p50.shown()) ms", aim: .below(40, "ms", is: p50)),
            Figure(
                "voice tty to AudioSocket, p99",
                "\(p99.shown()) ms",
                aim: .below(80, "ms", is: p99),
                floor: "\(latencies.count) frames"
            ),
        ]
    }

    // MARK: Two sticks

    /// Two pairs at once, for ten minutes: one's first clock is too fast, the other's too slow.
    private func bridges() async -> [Figure] {
        guard let loop = try? AudioLoop(listen: { _ in }) else { return [] }
        defer { loop.stop() }
        var pairs: [(call: UInt64, ppm: Double, far: FarSide, serving: Worker<[Double]>)] = []
        for (call, ppm) in [(UInt64(10), 200.0), (20, -200)] {
            guard let far = FarSide(terminals: 2, sockets: 0, ppm: [ppm, 0]) else { continue }
            _ = loop.join(call, TTYPort(id: call + 1, tty: far.slaves[0]), TTYPort(id: call + 2, tty: far.slaves[1]))
            pairs.append((call, ppm, far, Worker { far.serve(for: Self.bridgeSeconds) }))
        }
        let before = Worker { () -> Int in
            usleep(10_000_000)
            return Machine.residentBytes
        }
        .join()
        var figures: [Figure] = []
        for pair in pairs {
            _ = pair.serving.join()
            let sides = await loop.part(pair.call)
            let worst = Double(sides.map { $0.delayWorst ?? 0 }.max() ?? 0)
            let holes = sides.reduce(0) { $0 + $1.counts.underruns }
            figures.append(
                Figure(
                    "between two sticks, clocks \(pair.ppm.shown()) ppm apart, p99",
                    "\(worst.shown()) ms",
                    aim: .below(60.5, "ms", is: worst),
                    floor: "\(holes) holes in \(Int(Self.bridgeSeconds)) s, in which the simulated sticks stood still"
                        + " for 20 ms or more \(pair.far.lates) times"
                )
            )
        }
        let grown = Double(Machine.residentBytes - (before ?? 0)) / 1024
        figures.append(
            Figure("memory after the ten minutes", "\(grown.shown()) KiB more", aim: .below(64, "KiB", is: grown))
        )
        return figures
    }

    /// Seconds of CPU time that the audio threads of this process have had.
    private static var audioThreadTime: Double {
        guard let directory = opendir("/proc/self/task") else { return .nan }
        defer { closedir(directory) }
        var ticks = 0.0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let file = fopen("/proc/self/task/\(name)/stat", "r") else { continue }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 512)
            guard fgets(&line, 512, file) != nil else { continue }
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard text.contains("(audio)") else { continue }
            // Behind the name: the state is the first, user time the 12th and system time the 13th.
            let fields = text.drop { $0 != ")" }.dropFirst(2).split(separator: " ")
            guard fields.count > 12 else { continue }
            ticks += (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)
        }
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

/// The far ends of voice ttys and sockets, served by one thread that allocates nothing while it does.
private final class FarSide: Sendable {
    private static let frameBytes = 320

    let slaves: [Int32]
    /// Our ends of the sockets, which the ports get.
    let ends: [Int32]
    private let masters: [Int32]
    private let peers: [Int32]
    private let periods: [Double]
    private let lateServes = Atomic(0)

    /// How often the machine kept this side from its work for 20 ms or more: what is then missing is no fault of the box's.
    var lates: Int { lateServes.load(ordering: .relaxed) }

    /// - Parameter ppm: by how much each terminal's clock is too fast; the last one is that of all others.
    init?(terminals: Int, sockets: Int, ppm: [Double]) {
        var (masters, slaves, ends, peers) = ([Int32](), [Int32](), [Int32](), [Int32]())
        for _ in 0..<terminals {
            var (master, slave): (Int32, Int32) = (-1, -1)
            var path = [CChar](repeating: 0, count: 64)
            guard clinux_open_pty(&master, &slave, &path, path.count) == 0, clinux_tty_raw(slave, 115_200, 0) >= 0
            else {
                return nil
            }
            for descriptor in [master, slave] {
                _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            }
            masters.append(master)
            slaves.append(slave)
        }
        for _ in 0..<sockets {
            var pair: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { return nil }
            ends.append(pair[0])
            peers.append(pair[1])
        }
        (self.masters, self.slaves, self.ends, self.peers) = (masters, slaves, ends, peers)
        periods = (0..<terminals).map { 0.02 / (1 + (ppm.indices.contains($0) ? ppm[$0] : ppm[ppm.count - 1]) / 1e6) }
    }

    deinit { for descriptor in masters + peers { close(descriptor) } }

    /// Speaks and listens for so long.
    ///
    /// - Returns: how long each frame of the first terminal took to the first socket, in seconds.
    func serve(for seconds: Double) -> [Double] {
        let begin = Machine.now
        var due = periods.map { begin + $0 }
        var sockets = begin + 0.02
        var frame = [UInt8](repeating: 0, count: Self.frameBytes)
        let message: [UInt8] = [0x10, 0x01, 0x40] + frame
        var room = [UInt8](repeating: 0, count: 65_536)
        var sent = [Double](repeating: 0, count: 32_768)
        var took = [Double]()
        took.reserveCapacity(Int(seconds * 60))
        var (number, noise, left): (UInt16, UInt32, Int) = (0, 1, 0)
        while Machine.now < begin + seconds {
            let now = Machine.now
            if let first = due.min(), now - first >= 0.02 { lateServes.add(1, ordering: .relaxed) }
            for index in masters.indices where due[index] <= now {
                due[index] += periods[index]
                for place in 4..<Self.frameBytes {
                    noise ^= noise << 13
                    noise ^= noise >> 17
                    noise ^= noise << 5
                    // The higher byte small, as in speech.
                    frame[place] = place.isMultiple(of: 2) ? UInt8(truncatingIfNeeded: noise) : UInt8(noise & 7)
                }
                if index == 0 {
                    number = (number + 1) & 0x7FFF
                    sent[Int(number)] = now
                    (frame[0], frame[1]) = (UInt8(truncatingIfNeeded: number), UInt8(number >> 8))
                }
                _ = write(masters[index], frame, frame.count)
                while read(masters[index], &room, room.count) > 0 {}
            }
            if sockets <= now {
                sockets += 0.02
                for peer in peers { _ = send(peer, message, message.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
            }
            for (index, peer) in peers.enumerated() {
                let count = recv(peer, &room, room.count, 0)
                guard index == 0, count > 0 else { continue }
                // Messages of 323 bytes; where one is cut, its rest comes with the next.
                var place = left
                while place + 5 <= count {
                    let mark = Int(room[place + 3]) | Int(room[place + 4]) << 8
                    if mark < sent.count, sent[mark] > 0, took.count < took.capacity { took.append(now - sent[mark]) }
                    place += message.count
                }
                left = max(0, place - count)
            }
            usleep(200)
        }
        return took
    }
}
