import CallLog
import CallModel
import Contacts
import DialPlan
import FoundationEssentials
import GatewayAPI
import Synchronization
import TestSupport
import Testing

@testable import HTTP

extension ControlInterfaceTests {
    @Suite("Command line's client")
    struct ClientTests {
        @Test("status, modems and calls come as the service says them")
        func looking() async throws {
            try await Rig.run { rig in
                await rig.control.set(modems: [Samples.modem])
                await rig.control.set(calls: [Samples.call()])
                let modems = try await rig.client.modems()
                #expect(modems == [Samples.modem])
                let calls = try await rig.client.calls()
                #expect(calls == [Samples.call()])
                let status = try await rig.client.status()
                #expect(await status == rig.control.status())
            }
        }

        @Test("a call is dialled with the id that the client gave, once")
        func dialling() async throws {
            try await Rig.run { rig in
                var request = DialRequest(number: "030123456")
                request.via = .callthrough
                request.maxSeconds = 90
                let status = try await rig.client.dial(request, id: Samples.id)
                #expect(status.call == Samples.id)
                #expect(await rig.control.dialled == [.init(request: request, id: Samples.id, origin: .local)])
                await #expect(throws: ControlError.conflict("the id was used before")) {
                    try await rig.client.dial(request, id: Samples.id)
                }
            }
        }

