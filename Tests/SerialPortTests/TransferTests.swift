import CLinux
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import SerialPort

extension SerialTests {
    @Suite struct Transfer {
        @Test("a command reaches the device and its answer comes back")
        func roundTrip() async throws {
            let line = try await Line.open()
            line.port.write(Array("AT\r".utf8))
            #expect(await line.atDevice.bytes(3) == Array("AT\r".utf8))
            line.device.write(Array("\r\nOK\r\n".utf8))
            #expect(await line.atPort.bytes(6) == Array("\r\nOK\r\n".utf8))
            await line.close()
        }

        @Test("all byte values pass unchanged in both directions")
        func allBytes() async throws {
            let all = Array(UInt8.min...UInt8.max)
            let line = try await Line.open()
            line.port.write(all)
            #expect(await line.atDevice.bytes(256) == all)
            line.device.write(all)
            #expect(await line.atPort.bytes(256) == all)
            await line.close()
        }

        @Test("a megabyte is written in order to a device that stops reading for a while", arguments: [true, false])
        func largeWrite(fromLoop: Bool) async throws {
            let line = try await Line.open(settings: SerialSettings(unsentLimit: 4 * 1024 * 1024))
            line.device.pauseReading()
            let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            if fromLoop {
                let waiting = try await line.loop
                    .submit {
                        line.port.write(bytes)
                        return line.port.unsentBytes
                    }
                    .get()
                #expect(waiting > 900_000)
            } else {
                line.port.write(bytes)
            }
            line.port.write(Array("end".utf8))
            line.device.resumeReading()
            let received = await line.atDevice.bytes(bytes.count + 3)
            #expect(received == bytes + Array("end".utf8))
            #expect(try await line.loop.submit { line.port.unsentBytes }.get() == 0)
            await line.close()
        }

