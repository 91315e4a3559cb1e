import CLinux
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import SerialPort

extension SerialTests {
    @Suite struct Ending {
        @Test("a hang-up while idle is told once, and leaves no descriptor behind")
        func idle() async throws {
            let line = try await Line.open()
            let number = try NumberKept(line.device.path)
            await line.device.hangUp()
            #expect(await line.atPort.hangUp() == .vanished)
            await line.port.close()
            try await line.loop.submit {}.get()
            #expect(line.atPort.record.hangUps == [.vanished])
            #expect(descriptorCount(of: line.device.path) == 1)
            number.release()
        }

        @Test("a hang-up while much is waiting to be written is told once")
        func whileWriting() async throws {
            let line = try await Line.open(settings: SerialSettings(unsentLimit: 1_000_000))
            line.device.pauseReading()
            line.port.write([UInt8](repeating: 7, count: 500_000))
            try await line.loop.submit { #expect(line.port.unsentBytes > 0) }.get()
            await line.device.hangUp()
            #expect(await line.atPort.hangUp() == .vanished)
            line.port.write([1, 2, 3])
            await line.port.close()
            #expect(line.atPort.record.hangUps == [.vanished])
        }

        @Test("what came before a hang-up is delivered before it")
        func bytesFirst() async throws {
            let line = try await Line.open()
            line.device.write(Array("\r\nNO CARRIER\r\n".utf8))
            _ = await line.atPort.bytes(14)
            await line.device.hangUp()
            #expect(await line.atPort.hangUp() == .vanished)
            #expect(line.atPort.record.bytesAtHangUp == 14)
        }

        @Test("a hang-up in the moment of opening is either an error of open or a hang-up, never silence")
        func rightAfterOpen() async throws {
            for round in 0..<60 {
                let loop = MultiThreadedEventLoopGroup.singleton.next()
                let device = try await PseudoTerminal.open(on: loop, receive: { _ in })
                let number = try NumberKept(device.path)
                let record = Recorder()
                async let gone: Void = device.hangUp()
                do {
                    // Every third time the hang-up certainly comes first on the loop, or certainly after.
                    if round % 3 == 0 { await gone }
                    let port = try await SerialPort.open(
                        device.path,
                        on: loop,
                        receive: record.receive,
                        hungUp: record.hungUp
                    )
                    #expect(await record.hangUp() == .vanished)
                    await port.close()
                } catch SerialError.notFound, SerialError.failed {
                    #expect(record.record.hangUps.isEmpty)
                }
                await gone
                #expect(record.record.hangUps.count <= 1)
                #expect(descriptorCount(of: device.path) == 1)
                number.release()
            }
        }

        @Test("a terminal that is hung up before it reaches the loop is told there")
        func beforeTheLoop() async throws {
            var master: Int32 = -1
            var slave: Int32 = -1
            var name = [CChar](repeating: 0, count: 64)
            try #require(clinux_open_pty(&master, &slave, &name, name.count) == 0)
            let descriptors = try TerminalDescriptors.duplicating(slave).get()
            _ = clinux_close(master)
            let record = Recorder()
            let terminal = try await TerminalChannel.attach(
                descriptors,
                keeper: Keeper(slave),
                path: "pty",
                settings: SerialSettings(),
                on: MultiThreadedEventLoopGroup.singleton.next(),
                trace: nil,
                receive: record.receive,
                hungUp: record.hungUp
            )
            #expect(await record.hangUp() == .vanished)
            await terminal.close()
            #expect(record.record.hangUps == [.vanished])
        }

        @Test("a write into a device that is already gone calls nobody back before it returns")
        func noCallInsideWrite() async throws {
            var master: Int32 = -1
            var slave: Int32 = -1
            var name = [CChar](repeating: 0, count: 64)
            try #require(clinux_open_pty(&master, &slave, &name, name.count) == 0)
            let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let record = Recorder()
            let port = try await SerialPort.open(path, on: loop, receive: record.receive, hungUp: record.hungUp)
            let (device, held) = (master, slave)
            try await loop.submit {
                _ = clinux_close(device)
                _ = clinux_close(held)
                port.write(Array("AT\r".utf8))
                port.write(Array("AT\r".utf8))
                #expect(record.record.hangUps.isEmpty)
                #expect(record.record.bytes.isEmpty)
            }
            .get()
            #expect(await record.hangUp() == .vanished)
            await port.close()
            #expect(record.record.hangUps.count == 1)
        }

        @Test("close tells a hang-up of its own kind, and a second close waits for the same end")
        func closeTwice() async throws {
            let line = try await Line.open()
            async let first: Void = line.port.close()
            async let second: Void = line.port.close()
            _ = await (first, second)
            await line.port.close()
            #expect(line.atPort.record.hangUps == [.closed])
            line.port.write([1])
            line.port.discardInput()
            #expect(await line.port.setModemLines(raised: false) == false)
            await line.device.hangUp()
        }

        @Test("close in the middle of a write that can't go on returns and drops the rest")
        func closeWhileWriting() async throws {
            let line = try await Line.open(settings: SerialSettings(unsentLimit: 1_000_000))
            line.device.pauseReading()
            line.port.write([UInt8](repeating: 7, count: 500_000))
            await line.port.close()
            #expect(line.atPort.record.hangUps == [.closed])
            try await openAndClose(line.device.path)
            await line.device.hangUp()
        }

        @Test("a driver that blocks in close holds up neither close nor the next open")
        func blockedClose() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let device = try await PseudoTerminal.open(on: loop, receive: { _ in })
            let number = try NumberKept(device.path)
            let gate = try Gate()
            let closed = Recorder()
            var system = TerminalSystem()
            system.close = { descriptor in
                gate.pass()
                _ = clinux_close(descriptor)
                closed.hungUp(.closed)
            }
            let record = Recorder()
            let port = try await SerialPort.open(
                device.path,
                settings: SerialSettings(closeTimeLimit: .milliseconds(20)),
                on: loop,
                trace: nil,
                system: system,
                receive: record.receive,
                hungUp: record.hungUp
            )
            await port.close()
            #expect(record.record.hangUps == [.closed])
            #expect(closed.record.hangUps.isEmpty)
            try await openAndClose(device.path)
            gate.open()
            #expect(await closed.hangUp() == .closed)
            await device.hangUp()
            #expect(descriptorCount(of: device.path) == 1)
            number.release()
        }

        @Test("a port that nobody refers to any more closes itself")
        func dropped() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let device = try await PseudoTerminal.open(on: loop, receive: { _ in })
            let record = Recorder()
            _ = try await SerialPort.open(device.path, on: loop, receive: record.receive, hungUp: record.hungUp)
            #expect(await record.hangUp() == .closed)
            await device.hangUp()
        }

        @Test("two hundred openings and closings leave no descriptor behind, and each next open succeeds at once")
        func cycles() async throws {
            let device = try await PseudoTerminal.open(
                on: MultiThreadedEventLoopGroup.singleton.next(),
                receive: { _ in }
            )
            let number = try NumberKept(device.path)
            let before = descriptorCount(of: device.path)
            for _ in 0..<200 { try await openAndClose(device.path) }
            #expect(descriptorCount(of: device.path) == before)
            await device.hangUp()
            #expect(descriptorCount(of: device.path) == 1)
            number.release()
        }
    }
}
