import Modem
import ModemSimulator
import ModemTestSupport
import SimulatedTerminals
import Synchronization
import Testing

@testable import Lines

@Suite("Who gets a modem first", .timeLimit(.minutes(10)))
struct LeaseClassTests {
    private static func profile(_ faults: String...) throws -> ModemProfile {
        var profile = ModemProfile(.quectel)
        profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
        return profile
    }

    private static func ready(_ profile: ModemProfile = ModemProfile(.quectel)) throws -> ManualRig {
        let rig = try ManualRig([profile])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(1))
        return rig
    }

    private static func lease(_ rig: ManualRig, for leaseClass: LeaseClass) throws -> ModemLease {
        let lease = rig.perform { fleet in
            try? await fleet.lease(ModemWish(modem: "1-1.1", for: leaseClass), within: .zero)
        }
        return try #require(lease ?? nil)
    }

    private static func commands(_ rig: ManualRig) -> [String] { rig.withWorld { world, _ in world.commands(of: 0) } }

    /// A modem that searches for networks because a person said so, which takes a minute.
    private static func searching() throws -> (rig: ManualRig, outcome: Outcome) {
        let rig = try ready(try profile("late-reply:AT+COPS=?:60s"))
        let outcome = Outcome()
        let lease = try lease(rig, for: .maintenance)
        rig.loop.start {
            do throws(NoAnswer) {
                _ = try await lease.session.typed("AT+COPS=?", within: .seconds(180))
                outcome.text.withLock { $0 = "answered" }
            } catch {
                outcome.text.withLock { $0 = "\(error)" }
            }
            await lease.giveBack(clean: true)
        }
        rig.drive(.seconds(5))
        #expect(commands(rig).last == "AT+COPS=?")
        return (rig, outcome)
    }

    private final class Outcome: Sendable {
        let text = Mutex<String?>(nil)
    }

    @Test("help goes before calls, these before messages, and these before talks")
    func order() throws {
        #expect(LeaseClass.allCases.sorted() == [.maintenance, .message, .call, .help])
        let rig = try Self.ready()
        let first = try Self.lease(rig, for: .call)
        let served = Mutex<[LeaseClass]>([])
        for leaseClass in [LeaseClass.maintenance, .message, .call, .maintenance, .call] {
            rig.loop.start { [fleet = rig.fleet] in
                do throws(FleetError) {
                    let lease = try await fleet.lease(ModemWish(for: leaseClass), within: .seconds(60))
                    served.withLock { $0.append(leaseClass) }
                    await lease.giveBack(clean: true)
                } catch {
                    Issue.record("\(leaseClass): \(error)")
                }
            }
            rig.drive(.milliseconds(10))
        }
        _ = rig.perform { _ in await first.giveBack(clean: true) }
        rig.drive(.seconds(1))
        #expect(served.withLock { $0 } == [.call, .call, .message, .maintenance, .maintenance])
    }

    @Test("a call has those end who have a modem for messages, and waits for it; a ring takes it at once")
    func messages() throws {
        let rig = try Self.ready()
        let told = Mutex(0)
        func forMessages() throws -> ModemLease {
            let lease = rig.perform { fleet in
                try? await fleet.lease(ModemWish(modem: "1-1.1", for: .message), within: .zero) {
                    told.withLock { $0 += 1 }
                }
            }
            return try #require(lease ?? nil)
        }
        let message = try forMessages()
        #expect(rig.perform { fleet in await fleet.statuses().first?.state } == .ready)
        let call = Mutex<ModemLease?>(nil)
        rig.loop.start { [fleet = rig.fleet] in
            let lease = try? await fleet.lease(ModemWish(for: .call), within: .zero)
            call.withLock { $0 = lease }
        }
        rig.drive(.milliseconds(10))
        #expect(told.withLock { $0 } == 1)
        #expect(call.withLock { $0 } == nil)
        _ = rig.perform { _ in await message.giveBack(clean: true) }
        rig.drive(.milliseconds(10))
        let lease = try #require(call.withLock { $0 })
        _ = rig.perform { _ in await lease.giveBack(clean: true) }
        rig.drive(.seconds(1))
        // A ring needs it now, also when a call has asked before.
        let next = try forMessages()
        rig.loop.start { [fleet = rig.fleet] in
            _ = try? await fleet.lease(ModemWish(for: .call), within: .seconds(1))
        }
        rig.drive(.milliseconds(10))
        #expect(rig.perform { fleet in await fleet.leaseForIncoming(next.session) } ?? nil != nil)
        #expect(told.withLock { $0 } == 3)
    }

    @Test(
        "who restarts a modem by hand waits for a look at its messages, and not for a call",
        arguments: [true, false]
    )
    func restarts(behindMessages isMessage: Bool) throws {
        let rig = try Self.ready()
        let lease = try Self.lease(rig, for: isMessage ? .message : .call)
        let result = Mutex<Result<LineStatus, FleetError>?>(nil)
        rig.loop.start { [fleet = rig.fleet] in
            do throws(FleetError) {
                let status = try await fleet.restart("1-1.1")
                result.withLock { $0 = .success(status) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
        }
        rig.drive(.seconds(1))
        guard isMessage else {
            #expect(throws: FleetError.self) { try #require(result.withLock { $0 }).get() }
            return
        }
        #expect(result.withLock { $0 == nil })
        _ = rig.perform { _ in await lease.giveBack(clean: true) }
        rig.drive(.seconds(1)) { result.withLock { $0 != nil } }
        #expect(try result.withLock { $0 }?.get().state == .recovering)
    }

    @Test("who waits behind a restart by hand does not have the modem again before it")
    func restartsFirst() throws {
        let rig = try Self.ready()
        let lease = try Self.lease(rig, for: .message)
        let result = Mutex<Result<LineStatus, FleetError>?>(nil)
        rig.loop.start { [fleet = rig.fleet] in
            do throws(FleetError) {
                let status = try await fleet.restart("1-1.1")
                result.withLock { $0 = .success(status) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
        }
        rig.drive(.milliseconds(1))
        rig.loop.start { [fleet = rig.fleet] in
            _ = try? await fleet.lease(ModemWish(for: .maintenance), within: .seconds(3600))
        }
        rig.drive(.milliseconds(1))
        _ = rig.perform { _ in await lease.giveBack(clean: true) }
        rig.drive(.seconds(1)) { result.withLock { $0 != nil } }
        #expect(try result.withLock { $0 }?.get().state == .recovering)
    }

    @Test("a ring does not take the modem that a call for help has just taken from a talk")
    func ringBehindHelp() throws {
        let rig = try Self.ready()
        let talk = try Self.lease(rig, for: .maintenance)
        let asked = rig.loop.now
        let help = Mutex<ModemLease?>(nil)
        rig.loop.start { [fleet = rig.fleet] in
            let lease = try? await fleet.lease(ModemWish(for: .help), within: .seconds(30))
            help.withLock { $0 = lease }
        }
        rig.drive(.milliseconds(1))
        #expect((rig.perform { fleet in await fleet.leaseForIncoming(talk.session) } ?? nil) == nil)
        rig.drive(.seconds(10)) { help.withLock { $0 } != nil }
        #expect(help.withLock { $0 }?.session === talk.session)
        #expect(rig.loop.now - asked < .seconds(1))
        // A second ring finds the call for help.
        #expect((rig.perform { fleet in await fleet.leaseForIncoming(talk.session) } ?? nil) == nil)
    }

    @Test("a ring during a command of a minute takes the modem, and is answered within a second")
    func ring() throws {
        let (rig, outcome) = try Self.searching()
        let session = try #require(rig.perform { fleet in await fleet.modem("1-1.1")?.session } ?? nil)
        let lease = Mutex<ModemLease?>(nil)
        _ = rig.perform { [fleet = rig.fleet, loop = rig.loop] _ in
            await session.watchIncoming {
                $0.number == nil ? .later : .answer
            } updates: { update in
                guard case .ringing = update else { return }
                loop.start {
                    let taken = await fleet.leaseForIncoming(session)
                    lease.withLock { $0 = taken }
                }
            }
        }
        rig.withWorld { world, now in _ = world.ring(modem: 0, from: "+4922166966960", at: now) }
        // The caller is known some 0.1 s after the call has arrived.
        rig.drive(.milliseconds(1100))
        #expect(Self.commands(rig).contains("ATA"), "\(Self.commands(rig).suffix(3))")
        rig.drive(.seconds(4))
        #expect(outcome.text.withLock { $0 } == "broken off: the modem was needed for a call")
        #expect(lease.withLock { $0 } != nil && rig.state() == .inCall)
        #expect(rig.withWorld { world, _ in world.liveCalls(of: 0) } == 1)
        #expect(rig.withWorld { world, _ in world.violations } == [])
    }

    @Test("a call for help during such a command is dialled within a second")
    func help() throws {
        let (rig, outcome) = try Self.searching()
        rig.loop.start { [fleet = rig.fleet] in
            do {
                let lease = try await fleet.lease(ModemWish(for: .help), within: .seconds(30))
                try await lease.session.prepareToDial(isForEmergency: true)
                try await lease.session.dial("112", blocksFor: .seconds(60)) { _ in }
                _ = await lease.session.hangUp()
                await lease.giveBack(clean: true)
            } catch {
                Issue.record("\(error)")
            }
        }
        rig.drive(.seconds(1))
        #expect(Self.commands(rig).contains("ATD112;"), "\(Self.commands(rig).suffix(3))")
        #expect(outcome.text.withLock { $0 } == "broken off: the modem was needed for a call")
        #expect(rig.waits(for: .ready))
        #expect(rig.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
    }

    @Test("a modem without a network is talked to, looked at again, and not set up anew")
    func blocked() throws {
        var profile = try Self.profile()
        profile.registration = .denied
        let rig = try ManualRig([profile])
        rig.plugAll()
        #expect(rig.waits(for: .failed))
        rig.drive(.seconds(5))
        let setUps = Self.commands(rig).count { $0 == "AT+CGMI" }
        for _ in 0..<3 {
            let talk = try Self.lease(rig, for: .maintenance)
            #expect(rig.state() == .failed)
            #expect((rig.perform { fleet in try? await fleet.lease(ModemWish(), within: .zero) } ?? nil) == nil)
            rig.drive(.seconds(1))
            _ = rig.perform { _ in await talk.giveBack(clean: true) }
            rig.drive(.seconds(2))
        }
        #expect(rig.state() == .failed)
        #expect(Self.commands(rig).count { $0 == "AT+CGMI" } == setUps)
        rig.withWorld { world, now in world.setRegistration(.home, of: 0, at: now) }
        #expect(rig.waits(for: .ready))
    }

    @Test("a modem that is being set up finishes that beside a talk, and is lent to nobody else meanwhile")
    func beside() throws {
        let rig = try ManualRig([ModemProfile(.quectel)])
        rig.plugAll()
        rig.drive(.seconds(10)) { rig.state() == .starting && Self.commands(rig).contains("AT+CGMI") }
        let talk = try Self.lease(rig, for: .maintenance)
        rig.drive(.seconds(60))
        #expect(Self.commands(rig).count { $0 == "AT+CGMI" } == 1)
        #expect((rig.perform { fleet in try? await fleet.lease(ModemWish(), within: .zero) } ?? nil) == nil)
        _ = rig.perform { _ in await talk.giveBack(clean: true) }
        #expect(rig.state() == .ready)
        let call = rig.perform { fleet in try? await fleet.lease(ModemWish(), within: .zero) } ?? nil
        #expect(call != nil)
    }

    @Test("nobody talks to a modem while it is seen to that its last call is over")
    func settling() throws {
        let rig = try Self.ready(try Self.profile("late-reply:AT+CLCC:2s:*"))
        let call = try Self.lease(rig, for: .call)
        _ = rig.perform { _ in await call.giveBack(clean: false) }
        #expect(rig.state() == .recovering)
        let talk = rig.perform { fleet in
            try? await fleet.lease(ModemWish(modem: "1-1.1", for: .maintenance), within: .zero)
        }
        #expect((talk ?? nil) == nil)
        // Help does not wait for it.
        _ = try Self.lease(rig, for: .help)
        #expect(rig.state() == .inCall)
    }
}

extension LeaseClassTests {
    /// What a wait for a modem came to.
    private final class Wait: Sendable {
        let result = Mutex<Result<ModemLease, FleetError>?>(nil)

        var lease: ModemLease? { result.withLock { try? $0?.get() } }
        var isOver: Bool { result.withLock { $0 != nil } }
    }

    private static func wait(_ rig: ManualRig, for leaseClass: LeaseClass, within limit: Duration) -> Wait {
        let wait = Wait()
        rig.loop.start {
            let result: Result<ModemLease, FleetError>
            do throws(FleetError) {
                result = .success(try await rig.fleet.lease(ModemWish(for: leaseClass), within: limit))
            } catch { result = .failure(error) }
            wait.result.withLock { $0 = result }
        }
        return wait
    }

    @Test("a second call for help waits for the first, also on a modem without a card")
    func secondHelp() throws {
        var profile = ModemProfile(.quectel)
        profile.sim = .absent
        let rig = try ManualRig([profile])
        rig.plugAll()
        #expect(rig.waits(for: .failed))
        rig.drive(.seconds(20))
        let first = try Self.lease(rig, for: .help)
        let second = Self.wait(rig, for: .help, within: .seconds(60))
        rig.drive(.seconds(5))
        #expect(!second.isOver)
        _ = rig.perform { _ in await first.giveBack(clean: true) }
        rig.drive(.seconds(10))
        #expect(second.lease != nil)
    }

    @Test("help waits for a call that makes way, however short the queue is")
    func shortQueue() throws {
        let rig = try Self.ready()
        let call = try Self.lease(rig, for: .call)
        let help = Self.wait(rig, for: .help, within: .zero)
        rig.drive(.seconds(3))
        #expect(!help.isOver)
        rig.drive(.seconds(3))
        #expect(help.lease != nil)
        _ = rig.perform { _ in await call.giveBack(clean: true) }
    }

    @Test("a call that was told to make way and does not is taken over for the next who needs help")
    func overdue() throws {
        let rig = try Self.ready()
        _ = try Self.lease(rig, for: .call)
        let first = Self.wait(rig, for: .help, within: .seconds(60))
        rig.drive(.seconds(1))
        // Who waited for it gives up.
        #expect(rig.perform { fleet in await fleet.giveUpWaiting() } == 1)
        rig.drive(.seconds(10))
        #expect(first.isOver && first.lease == nil)
        _ = try Self.lease(rig, for: .help)
    }
}

extension ModemFleet {
    /// Has all who wait give up, and returns how many they were.
    fileprivate func giveUpWaiting() -> Int {
        let all = waiters
        waiters = []
        for waiter in all { waiter.resume(.failure(.cancelled)) }
        return all.count
    }
}
