import CLinux
import Glibc
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import SerialPort

extension SerialTests {
    @Suite struct Exclusive {
        @Test("a second open in this program conflicts until the first is closed")
        func inProcess() async throws {
            let line = try await Line.open()
            await #expect(throws: SerialError.busy(path: line.device.path, holder: "this program itself")) {
                try await openAndClose(line.device.path)
            }
            // The loser has not disturbed the winner.
            line.port.write([1])
            #expect(await line.atDevice.bytes(1) == [1])
            await line.port.close()
            try await openAndClose(line.device.path)
            await line.device.hangUp()
        }

        @Test("a conflict with another program names it and its process number")
        func otherProgram() async throws {
            let received = Recorder()
            let device = try await PseudoTerminal.open(
                on: MultiThreadedEventLoopGroup.singleton.next(),
                receive: received.receive
            )
            let script = "echo ready > \(device.path); exec sleep 600"
            let child = try #require(
                Child.spawn("flock", "--no-fork", "--exclusive", device.path, "sh", "-c", script)
            )
            // The bytes come from behind the lock, then `sleep` takes the process over; its name follows a moment later.
            _ = await received.bytes(5)
            let error = await #expect(throws: SerialError.self) { try await openAndClose(device.path) }
            guard case .busy(device.path, let holder?) = error else {
                Issue.record("\(String(describing: error))")
                return child.end()
            }
            #expect(holder == "sleep (process \(child.process))" || holder == "sh (process \(child.process))")
            child.end()
            try await openAndClose(device.path)
            await device.hangUp()
        }

        @Test("what a lock file of the UUCP kind names is respected while it lives", arguments: [true, false])
        func lockFile(alive: Bool) async throws {
            let device = try await Opening.device()
            let child = try #require(Child.spawn("sleep", "600"))
            if !alive { child.end() }
            let directory = try TemporaryDirectory()
            let folder = directory.path
            let number = device.path.split(separator: "/").last.map(String.init) ?? ""
            let file = Glibc.open("\(folder)/LCK..pts_\(number)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
            try #require(file >= 0)
            let text = Array("      \(child.process)\n".utf8)
            #expect(Glibc.write(file, text, text.count) == text.count)
            _ = clinux_close(file)
            var system = TerminalSystem()
            system.lockDirectories = [folder]
            if alive {
                let error = await #expect(throws: SerialError.self) {
                    try await Opening.open(device.path, system: system)
                }
                #expect(error?.description.contains("process \(child.process)") == true)
            } else {
                try await Opening.open(device.path, system: system)
            }
            withExtendedLifetime(directory) {}
            if alive { child.end() }
            await device.hangUp()
        }

        @Test(
            "a lock file holds its process number in digits or in four bytes",
            arguments: [
                (Array("       812\n".utf8), Int32(812)), (Array("812".utf8), 812),
                (Array("812 minicom root\n".utf8), 812),
                ([0x2C, 0x03, 0, 0], 812), ([], nil), (Array("none".utf8), nil), (Array("0\n".utf8), nil),
                (Array("-1\n".utf8), nil), ([0, 0, 0, 0], nil),
            ] as [([UInt8], Int32?)]
        )
        func lockFileForms(contents: [UInt8], process: Int32?) {
            #expect(PortHolder.processNumber(inLockFile: contents) == process)
        }

        @Test("the list of locks is read by device and inode, and only its flocks")
        func locks() {
            var node = clinux_node()
            node.device_major = 0
            node.device_minor = 0x17
            node.inode = 5
            let text = """
                1: POSIX  ADVISORY  WRITE 700 00:17:5 0 EOF
                2: FLOCK  ADVISORY  WRITE 701 00:18:5 0 EOF
                2: -> FLOCK  ADVISORY  WRITE 702 00:17:5 0 EOF
                3: FLOCK  ADVISORY  WRITE 703 00:17:5 0 EOF
                """
            #expect(PortHolder.lockOwner(of: node, inLocks: text) == 703)
            node.inode = 6
            #expect(PortHolder.lockOwner(of: node, inLocks: text) == nil)
            #expect(PortHolder.lockOwner(of: node, inLocks: "garbage\n: : :") == nil)
        }
    }
}

/// Another program, started by a test.
struct Child: Sendable {
    let process: Int32

    static func spawn(_ words: String...) -> Child? {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process: Int32 = 0
        guard let program = words.first, posix_spawnp(&process, program, nil, nil, arguments, environ) == 0 else {
            return nil
        }
        return Child(process: process)
    }

    /// Ends the program and waits until it is gone.
    func end() {
        kill(self.process, SIGKILL)
        var status: Int32 = 0
        waitpid(self.process, &status, 0)
    }
}
