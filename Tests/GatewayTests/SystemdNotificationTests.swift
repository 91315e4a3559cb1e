import Gateway
import Glibc
import Systemd
import Testing

@Suite struct SystemdNotificationTests {
    @Test("messages arrive at a socket with a path")
    func path() throws {
        let manager = try ServiceManager(abstract: false)
        let found = try SystemdNotification.find(environment: ["NOTIFY_SOCKET": manager.name])
        let notification = try #require(found)
        try notification.send(.ready, .status("8 modems ready"))
        #expect(manager.received() == "READY=1\nSTATUS=8 modems ready")
        try notification.send(.watchdog)
        try notification.send(.stopping)
        #expect(manager.received() == "WATCHDOG=1")
        #expect(manager.received() == "STOPPING=1")
    }

    @Test("messages arrive at an abstract socket")
    func abstract() throws {
        let manager = try ServiceManager(abstract: true)
        try SystemdNotification(socket: manager.name).send(.ready)
        #expect(manager.received() == "READY=1")
    }

    @Test("a reload says when it began")
    func reload() throws {
        let manager = try ServiceManager(abstract: true)
        let notification = try SystemdNotification(socket: manager.name)
        try notification.send(.reloading)
        try notification.send(.reloading)
        let times = try (0..<2)
            .map { _ in
                let lines = try #require(manager.received()).split(separator: "\n")
                try #require(lines.count == 2)
                #expect(lines[0] == "RELOADING=1")
                #expect(lines[1].hasPrefix("MONOTONIC_USEC="))
                return try #require(UInt64(lines[1].dropFirst("MONOTONIC_USEC=".count)))
            }
        #expect(times[0] > 0 && times[1] >= times[0])
    }

    @Test("a status can't bring in other assignments, and is cut where nobody reads on")
    func hostileStatus() throws {
        let manager = try ServiceManager(abstract: true)
        let notification = try SystemdNotification(socket: manager.name)
        try notification.send(.status("calling\nMAINPID=1\r\nREADY=1"))
        #expect(manager.received() == "STATUS=calling MAINPID=1  READY=1")
        try notification.send(.status(String(repeating: "x", count: 100_000)))
        #expect(manager.received()?.utf8.count == 4096)
    }

    @Test("more time is asked for in microseconds")
    func extendTimeout() throws {
        let manager = try ServiceManager(abstract: true)
        let notification = try SystemdNotification(socket: manager.name)
        try notification.send(.extendTimeout(.milliseconds(1500)))
        #expect(manager.received() == "EXTEND_TIMEOUT_USEC=1500000")
        try notification.send(.extendTimeout(.seconds(-1)))
        #expect(manager.received() == "EXTEND_TIMEOUT_USEC=0")
    }

    @Test("nobody is told where nobody asked", arguments: [[:], ["NOTIFY_SOCKET": ""]])
    func nobody(_ environment: [String: String]) throws {
        let found = try SystemdNotification.find(environment: environment)
        #expect(found == nil)
    }

    @Test(
        "sockets of other kinds are refused",
        arguments: ["relative", "vsock:2:1234", "/", "@", "/" + String(repeating: "x", count: 107)]
    )
    func unusable(_ socket: String) {
        #expect(throws: SystemdNotificationError.unusable(socket: socket)) {
            try SystemdNotification.find(environment: ["NOTIFY_SOCKET": socket])
        }
    }

    @Test("a service manager that is gone is an error, not a crash")
    func gone() throws {
        let notification = try SystemdNotification(socket: "/nonexistent/notify")
        #expect(throws: SystemdNotificationError.failed(operation: "sendto", errno: ENOENT)) {
            try notification.send(.watchdog)
        }
    }

    @Test("a service manager that does not read is an error, not a wait")
    func full() throws {
        let manager = try ServiceManager(abstract: true)
        let notification = try SystemdNotification(socket: manager.name)
        #expect(throws: SystemdNotificationError.failed(operation: "sendto", errno: EAGAIN)) {
            for _ in 0..<10_000 { try notification.send(.watchdog) }
        }
    }

    @Test(
        "the watchdog's time is read, if it is meant for us",
        arguments: [
            (["WATCHDOG_USEC": "30000000"], Duration.seconds(30)),
            (["WATCHDOG_USEC": "500000", "WATCHDOG_PID": "42"], .milliseconds(500)),
            (["WATCHDOG_USEC": "500000", "WATCHDOG_PID": ""], .milliseconds(500)),
            (["WATCHDOG_USEC": "500000", "WATCHDOG_PID": "43"], nil),
            (["WATCHDOG_USEC": "500000", "WATCHDOG_PID": "x"], nil),
            (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "soon"], nil),
            (["WATCHDOG_PID": "42"], nil), ([:], nil),
        ]
    )
    func watchdog(_ environment: [String: String], _ interval: Duration?) {
        #expect(SystemdNotification.watchdogInterval(environment: environment, processID: 42) == interval)
    }
}

/// The receiving end of the notification socket.
private final class ServiceManager {
    struct Failure: Error { let errno: Int32 }

    let name: String
    private let descriptor: Int32
    private let isAbstract: Bool

    init(abstract: Bool) throws {
        isAbstract = abstract
        name = "\(abstract ? "@" : "/tmp/")gsmbridge-notify-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var bytes = Array(name.utf8)
        if abstract { bytes[0] = 0 }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size - 108 + bytes.count)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard status == 0 else { throw Failure(errno: errno) }
    }

    deinit {
        close(descriptor)
        if !isAbstract { unlink(name) }
    }

    func received() -> String? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
