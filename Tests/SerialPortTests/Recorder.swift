import CLinux
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import SerialPort

/// All suites of this module, one test at a time: they count descriptors and share two cores with many loops.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct SerialTests {}

/// Collects what a port reports, and lets a test wait for it.
final class Recorder: Sendable {
    struct Record: Sendable {
        var bytes: [UInt8] = []
        var reads = 0
        var hangUps: [HangUp] = []
        /// How many bytes had been received when the hang-up was told.
        var bytesAtHangUp: Int?
    }

    private struct State {
        var record = Record()
        var waiting: [(condition: @Sendable (Record) -> Bool, continuation: CheckedContinuation<Record, Never>)] = []
        /// The time of the test is over.
        var isOver = false
    }

    private let state = Mutex(State())

    var record: Record { self.state.withLock { $0.record } }

    func receive(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.change {
            $0.bytes.append(contentsOf: bytes)
            $0.reads += 1
        }
    }

    func hungUp(_ reason: HangUp) {
        self.change {
            $0.hangUps.append(reason)
            $0.bytesAtHangUp = $0.bytesAtHangUp ?? $0.bytes.count
        }
    }

    private func change(_ body: (inout Record) -> Void) {
        let ready = self.state.withLock { state in
            body(&state.record)
            let record = state.record
            let ready = state.waiting.filter { $0.condition(record) }.map { ($0.continuation, record) }
            state.waiting.removeAll { $0.condition(record) }
            return ready
        }
        for (continuation, record) in ready { continuation.resume(returning: record) }
    }

    /// Waits until the record fulfils a condition, or the test's time is over.
    @discardableResult
    func wait(until condition: @escaping @Sendable (Record) -> Bool) async -> Record {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let record = self.state.withLock { state -> Record? in
                    if state.isOver || condition(state.record) { return state.record }
                    state.waiting.append((condition, continuation))
                    return nil
                }
                if let record { continuation.resume(returning: record) }
            }
        } onCancel: {
            let (left, record) = self.state.withLock { state in
                state.isOver = true
                defer { state.waiting = [] }
                return (state.waiting, state.record)
            }
            for waiting in left { waiting.continuation.resume(returning: record) }
        }
    }

    func bytes(_ count: Int) async -> [UInt8] {
        await self.wait { $0.bytes.count >= count }.bytes
    }

    func hangUp() async -> HangUp? {
        await self.wait { !$0.hangUps.isEmpty }.hangUps.first
    }
}

/// A pseudo-terminal with a port open on it, and recorders at both ends.
struct Line: Sendable {
    let loop: any EventLoop
    let device: PseudoTerminal
    let atDevice: Recorder
    let port: SerialPort
    let atPort: Recorder

    static func open(settings: SerialSettings = SerialSettings(), trace: SerialTrace? = nil) async throws -> Line {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let atDevice = Recorder()
        let device = try await PseudoTerminal.open(
            on: MultiThreadedEventLoopGroup.singleton.next(),
            receive: atDevice.receive
        )
        let atPort = Recorder()
        let port = try await SerialPort.open(
            device.path,
            settings: settings,
            on: loop,
            trace: trace,
            receive: atPort.receive,
            hungUp: atPort.hungUp
        )
        return Line(loop: loop, device: device, atDevice: atDevice, port: port, atPort: atPort)
    }

    func close() async {
        await self.port.close()
        await self.device.hangUp()
    }
}

/// Opens a path and closes it again; for tests that only care whether that works.
func openAndClose(_ path: String, settings: SerialSettings = SerialSettings()) async throws(SerialError) {
    let port = try await SerialPort.open(
        path,
        settings: settings,
        on: MultiThreadedEventLoopGroup.singleton.next(),
        receive: { _ in },
        hungUp: { _ in }
    )
    await port.close()
}

/// Keeps a terminal's number from being given to another terminal after its device has hung up.
///
/// Tests of other modules open terminals in this process at the same time: without it, what is opened or counted by its
/// path after the hang-up may be one of theirs.
struct NumberKept {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = clinux_tty_open(path)
        try #require(descriptor >= 0, "\(path): errno \(-descriptor)")
    }

    func release() { _ = clinux_close(descriptor) }
}

/// How many descriptors of this process lead to a terminal, or did before its device hung up.
func descriptorCount(of path: String) -> Int {
    guard let directory = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        var target = [UInt8](repeating: 0, count: 512)
        let length = target.withUnsafeMutableBytes { space in
            space.withMemoryRebound(to: CChar.self) { chars in
                chars.baseAddress.map { readlink("/proc/self/fd/\(name)", $0, chars.count) } ?? -1
            }
        }
        guard length > 0 else { continue }
        let text = String(decoding: target.prefix(length), as: UTF8.self)
        if text == path || text == path + " (deleted)" { count += 1 }
    }
    return count
}

/// A gate for threads, which a test opens: stands in for a kernel driver that blocks.
final class Gate: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32
    private let isOpen = Mutex(false)

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(clinux_pipe(&ends) == 0)
        self.readEnd = ends[0]
        self.writeEnd = ends[1]
    }

    deinit {
        self.open()
        close(self.readEnd)
    }

    func open() {
        let isFirst = self.isOpen.withLock { isOpen in
            defer { isOpen = true }
            return !isOpen
        }
        if isFirst { close(self.writeEnd) }
    }

    /// Blocks the calling thread until the gate is open: the pipe then ends for every reader.
    func pass() {
        var byte: UInt8 = 0
        while read(self.readEnd, &byte, 1) < 0 && errno == EINTR {}
    }
}
