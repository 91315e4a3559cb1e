import ATProtocol
import CallFlows
import CallModel
import Logging
import Modem
import ModemSimulator
import ModemTestSupport
import Synchronization
import Testing

/// Modems that restart and keep their tty, and modems that another program has left in a state of its own.
@Suite struct RestartTests {
    private static func profile(_ family: SimulatedFamily, _ faults: String...) throws -> ModemProfile {
        var profile = ModemProfile(family)
        profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
        return profile
    }

    /// How often the session asked to be brought up anew.
    private static func watch(_ rig: RingRig) -> Count {
        let count = Count()
        _ = rig.perform { session in
            await session.watchHealth { report in
                if case .restarted = report { count.increment() }
            }
        }
        return count
    }

    @Test("a modem that says that it has just started is to be brought up anew")
    func message() throws {
        let rig = try #require(RingRig(ModemProfile(.quectel)))
        let count = Self.watch(rig)
        rig.receive("RDY")
        #expect(count.value == 1)
        // More of the same belongs to the same start.
        rig.receive("RDY")
        #expect(count.value == 1)
        rig.receive("PB DONE")
        #expect(count.value == 1)
    }

    @Test(
        "so is one whose echo is on again, and one whose settings are gone",
        arguments: ["ATE1", "AT+CMEE=0", "AT+CRC=0"]
    )
    func quiet(command: String) throws {
        let rig = try #require(RingRig(ModemProfile(.generic)))
        let count = Self.watch(rig)
        _ = rig.perform { try? await $0.execute(ATCommand(command)) }
        #expect(rig.perform { await $0.isAlive() } == true)
        _ = rig.perform { try? await $0.health() }
        #expect(count.value == 1)
    }

    @Test("one that is as it was set is left alone", arguments: SimulatedFamily.allCases)
    func leftAlone(_ family: SimulatedFamily) throws {
        let rig = try #require(RingRig(ModemProfile(family)))
        let count = Self.watch(rig)
        for _ in 0..<5 {
            #expect(rig.perform { await $0.isAlive() } == true)
            _ = rig.perform { try? await $0.health() }
            rig.pass(.seconds(30))
        }
        #expect(count.value == 0)
    }

    @Test(
        "one that restarts in a call without a word loses the call: it is not said to have been completed",
        arguments: SimulatedFamily.allCases
    )
    func quietInCall(_ family: SimulatedFamily) throws {
        let rig = CallRig(try Self.profile(family, "quiet-reset:in_progress"))
        let outcome = rig.call()
        #expect(outcome.end?.outcome == .modemFailed, "\(String(describing: outcome.end))")
    }

    @Test(
        "its echo gives away a restart that kept what is asked for",
        arguments: SimulatedFamily.allCases
    )
    func echoInCall(_ family: SimulatedFamily) throws {
        var profile = try Self.profile(family, "quiet-reset:in_progress")
        profile.faults.append(try SimulatedFault(parsing: "stored-settings"))
        let outcome = CallRig(profile).call()
        #expect(outcome.end?.outcome == .modemFailed, "\(String(describing: outcome.end))")
    }

    @Test(
        "a modem that was left in UCS2 tells callers as every other does",
        arguments: SimulatedFamily.allCases,
        ["left-in-ucs2", "only-ucs2"]
    )
    func ucs2(_ family: SimulatedFamily, _ fault: String) throws {
        let rig = try #require(RingRig(try Self.profile(family, fault)))
        rig.ring(from: "+4922166966960")
        rig.pass(.seconds(8))
        #expect(rig.caller == .number("+4922166966960"), "\(rig.updates)")
        #expect(rig.steps.contains("answered"))
        let health = rig.perform { try? await $0.health() } ?? nil
        #expect(health?.operatorName == "o2 - de")
    }

    @Test(
        "makes that report calls in their own way are followed",
        arguments: SimulatedFamily.allCases,
        ["unisoc-reports", "longsung-reports", "error-text", "silent-at", "data-rings"]
    )
    func habits(_ family: SimulatedFamily, _ fault: String) throws {
        let rig = try #require(RingRig(try Self.profile(family, fault)))
        let id = try #require(rig.ring(from: "+4922166966960"))
        rig.pass(.seconds(8))
        #expect(rig.asked.allSatisfy { $0.number == nil || $0.number == "+4922166966960" }, "\(rig.asked)")
        #expect(rig.steps.contains("answered"), "\(rig.steps)")
        rig.hangUpFarSide(id)
        rig.pass(.seconds(10))
        #expect(rig.steps.last == "released: remote", "\(rig.steps)")
        #expect(rig.perform { await $0.isAlive() } == true)
        let call = CallRig(try Self.profile(family, fault))
        #expect(call.call().end?.outcome == .completed)
    }

    @Test("a call to a busy number is busy by what Longsung's modules report", arguments: [SimulatedFamily.generic])
    func busy(_ family: SimulatedFamily) throws {
        let rig = CallRig(try Self.profile(family, "longsung-reports"))
        let end = rig.call("+4922166966970").end
        #expect(end?.outcome == .busy)
        #expect(end?.cause == 17)
    }

    @Test("a log does not grow by what a modem repeats")
    func repeated() throws {
        let lines = Count()
        let log = Logger(label: "test") { _ in CountingLogHandler(lines) }
        let rig = CallRig(ModemProfile(.generic), log: log)
        rig.start { _ in }
        rig.drive(until: rig.loop.now + .seconds(1))
        let before = lines.value
        for _ in 0..<500 {
            rig.say("OK")
            rig.say(">")
            rig.drive(until: rig.loop.now + .milliseconds(20))
        }
        #expect(lines.value - before <= 4)
    }
}

/// A number that closures may share.
private final class Count: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }
    func increment() { number.withLock { $0 += 1 } }
}

/// Counts lines.
private struct CountingLogHandler: LogHandler {
    let lines: Count
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    init(_ lines: Count) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.increment() }
}
