import CLinux
import Glibc
import Synchronization

/// A voice tty whose far end is the network: for every frame that it gets it gives one, by the service's own clock.
final class VoiceTTY: Sendable {
    private struct State {
        var heard: [UInt8] = []
        var sample: Int16 = 0x0505
        var isSilent = false
    }

    let path: String
    private let master: Int32
    private let slave: Int32
    private let state = Mutex(State())
    private let isOver = Atomic(false)

    init() throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var path = [CChar](repeating: 0, count: 64)
        let status = clinux_open_pty(&master, &slave, &path, 64)
        guard status >= 0, clinux_tty_raw(slave, 115_200, 0) >= 0 else { throw Failure(status: status) }
        (self.master, self.slave) = (master, slave)
        self.path = String(decoding: path.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }

    struct Failure: Error { let status: Int32 }

    /// What the service played so far, as samples.
    var heard: [Int16] {
        state.withLock { state in
            stride(from: 0, to: state.heard.count - 1, by: 2)
                .map { Int16(truncatingIfNeeded: Int(state.heard[$0]) | Int(state.heard[$0 + 1]) << 8) }
        }
    }

    /// What it says from now on, each sample.
    func say(_ sample: Int16) { state.withLock { $0.sample = sample } }

    /// Whether it says nothing any more.
    func setSilent(_ isSilent: Bool) { state.withLock { $0.isSilent = isSilent } }

    /// Answers every frame until it is stopped.
    func serve() {
        let body = Unmanaged.passRetained(self)
        _ = clinux_detached_thread(
            "voice",
            { pointer in
                guard let pointer else { return }
                Unmanaged<VoiceTTY>.fromOpaque(pointer).takeRetainedValue().run()
            },
            body.toOpaque()
        )
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    private func run() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        var owed = 0
        while !isOver.load(ordering: .relaxed) {
            var wanted = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, 100) > 0 else { continue }
            let count = read(master, &bytes, bytes.count)
            guard count > 0 else { continue }
            let (sample, isSilent) = state.withLock { state in
                state.heard += bytes[..<count]
                return (state.sample, state.isSilent)
            }
            owed += count
            while owed >= 320 {
                owed -= 320
                if isSilent { continue }
                let frame = (0..<320).map { UInt8(truncatingIfNeeded: sample >> ($0.isMultiple(of: 2) ? 0 : 8)) }
                _ = write(master, frame, frame.count)
            }
        }
        close(master)
        close(slave)
    }
}
