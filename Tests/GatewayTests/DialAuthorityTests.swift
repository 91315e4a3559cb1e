import CallFlows
import CallLog
import CallModel
import CallPlanning
import ContactBook
import Contacts
import FoundationEssentials
import GatewayAPI
import Synchronization
import TestSupport
import Testing

@testable import Calls
@testable import DialPlan
@testable import Settings

@Suite("Who decides on limits")
struct DialAuthorityTests {
    private static let configuration = """
        modems: { o2: { match: { tty: /dev/ttyUSB2 }, tariff: basic } }
        policy: { max_calls_per_hour: 3, max_minutes_per_day: 60, max_cost_per_day: 1 }
        tariffs: { basic: { prices: { home: { per_minute: 0.10 } }, free_minutes: { flat: { minutes: 5 } } } }
        """

    private static func request(
        _ number: String = "030 12345678",
        origin: RequestOrigin = .local
    ) throws -> DialAuthority.Request {
        let target = try PhoneNumber(typed: number, region: try Region(code: "DE"))
        let route = try Route(to: target, via: .direct, access: nil, policy: DialPolicy())
        return DialAuthority.Request(
            call: UUID(),
            route: route,
            modem: "/dev/ttyUSB2",
            isRoaming: false,
            maxDuration: .seconds(295),
            origin: origin
        )
    }

    private static func authority(
        _ ledger: (any UsageLedger)?,
        _ text: String = configuration,
        at seconds: Int64 = 1_785_319_200,
        notify: @escaping @Sendable (PolicyNotice) -> Void = { _ in }
    ) throws -> DialAuthority {
        let day = try #require(LocalDate(packed: 20_260_729))
        return DialAuthority(
            configuration: try ConfigurationRig.read(text),
            ledger: ledger,
            trouble: "no disk",
            clock: { PolicyTime(seconds: seconds, day: day, minute: 720) },
            notify: notify
        )
    }

    private static func stored(_ directory: String) -> StoredUsageLedger {
        StoredUsageLedger(writer: CallLogWriter(directory: directory))
    }