        @Test("a live call is hung up, answered and sent tones")
        func acting() async throws {
            try await Rig.run { rig in
                await rig.control.set(calls: [Samples.call()])
                try await rig.client.hangUp(Samples.id)
                try await rig.client.answer(Samples.id)
                try await rig.client.sendTones("12#*A", in: Samples.id)
                let answer = try await rig.client.command("AT+CSQ", modem: "my modem/1")
                #expect(answer == CommandAnswer(lines: ["+CSQ: 20,99"], result: "OK", milliseconds: 12.5))
                let id = Samples.id.uuidString.lowercased()
                #expect(
                    await rig.control.acts == [
                        "hangup \(id)", "answer \(id)", "tones 12#*A \(id)", "my modem/1: AT+CSQ",
                    ]
                )
            }
        }

        @Test(
            "a number in an address may have spaces as forms write them; a word that is none of those known is refused"
        )
        func logAddresses() async throws {
            try await Rig.run { rig in
                let numbers = ["030+12+34": "030 12 34", "+4930+12": "+4930 12", "%2B4930%2012": "+4930 12"]
                for (written, read) in numbers {
                    let answer = try await Wire.exchange(
                        Wire(socket: rig.addresses.socket),
                        RequestText.get("/v1/log?number=\(written)&legs=no")
                    )
                    #expect(answer.status == 200)
                    #expect(await rig.control.queries.last?.number == read)
                }
                let legs = try await Wire.exchange(
                    Wire(socket: rig.addresses.socket),
                    RequestText.get("/v1/log?legs=AAA")
                )
                #expect(legs.status == 400)
                #expect(await rig.control.queries.count == numbers.count)
                for body in [
                    #"{}"#, #"{"all":false}"#, #"{"name":"Anna","all":true}"#, #"{"name":"Anna","all":false}"#,
                ] {
                    let answer = try await Wire.exchange(
                        Wire(socket: rig.addresses.socket),
                        RequestText.post("/v1/contacts/remove", body)
                    )
                    #expect(answer.status == 400, "\(body)")
                }
            }
        }

        @Test("the log and the contacts come as the service says them")
        func records() async throws {
            try await Rig.run { rig in
                var query = CallLogQuery()
                query.since = Date(timeIntervalSince1970: 1_700_000_000.125)
                query.number = "+4930/12 34&6"
                query.outcome = "live"
                query.after = "0b5f"
                query.limit = 500
                query.withLegs = true
                let page = try await rig.client.loggedCalls(query)
                #expect(await rig.control.queries == [query])
                #expect(page.calls == [Samples.record])
                #expect(page.next == Samples.id.uuidString.lowercased())
                let call = try await rig.client.loggedCall("0b5f0b5c")
                #expect(call.call == Samples.record)
                #expect(call.journal.first?.isAbandoned == true)
                let totals = try await rig.client.callTotals(from: Date(timeIntervalSince1970: 0), to: Date())
                #expect(totals.byMethod["callthrough"]?.calls == 2)
                #expect(try await rig.client.eraseCalls(number: "030 1").calls == 3)

                let anna = Contact(name: "Anna Bäcker", numbers: [Contact.Number("0170 1234567", label: "mobile")])
                #expect(try await rig.client.takeContacts([anna], replacing: true).added == 1)
                #expect(try await rig.client.contacts() == ContactList(region: "DE", contacts: [anna]))
                #expect(try await rig.client.removeContacts(called: "Otto") == 0)
                #expect(try await rig.client.removeContacts(called: nil) == 1)
            }
        }

        @Test("a modem is switched, and listened to behind a command")
        func modems() async throws {
            try await Rig.run { rig in
                #expect(try await rig.client.perform(.off, modem: "o2") == Samples.modem)
                let answer = try await rig.client.command("AT+CUSD=1", modem: "o2", wait: .seconds(10))
                #expect(answer.later?.count == 1)
                _ = try await rig.client.command("AT+CSQ", modem: "o2", within: .seconds(2))
                #expect(await rig.control.acts == ["o2: off", "o2: AT+CUSD=1", "o2: AT+CSQ within 2.0 seconds"])
            }
        }

        @Test(
            "what the service refuses is thrown as what it is",
            arguments: [
                ControlError.invalid("a"), .notFound("b"), .conflict("c"), .policy("d"), .configuration("e"),
                .unavailable("f"), .failed("g ö"),
            ]
        )
        func refusals(error: ControlError) async throws {
            try await Rig.run { rig in
                await rig.control.refuse(error)
                await #expect(throws: error) {
                    try await rig.client.dial(DialRequest(number: "1"), id: Samples.id)
                }
                await #expect(throws: error) {
                    try await rig.client.follow(DialRequest(number: "1"), id: Samples.id) { _ in }
                }
            }
        }

        @Test("a followed call shows every event from the first to the last, and no other call's")
        func following() async throws {
            try await Rig.run { rig in
                await rig.control.set(course: ["call.requested", "call.dialing"])
                let seen = Mutex<[String]>([])
                try await rig.client.follow(DialRequest(number: "030123456"), id: Samples.id) { event in
                    let name = event.name
                    let json = (try? event.json()) ?? []
                    seen.withLock { $0.append(name) }
                    #expect(String(decoding: json, as: UTF8.self).contains("\"event\":\"\(name)\""))
                    guard name == "call.dialing" else { return }
                    rig.control.publish("call.ended", call: UUID())
                    for next in ["call.alerting", "call.connected", "call.ended", "call.alerting"] {
                        rig.control.publish(next, call: Samples.id)
                    }
                }
                #expect(
                    seen.withLock { $0 } == [
                        "call.requested", "call.dialing", "call.alerting", "call.connected", "call.ended",
                    ]
                )
            }
        }

        @Test("a call that is followed when the service stops may go on, and says so")
        func brokenFollowing() async throws {
            try await Rig.run { rig in
                await rig.control.set(course: ["call.requested"])
                await #expect {
                    try await rig.client.follow(DialRequest(number: "1"), id: Samples.id) { _ in
                        Task { await rig.stop() }
                    }
                } throws: { error in
                    guard case .callMayGoOn(Samples.id, _) = error as? ControlError else { return false }
                    return true
                }
            }
        }

        @Test("events are heard from behind the one that was seen last")
        func resumption() async throws {
            try await Rig.run { rig in
                for name in ["a", "b", "c"] { rig.control.publish(name, call: Samples.id) }
                let first = try await rig.client.events(after: EventHub.Position(id: 0))
                var position: EventHub.Position?
                for try await event in first {
                    position = event.position
                    if event.event.name == "b" { break }
                }
                #expect(position == EventHub.Position(run: rig.control.events.run, id: 2))
                rig.control.publish("d", call: Samples.id)
                let names = try await Self.names(rig.client.events(after: position), count: 2)
                #expect(names == ["c", "d"])
            }
        }

        @Test("the position of another run of the service gives everything kept, behind a mark")
        func foreignPosition() async throws {
            try await Rig.run { rig in
                for name in ["a", "b"] { rig.control.publish(name, call: Samples.id) }
                let other = EventHub.Position(run: rig.control.events.run ^ 1, id: 1)
                let names = try await Self.names(rig.client.events(after: other), count: 3)
                #expect(names == ["stream.gap", "a", "b"])
            }
        }

        @Test("without a socket no service is running")
        func nobody() async throws {
            let directory = try TemporaryDirectory()
            let socket = directory.path + "/none.sock"
            await #expect(throws: ControlError.notRunning(socket: socket)) {
                try await ControlClient(socket: socket).status()
            }
        }

        private static func names(
            _ events: AsyncThrowingStream<HeardEvent, any Error>,
            count: Int
        ) async throws -> [String] {
            var names: [String] = []
            for try await event in events {
                names.append(event.event.name)
                if names.count == count { break }
            }
            return names
        }
    }
}
