import FoundationEssentials
import Testing

/// What the packaged unit promises; systemd itself judges it in packaging/systemd/check.
@Suite struct UnitFileTests {
    private static func values(_ key: String) throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "packaging/systemd/gsmbridge.service")
        return String(decoding: try Data(contentsOf: file), as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix(key + "=") }
            .map { String($0.dropFirst(key.count + 1)) }
    }

    @Test("threads that set their own priority are told that it is done, behind the groups that would forbid it")
    func filter() throws {
        let lines = try Self.values("SystemCallFilter")
        let forbids = try #require(lines.firstIndex { $0.hasPrefix("~") && $0.contains("@resources") })
        let tells = try #require(lines.firstIndex(of: "~setpriority:0"))
        #expect(tells > forbids)
        // The thread that moves sound asks for real-time priority itself.
        let allows = try #require(lines.firstIndex(of: "sched_setscheduler"))
        #expect(allows > forbids)
        #expect(try Self.values("RestrictRealtime") == ["no"])
        #expect(try Self.values("LimitRTPRIO") == ["20"])
        #expect(try Self.values("LimitMEMLOCK") == ["infinity"])
    }

    @Test("a reload tells the service, and fails where the file that the service reads is wrong")
    func reload() throws {
        let check = "/usr/bin/env -u CREDENTIALS_DIRECTORY /usr/bin/gsmbridge config check --process $MAINPID"
        #expect(try Self.values("ExecReload") == ["/bin/kill -HUP $MAINPID", check])
    }

    @Test("what a person has to mend is not tried again; a credential that is not there is, at leisure")
    func restarts() throws {
        let statuses = try Self.values("RestartPreventExitStatus").joined().split(separator: " ")
        #expect(Set(statuses) == ["64", "78"])
        // systemd.exec(5), EXIT_CREDENTIALS.
        let pause = try #require(try Self.values("ExecStopPost").first)
        #expect(pause == #"/bin/sh -c 'if [ "$$EXIT_STATUS" = 243 ]; then exec sleep 28; fi'"#)
    }

    @Test("a crash is over at once: meanwhile nothing ends a call")
    func crashes() throws { #expect(try Self.values("Environment") == ["SWIFT_BACKTRACE=enable=no"]) }
}