    @Test("a reservation outlives the program, and is settled by what the call came to")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let request = try Self.request()
        let first = try Self.authority(Self.stored(directory.path))
        let decision = await first.authorise(request)
        #expect(decision.verdict.isAllowed)
        #expect(decision.reservation?.modem == "o2")
        let second = try Self.authority(Self.stored(directory.path))
        let open = try #require(await second.usage()?.entries)
        #expect(open == [try #require(decision.reservation)])
        await second.settle(request.call, .ended(answered: .milliseconds(60_001)))
        let settled = try #require(await second.usage()?.entries.first)
        #expect(!settled.isOpen)
        #expect(settled.seconds == 61)
        #expect(settled.legs.first?.free.first?.seconds == 120)
        // A second settlement changes nothing.
        await second.settle(request.call, .notDialled)
        #expect(await second.usage()?.entries == [settled])
    }

    @Test("what was never dialled does not count, what can't be told counts at its worst")
    func settlements() async throws {
        let directory = try TemporaryDirectory()
        let authority = try Self.authority(Self.stored(directory.path))
        let (quick, lost) = (try Self.request(), try Self.request())
        _ = await authority.authorise(quick)
        await authority.settle(quick.call, .notDialled)
        #expect(await authority.usage()?.entries.isEmpty == true)
        let decision = await authority.authorise(lost)
        await authority.settle(lost.call, .unknown)
        let entry = try #require(await authority.usage()?.entries.first)
        #expect(entry.seconds == decision.reservation?.seconds)
        #expect(!entry.isOpen)
    }

    @Test("programs that dial at once never pass a limit together")
    func atOnce() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        let allowed = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                let authority = try Self.authority(Self.stored(path))
                for _ in 0..<4 {
                    let request = try Self.request()
                    group.addTask { await authority.authorise(request).verdict.isAllowed ? 1 : 0 }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(allowed == 3)
        let usage = await (try Self.authority(Self.stored(path))).usage()
        #expect(usage?.entries.count == 3)
    }

    @Test("reservations of the dead are settled by their records, and else at their worst when their time is up")
    func recovery() async throws {
        let directory = try TemporaryDirectory()
        let (known, unknown) = (try Self.request(), try Self.request())
        let authority = try Self.authority(Self.stored(directory.path))
        _ = await authority.authorise(known)
        let decision = await authority.authorise(unknown)
        let call = known.call
        #expect(await authority.recover { $0 == call ? .ended(answered: .seconds(30)) : nil } == 1)
        #expect(
            await authority.usage()?.entries.filter(\.isOpen).map(\.call) == [try #require(decision.reservation).call]
        )
        let later = try Self.authority(Self.stored(directory.path), at: 1_785_319_200 + 2000)
        #expect(await later.recover { _ in nil } == 1)
        let entries = try #require(await later.usage()?.entries)
        #expect(entries.allSatisfy { !$0.isOpen })
        #expect(Set(entries.map(\.seconds)) == [30, 300])
    }

    @Test("without a ledger a limit refuses, no limit lets pass, and help always goes out")
    func noLedger() async throws {
        let refused = await (try Self.authority(nil)).authorise(try Self.request())
        #expect(!refused.verdict.isAllowed)
        #expect(refused.verdict.reason == "limits are set, and what was used so far can't be counted: no disk")
        let help = await (try Self.authority(nil)).authorise(try Self.request("112"))
        #expect(help.verdict.isAllowed)
        let remote = await (try Self.authority(nil)).authorise(try Self.request("112", origin: .remote))
        #expect(!remote.verdict.isAllowed)
        let broken = Self.stored("/dev/null/nowhere")
        #expect(await !(try Self.authority(broken)).authorise(try Self.request()).verdict.isAllowed)
        let free = DialAuthority(configuration: try Configuration.defaults(), ledger: broken)
        #expect(await free.authorise(try Self.request()).verdict.isAllowed)
    }

    @Test("a preview reserves nothing, and four fifths are told once they are reached")
    func notices() async throws {
        let told = Mutex<[String]>([])
        let authority = try Self.authority(MemoryUsageLedger()) { notice in told.withLock { $0.append("\(notice)") } }
        for _ in 0..<5 { #expect(await authority.preview(try Self.request()).verdict.isAllowed) }
        #expect(await authority.usage()?.entries.isEmpty == true)
        for _ in 0..<2 { _ = await authority.authorise(try Self.request()) }
        #expect(told.withLock { $0 } == [])
        let last = try Self.request()
        _ = await authority.authorise(last)
        #expect(
            told.withLock { $0 }
                == ["four fifths of a limit are used up: 3 of 3 calls within an hour (policy.max_calls_per_hour)"]
        )
        await authority.settle(last.call, .ended(answered: .seconds(500)))
        #expect(told.withLock { $0.contains("the call has lasted 200 s longer than was reserved; it counts in full") })
    }

    @Test("a notice is an event with the limit in numbers")
    func event() throws {
        let gauge = LimitGauge(
            key: "policy.max_calls_per_day",
            unit: .calls,
            span: "today",
            used: 8,
            allowed: 10,
            opening: .seconds(1)
        )
        let notice = PolicyNotice(.nearlyUsedUp(gauge), call: UUID(), at: Date(timeIntervalSince1970: 0))
        let text = String(decoding: try notice.json(), as: UTF8.self)
        for part in [
            "\"event\":\"policy.notice\"", "\"used\":8", "\"allowed\":10", "\"limit\":\"policy.max_calls_per_day\"",
        ] {
            #expect(text.contains(part))
        }
    }
}

@Suite("The file of contacts")
struct ContactStoreTests {
    @Test("contacts are kept, brought up to date and removed")
    func life() throws {
        let directory = try TemporaryDirectory()
        let store = ContactStore(directory: directory.path)
        #expect(try store.contacts() == [])
        let anna = Contact(name: "Anna", numbers: [.init("030123456")])
        let bert = Contact(name: "Bert", numbers: [.init("030123457")], uid: "b")
        #expect(try store.take([anna, bert]).added == 2)
        #expect(try store.take([anna, bert]).unchanged == 2)
        let changes = try store.take([
            Contact(name: "ANNA", numbers: [.init("030 999999")]),
            Contact(name: "Robert", numbers: bert.numbers, uid: "b"),
        ])
        #expect(changes == ContactChanges(added: 0, changed: 2, unchanged: 0))
        #expect(try store.contacts().map(\.name) == ["ANNA", "Robert"])
        #expect(try store.contacts().first?.numbers.map(\.number) == ["030 999999", "030123456"])
        #expect(try store.remove { $0.name == "Robert" } == 1)
        #expect(try store.take([bert], replacing: true).added == 1)
        #expect(try store.contacts().map(\.name) == ["Bert"])
    }

    @Test("a file that is damaged or can't be written is told, not replaced")
    func trouble() throws {
        let directory = try TemporaryDirectory()
        _ = try directory.write("contacts.jsonl", Array("{\"name\":1}\n".utf8))
        let store = ContactStore(directory: directory.path)
        #expect(throws: ContactStore.Failure.self) { try store.take([Contact(name: "A", numbers: [])]) }
        #expect(throws: ContactStore.Failure.self) { try ContactStore(directory: "/dev/null/x").take([]) }
    }
}