        @Test("a megabyte from the device is read in pieces of at most 4096 bytes")
        func largeRead() async throws {
            let line = try await Line.open()
            let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 17 &+ $0 >> 9) }
            line.device.write(bytes)
            let record = await line.atPort.wait { $0.bytes.count >= bytes.count }
            #expect(record.bytes == bytes)
            #expect(record.reads >= bytes.count / 4096)
            await line.close()
        }

        @Test("many small writes from the loop and from elsewhere keep their order")
        func splitWrites() async throws {
            let line = try await Line.open()
            let bytes = (0..<2000).map { UInt8(truncatingIfNeeded: $0) }
            for byte in bytes { line.port.write([byte]) }
            #expect(await line.atDevice.bytes(2000) == bytes)
            try await line.loop.submit { for byte in bytes { line.port.write([byte]) } }.get()
            #expect(await line.atDevice.bytes(4000) == bytes + bytes)
            await line.close()
        }

        @Test("a write of nothing sends nothing")
        func emptyWrite() async throws {
            let line = try await Line.open()
            line.port.write([])
            line.port.write([1])
            #expect(await line.atDevice.bytes(1) == [1])
            await line.close()
        }

        @Test("a device that takes nothing more is hung up when the limit is reached")
        func stuckDevice() async throws {
            let line = try await Line.open(settings: SerialSettings(unsentLimit: 100_000))
            line.device.pauseReading()
            for _ in 0..<40 { line.port.write([UInt8](repeating: 0, count: 10_000)) }
            guard case .stuck(let unsent) = await line.atPort.hangUp() else {
                Issue.record("\(line.atPort.record.hangUps)")
                return
            }
            #expect(unsent > 100_000 && unsent <= 110_000)
            await line.close()
            #expect(line.atPort.record.hangUps.count == 1)
        }

        @Test("single bytes to a device that takes none hang the port up long before they fill the memory")
        func stuckBySingleBytes() async throws {
            let line = try await Line.open()
            line.device.pauseReading()
            try await line.loop
                .submit { for _ in 0..<200_000 { line.port.write([0x1B]) } }
                .get()
            guard case .stuck(let unsent) = await line.atPort.hangUp() else {
                Issue.record("\(line.atPort.record.hangUps)")
                return
            }
            #expect(unsent == 64 * 1024 + 1)
            await line.close()
        }

        @Test("discarded input is gone, and the answer to what is written next is not")
        func discard() async throws {
            let line = try await Line.open()
            // The loop is kept from reading until all of this has happened.
            try await line.loop
                .submit {
                    let probe = clinux_tty_open(line.device.path)
                    #expect(probe >= 0)
                    line.device.write(Array("stale".utf8))
                    // Waits for the bytes without taking them.
                    var pending: Int32 = 0
                    while pending < 5 { pending = pendingInput(probe) }
                    _ = clinux_close(probe)
                    line.port.discardInput()
                    line.port.write(Array("AT\r".utf8))
                }
                .get()
            #expect(await line.atDevice.bytes(3) == Array("AT\r".utf8))
            line.device.write(Array("fresh".utf8))
            #expect(await line.atPort.bytes(5) == Array("fresh".utf8))
            await line.close()
        }

        @Test("a trace sees both directions, in order, with times")
        func trace() async throws {
            let entries = Mutex<[(SerialTrace.Direction, String, ContinuousClock.Instant)]>([])
            let trace = SerialTrace { direction, bytes, time in
                entries.withLock { $0.append((direction, SerialTrace.printable(bytes), time)) }
            }
            let before = ContinuousClock.now
            let line = try await Line.open(trace: trace)
            line.port.write(Array("AT\r".utf8))
            _ = await line.atDevice.bytes(3)
            line.device.write(Array("\r\nOK\r\n".utf8))
            _ = await line.atPort.bytes(6)
            await line.close()
            let seen = entries.withLock { $0 }
            #expect(seen.first?.0 == .sent && seen.first?.1 == #"AT\r"#)
            #expect(seen.dropFirst().allSatisfy { $0.0 == .received })
            #expect(seen.dropFirst().map(\.1).joined() == #"\r\nOK\r\n"#)
            #expect(zip([before] + seen.map(\.2), seen.map(\.2)).allSatisfy { $0 <= $1 })
        }

        @Test("bytes are shown on one line of plain ASCII")
        func printable() {
            #expect(SerialTrace.printable([0x41, 0x0D, 0x0A, 0x00, 0x1A, 0xFF, 0x5C]) == #"A\r\n\x00\x1A\xFF\\"#)
        }

        @Test("an actor on the port's loop is entered from the callback without a hop, and may write from there")
        func actorOnTheLoop() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let atDevice = Recorder()
            let device = try await PseudoTerminal.open(on: loop, receive: atDevice.receive)
            let owner = Owner(loop)
            try await owner.open(device.path)
            device.write(Array("ping".utf8))
            #expect(await atDevice.bytes(4) == Array("pong".utf8))
            #expect(await owner.received == Array("ping".utf8))
            await device.hangUp()
            #expect(await owner.untilHungUp() == .vanished)
            #expect(await owner.wasAlwaysOnLoop)
        }
    }
}

/// An actor that lives on an event loop, as the one that owns a modem does.
private actor Owner {
    private let loop: any EventLoop
    private var port: SerialPort?
    private(set) var received: [UInt8] = []
    private(set) var wasAlwaysOnLoop = true
    private var hangUp: HangUp?
    private var waiting: CheckedContinuation<HangUp, Never>?

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.executor.asUnownedSerialExecutor() }

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func open(_ path: String) async throws {
        self.port = try await SerialPort.open(
            path,
            on: self.loop,
            for: self,
            receive: { owner, bytes in owner.feed(bytes) },
            hungUp: { owner, reason in owner.ended(reason) }
        )
        self.wasAlwaysOnLoop = self.wasAlwaysOnLoop && self.loop.inEventLoop
    }

    private func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.wasAlwaysOnLoop = self.wasAlwaysOnLoop && self.loop.inEventLoop
        self.received += bytes
        if self.received == Array("ping".utf8) { self.port?.write(Array("pong".utf8)) }
    }

    private func ended(_ reason: HangUp) {
        self.hangUp = reason
        self.waiting?.resume(returning: reason)
        self.waiting = nil
    }

    func untilHungUp() async -> HangUp {
        if let hangUp { return hangUp }
        return await withCheckedContinuation { self.waiting = $0 }
    }
}
