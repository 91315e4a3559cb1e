import CallFlows
import CallLog
import CallModel
import CallPlanning
import CallRecords
import DialPlan
import FoundationEssentials
import GatewayAPI
import Synchronization
import TestSupport
import Testing

@testable import Calls
@testable import Gateway
@testable import Settings

@Suite("Ids, clocks and what is lost", .timeLimit(.minutes(10)))
struct RepeatedCallTests {
    private static let start: Int64 = 1_785_319_200

    private static func authority(
        _ writer: CallLogWriter,
        _ text: String,
        at seconds: Int64 = start
    ) throws -> DialAuthority {
        DialAuthority(
            configuration: try ConfigurationRig.read(text),
            ledger: StoredUsageLedger(writer: writer),
            clock: { PolicyTime.at(seconds) }
        )
    }

    private static func request(_ call: UUID = UUID(), isRoaming: Bool? = false) throws -> DialAuthority.Request {
        let target = try PhoneNumber(typed: "030 12345678", region: try Region(code: "DE"))
        let route = try Route(to: target, via: .direct, access: nil, policy: DialPolicy())
        return DialAuthority.Request(
            call: call,
            route: route,
            modem: "o2",
            isRoaming: isRoaming,
            maxDuration: .seconds(60)
        )
    }

    @Test("no id is dialled twice and no limit is passed, whatever ids come, after restarts too", arguments: 0..<12)
    func randomIDs(seed: Int) async throws {
        var dice = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        var writer = CallLogWriter(directory: directory.path)
        let ids = (0..<8).map { _ in UUID() }
        var dialled: [UUID: Int64] = [:]
        var now = Self.start
        for step in 0..<60 {
            now += Int64.random(in: 0...600, using: &dice)
            if Int.random(in: 0..<6, using: &dice) == 0 {
                #expect(await writer.drain(within: .seconds(120)))
                writer = CallLogWriter(directory: directory.path)
            }
            let recorder = CallRecorder(writer: writer)
            let call = Bool.random(using: &dice) ? try #require(ids.randomElement(using: &dice)) : UUID()
            let authority = try Self.authority(writer, "policy: { max_calls_per_hour: 3 }\n", at: now)
            recorder.begin(
                call,
                CallRecorder.Details(method: .direct, direction: .outgoing),
                at: Date(timeIntervalSince1970: Double(now) + Double(step))
            )
            let decision = await authority.authorise(try Self.request(call))
            var isDialled = false
            if decision.verdict.isAllowed {
                // An interruption may come before the step is noted: then it counts for nothing.
                if Int.random(in: 0..<4, using: &dice) > 0 {
                    do throws(CallLogError) {
                        try await recorder.journal(for: call).willDial("+493012345678")
                        isDialled = true
                    } catch {
                        guard case .repeated = error else { throw error }
                    }
                }
                if isDialled {
                    #expect(dialled[call] == nil, "the id was dialled before")
                    dialled[call] = now
                    recorder.journal(for: call).didDial()
                }
                let end = CallEnd(outcome: .completed, by: .local, seconds: .seconds(5), hangUpVerified: true)
                await authority.settle(call, DialAuthority.Settlement(of: end, dialled: isDialled))
                recorder.take(CallEvent(.progress(.ended(end)), call: call))
            } else {
                let end = CallEnd(outcome: .policy, by: .local)
                recorder.take(CallEvent(.progress(.ended(end)), call: call))
            }
            let recent = dialled.values.count { $0 > now - 3600 }
            #expect(recent <= 3)
        }
        #expect(await writer.drain(within: .seconds(120)))
        for (call, _) in dialled {
            let record = try await CallRecorder(writer: writer).record(of: call)
            #expect(record?.outcome == "completed", "the record was overwritten")
        }
    }

    @Test("a call under an id that has a reservation is refused with that reason")
    func again() async throws {
        let directory = try TemporaryDirectory()
        let authority = try Self.authority(CallLogWriter(directory: directory.path), "policy: {}\n")
        let request = try Self.request()
        #expect(await authority.authorise(request).verdict.isAllowed)
        await authority.settle(request.call, .ended(answered: .seconds(9)))
        let again = await authority.authorise(request)
        #expect(!again.verdict.isAllowed)
        #expect(again.verdict.reason.contains("was made before"))
        #expect(await authority.usage()?.entries.map(\.seconds) == [9])
    }

    @Test("a clock that was in the future once closes limits for an hour, not for years")
    func future() async throws {
        let directory = try TemporaryDirectory()
        let writer = CallLogWriter(directory: directory.path)
        let text = "policy: { max_calls_per_hour: 2, max_calls_per_day: 3 }\n"
        let year: Int64 = 365 * 86_400
        for _ in 0..<2 {
            let ahead = try Self.authority(writer, text, at: Self.start + 3 * year)
            #expect(await ahead.authorise(try Self.request()).verdict.isAllowed)
        }
        let back = try Self.authority(writer, text)
        let refused = await back.authorise(try Self.request())
        #expect(!refused.verdict.isAllowed)
        #expect(refused.verdict.reason.contains("dated in the future"))
        let later = try Self.authority(writer, text, at: Self.start + 3601)
        #expect(await later.authorise(try Self.request()).verdict.isAllowed)
        #expect(await !later.authorise(try Self.request()).verdict.isAllowed, "the day has had its three calls")
        let tomorrow = try Self.authority(writer, text, at: Self.start + 2 * 86_400)
        #expect(await tomorrow.authorise(try Self.request()).verdict.isAllowed)
        // Set back further, what is dated later counts from then on again.
        let before = try Self.authority(writer, text, at: Self.start - 86_400)
        #expect(await !before.authorise(try Self.request()).verdict.isAllowed)
        let usage = try #require(await before.usage())
        #expect(usage.entries.count { $0.at > Self.start + year } == 2, "the rows themselves stay as they were")
    }

