import CallModel
import Modem
import ModemSimulator
import ModemTestSupport
import NetworkSimulator
import Synchronization
import Testing

/// Messages and USSD on the session, on a simulated modem and a manual clock.
@Suite struct MessageTests {
    private final class Inbox: Sendable {
        private let octets = Mutex<[String]>([])
        private let heard = Mutex<[MessageNews]>([])
        var taken: [String] { octets.withLock { $0 } }
        var news: [MessageNews] { heard.withLock { $0 } }
        func take(_ text: String) { octets.withLock { $0.append(text) } }
        func hear(_ news: MessageNews) { heard.withLock { $0.append(news) } }
    }

    private static func rig(_ family: ModemFamily, _ change: (inout ModemProfile) -> Void = { _ in }) throws -> RingRig
    {
        var profile = ModemProfile(family)
        profile.messagePlaces = 200
        change(&profile)
        return try #require(RingRig(profile))
    }

    private static func fill(_ rig: RingRig, _ count: Int, in store: String = "SM") {
        rig.rig.withWorld { world, now in
            for number in 0..<count {
                _ = world.store(
                    SimulatedMessage(from: "+49171\(1000 + number)", text: "message \(number)"),
                    in: store,
                    of: 0,
                    at: now
                )
            }
        }
    }

    @Test("a full card of 200 messages is read whole and emptied", arguments: ModemFamily.allCases)
    func full(_ family: ModemFamily) throws {
        let rig = try Self.rig(family)
        Self.fill(rig, 200)
        let inbox = Inbox()
        let result = rig.perform { session in
            #expect(await session.prepareMessages() == ["SM", "ME"])
            return await session.emptyStore("SM") {
                true
            } take: { octets in
                inbox.take(octets)
                return true
            }
        }
        #expect(result == .done)
        #expect(Set(inbox.taken).count == 200)
        #expect(rig.rig.withWorld { world, _ in world.stored(on: 0, in: "SM") } == 0)
        #expect(rig.violations.isEmpty)
    }

    @Test("a ring in the middle of reading 200 messages is answered within 1 s", arguments: ModemFamily.allCases)
    func ringAmidReading(_ family: ModemFamily) throws {
        // On ZTE an announcement is taken for an answer, and on some nothing but the ring tells: the answer is what counts.
        let rig = try Self.rig(family)
        Self.fill(rig, 200)
        let isDone = Mutex(false)
        let inbox = Inbox()
        rig.rig.loop.start { [session = rig.session] in
            _ = await session.prepareMessages()
            // What could not be deleted meanwhile is there the next time.
            for _ in 0..<5 where await session.openStore("SM")?.used != 0 {
                _ = await session.emptyStore("SM") {
                    true
                } take: { octets in
                    inbox.take(octets)
                    return true
                }
            }
            isDone.withLock { $0 = true }
        }
        rig.pass(.milliseconds(700))
        #expect(!isDone.withLock { $0 })
        let rang = rig.rig.loop.now
        let call = try #require(rig.ring())
        while rig.rig.loop.now - rang < .seconds(3), !rig.commands.contains("ATA") { rig.pass(.milliseconds(10)) }
        #expect(rig.rig.loop.now - rang < .seconds(1))
        #expect(rig.commands.contains("ATA"))
        rig.hangUpFarSide(call)
        rig.pass(.seconds(60))
        #expect(isDone.withLock { $0 })
        #expect(rig.rig.withWorld { world, _ in world.stored(on: 0, in: "SM") } == 0)
        // The caller gives up before the answer to ATA: that one must not be taken for the next command's.
        #expect(Set(inbox.taken).count == 200)
    }

    @Test("a list that takes seconds makes way for a ring too")
    func ringAmidList() throws {
        let rig = try Self.rig(.generic) { $0.faults = [.refused(command: "AT+CMGR")] }
        Self.fill(rig, 200)
        rig.rig.loop.start { [session = rig.session] in
            _ = await session.prepareMessages()
            _ = await session.openStore("SM")
            _ = await session.listStore()
        }
        rig.pass(.milliseconds(500))
        let rang = rig.rig.loop.now
        _ = rig.ring()
        let written = Mutex<Duration?>(nil)
        while rig.rig.loop.now - rang < .seconds(4) {
            if rig.updates.contains(where: { if case .answered = $0 { true } else { false } }),
                written.withLock({ $0 }) == nil
            {
                written.withLock { [now = rig.rig.loop.now] in $0 = now - rang }
            }
            rig.pass(.milliseconds(10))
        }
        #expect(written.withLock { $0 } != nil)
    }

    @Test("what was not taken stays on the card")
    func notTaken() throws {
        let rig = try Self.rig(.quectel)
        Self.fill(rig, 30)
        _ = rig.perform { session in
            _ = await session.prepareMessages()
            return await session.emptyStore("SM") {
                true
            } take: { _ in
                false
            }
        }
        #expect(rig.rig.withWorld { world, _ in world.stored(on: 0, in: "SM") } == 30)
    }

    @Test(
        "new messages are told in whichever way the modem can, reports too",
        arguments: [[], [.noReportRouting], [.directMessages], [.wrongLengths], [.splitWrites]] as [[SimulatedFault]]
    )
    func told(_ faults: [SimulatedFault]) throws {
        let rig = try Self.rig(.generic) { $0.faults = faults }
        let inbox = Inbox()
        let sent = rig.perform { session in
            _ = await session.prepareMessages()
            await session.watchMessages { inbox.hear($0) }
            return await session.sendMessage(line: "0031000B916407281553F80000A70AE8329BFD4697D9EC37", length: 23)
        }
        #expect(sent == .sent(reference: 0))
        rig.rig.withWorld { world, now in
            world.send(SimulatedMessage(from: "+49171", text: "hellohello"), to: 0, at: now)
        }
        rig.pass(.seconds(5))
        let direct = inbox.news.compactMap { if case .direct(let octets) = $0 { octets } else { nil } }
        if faults == [.directMessages] {
            #expect(direct.contains { $0.hasSuffix("0AE8329BFD4697D9EC37") })
        } else {
            #expect(inbox.news.contains(.stored))
        }
        #expect(direct.contains { $0.contains("06000B916407281553F8") } == (faults != [.noReportRouting]))
    }

    @Test("a message whose answer is lost is unknown, one that was never asked for was not sent")
    func lost() throws {
        let line = "0011000B916407281553F80000A70AE8329BFD4697D9EC37"
        let lost = try Self.rig(.quectel) { $0.faults = [.lostReply(command: "AT+CMGS", .always)] }
        let unknown = lost.perform { await $0.sendMessage(line: line, length: 23) }
        guard case .unknown = unknown else {
            Issue.record("\(String(describing: unknown))")
            return
        }
        #expect(lost.rig.withWorld { world, _ in world.takenMessages.count } == 1)
        let refused = try Self.rig(.quectel) { $0.faults = [.refused(command: "AT+CMGS")] }
        #expect(refused.perform { await $0.sendMessage(line: line, length: 23) } == .refused("ERROR", .modemFailed))
        #expect(refused.rig.withWorld { world, _ in world.takenMessages.count } == 0)
    }

    @Test(
        "an error behind the text is a refusal only where it says that nothing was sent",
        arguments: [
            ("ERROR", false), ("+CMS ERROR: 500", false), ("+CMS ERROR: 4711", false), ("+CMS ERROR: 38", true),
            ("+CMS ERROR: 331", true),
        ]
    )
    func refusedBehindText(_ line: String, _ isRefused: Bool) throws {
        let rig = try Self.rig(.quectel)
        rig.rig.withWorld { world, _ in world.messages.delay = .seconds(30) }
        let result = Mutex<SendResult?>(nil)
        rig.rig.loop.start { [session = rig.session] in
            let sent = await session.sendMessage(line: "0011000B916407281553F80000A70AE8329BFD4697D9EC37", length: 23)
            result.withLock { $0 = sent }
        }
        rig.pass(.seconds(1))
        rig.receive(line)
        switch result.withLock({ $0 }) {
        case .refused: #expect(isRefused)
        case .unknown: #expect(!isRefused)
        case let other: Issue.record("\(String(describing: other))")
        }
    }

    @Test("a ring while a message is sent is answered within 2 s, and the message is known to be sent all the same")
    func ringAmidSending() throws {
        let rig = try Self.rig(.quectel)
        rig.rig.withWorld { world, _ in world.messages.delay = .seconds(4) }
        let result = Mutex<SendResult?>(nil)
        rig.rig.loop.start { [session = rig.session] in
            let sent = await session.sendMessage(line: "0011000B916407281553F80000A70AE8329BFD4697D9EC37", length: 23)
            result.withLock { $0 = sent }
        }
        rig.pass(.milliseconds(300))
        _ = rig.ring()
        rig.pass(.seconds(20))
        #expect(rig.updates.contains { if case .answered = $0 { true } else { false } })
        #expect(result.withLock { $0 } == .sent(reference: 0))
        #expect(rig.rig.withWorld { world, _ in world.takenMessages.count } == 1)
    }

    @Test(
        "texts of USSD are read, over several lines too, in the writing of each family",
        arguments: ModemFamily.allCases
    )
    func service(_ family: ModemFamily) throws {
        let rig = try Self.rig(family)
        let inbox = Inbox()
        let failure = rig.perform { session -> String? in
            await session.watchMessages { inbox.hear($0) }
            return await session.sendService("*101#") ?? ""
        }
        #expect(failure == "")
        rig.pass(.seconds(2))
        _ = rig.perform { await $0.sendService("2") ?? "" }
        rig.pass(.seconds(2))
        _ = rig.perform { await $0.sendService("9") ?? "" }
        rig.pass(.seconds(2))
        let texts = inbox.news.compactMap { if case .service(let text) = $0 { text } else { nil } }
        #expect(texts.map(\.text) == ["1 Tarif\n2 Guthaben\n3 Русский", "1 Jetzt\n2 Monat", ""])
        #expect(texts.map(\.asks) == [true, true, false])
        #expect(texts.last?.failure == "the network does not know this code")
    }

    @Test("help is dialled within 1 s in the middle of a session", arguments: ModemFamily.allCases)
    func helpAmidService(_ family: ModemFamily) throws {
        let rig = try Self.rig(family)
        rig.rig.loop.start { [session = rig.session] in _ = await session.sendService("*101#") }
        rig.pass(.milliseconds(700))
        let began = rig.rig.loop.now
        rig.rig.loop.start { [session = rig.session] in
            try? await session.prepareToDial(isForEmergency: true)
            try? await session.dial("112", blocksFor: .seconds(60)) { _ in }
        }
        while rig.rig.loop.now - began < .seconds(5), !rig.commands.contains("ATD112;") { rig.pass(.milliseconds(10)) }
        #expect(rig.rig.loop.now - began < .seconds(1))
    }
}