    @Test("a damaged log refuses calls under limits until that is accepted, and others not")
    func loss() async throws {
        let directory = try TemporaryDirectory()
        _ = try directory.write(CallLog.fileName, [UInt8](repeating: 0x41, count: 20_000), mode: 0o600)
        let writer = CallLogWriter(directory: directory.path)
        let limited = try Self.authority(writer, "policy: { max_calls_per_hour: 2 }\n")
        let refused = await limited.authorise(try Self.request())
        #expect(!refused.verdict.isAllowed)
        #expect(refused.verdict.reason.contains("gsmbridge calls accept-loss"))
        #expect(await !limited.preview(try Self.request()).verdict.isAllowed)
        let free = DialAuthority(
            configuration: try Configuration.defaults(),
            ledger: StoredUsageLedger(writer: writer),
            clock: { PolicyTime.at(Self.start) }
        )
        #expect(await free.authorise(try Self.request()).verdict.isAllowed)
        #expect(try CallLog.open(directory: directory.path).acceptLoss() == 1)
        #expect(await limited.authorise(try Self.request()).verdict.isAllowed)
    }

    @Test(
        "a roaming state that is not known counts as roaming once the call is to be made",
        arguments: [(nil as Bool?, false), (true, false), (false, true)]
    )
    func roaming(isRoaming: Bool?, isAllowed: Bool) async throws {
        let directory = try TemporaryDirectory()
        let text = """
            modems: { o2: { match: { tty: /dev/ttyUSB2 }, tariff: basic, roaming_tariff: abroad } }
            policy: { max_cost_per_day: 1 }
            tariffs:
              basic: { prices: { home: { per_minute: 0.10 } } }
              abroad: { prices: { home: { per_minute: 9.99 } } }
            """
        let authority = try Self.authority(CallLogWriter(directory: directory.path), text)
        let decision = await authority.authorise(try Self.request(isRoaming: isRoaming))
        #expect(decision.verdict.isAllowed == isAllowed)
        // A person at home would look for the mistake in the wrong tariff.
        #expect(decision.verdict.reason.contains("does not tell whether its SIM is abroad") == (isRoaming == nil))
        // To look at it is no call: at home as a rule.
        #expect(
            await authority.preview(try Self.request(isRoaming: isRoaming)).verdict.isAllowed == (isRoaming != true)
        )
    }

    @Test(
        "an access number that came with the request is judged as a network takes it, in the dry run as in the call",
        arguments: [
            ("0900112345678901234", false), ("0088213123456789012", false), ("0037090112345678901", false),
            ("+180968212345", false), ("0118331234567890123", false), ("1120", false), ("112", false),
            ("09001123456", false), ("6571", true), ("6572", false), ("+4922166966966", true), ("0221 66966966", true),
        ]
    )
    func accessNumbers(number: String, isAllowed: Bool) async throws {
        let directory = try TemporaryDirectory()
        let text = """
            pbx:
              house: { profile: dtmf, callthrough: { access_number: "6571" } }
            """
        let configuration = try ConfigurationRig.read(text)
        var wish = DialRequest(number: "030 12345678")
        wish.accessNumber = number
        let planner = RoutePlanner(configuration: configuration, environment: ConfigurationRig.environment())
        let route = try planner.route(for: wish)
        #expect(route.verdict.isAllowed == isAllowed, "\(route.verdict.reason)")
        let authority = try Self.authority(CallLogWriter(directory: directory.path), text)
        let request = DialAuthority.Request(call: UUID(), route: route, modem: "o2", maxDuration: .seconds(60))
        #expect(await authority.preview(request).verdict.isAllowed == isAllowed)
        #expect(await authority.authorise(request).verdict.isAllowed == isAllowed)
    }
}

@Suite("Ids that the service takes", .timeLimit(.minutes(10)))
struct RepeatedRequestTests {
    @Test("an id is taken once: not while its call lives, not after a thousand refused ones, not after a restart")
    func once() async throws {
        let rig = try await ServiceRig()
        var request = DialRequest(number: "030 123456")
        request.via = .callthrough
        let id = UUID()
        _ = try await rig.service.dial(request, id: id, origin: .local)
        await #expect(throws: ControlError.self) { try await rig.service.dial(request, id: id, origin: .local) }
        #expect(await waits { rig.story(of: id).contains("in_progress") })
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds())
        let refused = DialRequest(number: "0900 1123456")
        for _ in 0..<1100 {
            _ = try? await rig.service.dial(refused, id: UUID(), origin: .local)
        }
        #expect(await waits { await rig.service.calls().isEmpty })
        let error = await #expect(throws: ControlError.self) {
            try await rig.service.dial(request, id: id, origin: .local)
        }
        #expect(error?.message.contains("was made before") == true)
        #expect(rig.calls().count == 1)
        // What the log knows outlives the program's memory.
        #expect(await rig.writer.drain(within: .seconds(120)))
        #expect(try await CallRecorder(writer: rig.writer).knows(id))
        await rig.stop()
    }
}
