import FoundationEssentials
import GRDB
import GatewayAPI
import TestSupport
import Testing

@testable import CallLog

/// Messages in the log.
@Suite struct MessageLogTests {
    private let directory: TemporaryDirectory
    private let log: CallLog

    init() throws {
        directory = try TemporaryDirectory()
        log = try CallLog.open(directory: directory.path)
    }

    private static let now = Date(timeIntervalSince1970: 1_790_000_000)

    private static func part(
        _ octets: String,
        _ text: String,
        _ place: IncomingPart.Place? = nil,
        sim: String = "262"
    ) -> IncomingPart {
        var part = IncomingPart(sim: sim, modem: "o2", octets: octets, number: "+49171")
        part.units = Array(text.utf16)
        part.place = place
        return part
    }

    @Test(
        "the same octets are one message, however often they come, and over a restart; those for another card are not"
    )
    func duplicates() throws {
        #expect(try log.take(Self.part("AA", "hello"), at: Self.now)?.text == "hello")
        #expect(try log.take(Self.part("AA", "hello"), at: Self.now) == nil)
        try log.close()
        let again = try CallLog.open(directory: directory.path)
        #expect(try again.take(Self.part("AA", "hello"), at: Self.now) == nil)
        #expect(try again.take(Self.part("AA", "hello", sim: "263"), at: Self.now) != nil)
        #expect(try again.messages(MessageQuery(), number: nil).messages.count == 2)
    }

    @Test(
        "parts are put together in any order, also a pair that is cut between them; a reference that comes again is another message"
    )
    func parts() throws {
        let text = "Grüße 😀 und mehr"
        let units = Array(text.utf16)
        for (round, order) in [[1, 2, 3], [3, 2, 1], [2, 3, 1]].enumerated() {
            var whole: MessageRecord?
            for place in order {
                var part = Self.part("\(round)-\(place)", "", IncomingPart.Place(reference: 7, count: 3, place: place))
                // Cut in the middle of the pair.
                let cuts = [0, 7, 9, units.count]
                part.units = Array(units[cuts[place - 1]..<cuts[place]])
                let result = try log.take(part, at: Self.now)
                #expect(whole == nil)
                whole = result
            }
            #expect(whole?.text == text && whole?.parts == 3 && whole?.state == .received)
        }
        #expect(try log.messages(MessageQuery(), number: nil).messages.count == 3)
    }

    @Test("a message whose parts don't come is told after a day, and kept")
    func incomplete() throws {
        _ = try log.take(Self.part("A", "first ", IncomingPart.Place(reference: 1, count: 2, place: 1)), at: Self.now)
        #expect(try log.untoldMessages(at: Self.now).isEmpty)
        let told = try log.untoldMessages(at: Self.now.addingTimeInterval(90_000))
        #expect(told.map(\.text) == ["first "] && told.map(\.state) == [.incomplete])
        let whole = try log.take(
            Self.part("B", "second", IncomingPart.Place(reference: 1, count: 2, place: 2)),
            at: Self.now
        )
        #expect(whole?.text == "first second")
    }

    private func queue(
        _ parts: Int,
        _ limits: MessageLimits,
        at now: Date = Self.now,
        day: Int = 20_260_921
    ) throws -> Queued {
        let record = OutgoingRecord(
            message: UUID(),
            number: "+49171",
            text: "x",
            modem: nil,
            parts: parts,
            day: day,
            firstOfMonth: 20_260_901
        )
        return try log.queue(record, limits: limits, at: now)
    }

    @Test("each limit lets exactly so many parts pass, and counts what was not refused")
    func limits() throws {
        var limits = MessageLimits()
        limits.perHour = 3
        limits.perDay = 5
        limits.perMonth = 7
        limits.price = 100_000
        limits.costPerMonth = 900_000
        func taken(_ parts: Int, hour: Double, day: Int) throws -> UUID? {
            let now = Self.now.addingTimeInterval(hour * 3600)
            if case .taken(let record) = try queue(parts, limits, at: now, day: day) { return record.message }
            return nil
        }
        let first = try #require(try taken(2, hour: 0, day: 20_260_921))
        #expect(try taken(2, hour: 0, day: 20_260_921) == nil)
        #expect(try taken(1, hour: 0, day: 20_260_921) != nil)
        #expect(try taken(1, hour: 0.9, day: 20_260_921) == nil)
        #expect(try taken(2, hour: 1.1, day: 20_260_921) != nil)
        #expect(try taken(1, hour: 2.2, day: 20_260_921) == nil)
        // What was refused counts no more.
        _ = try log.conclude(first, .failed, exit: 12, reason: nil)
        #expect(try taken(2, hour: 3.3, day: 20_260_921) != nil)
        #expect(try taken(3, hour: 5, day: 20_260_922) == nil)
        #expect(try taken(2, hour: 5, day: 20_260_922) != nil)
        #expect(try taken(1, hour: 9, day: 20_260_923) == nil)
        // A clock that was set back opens nothing.
        #expect(try taken(1, hour: -100, day: 20_260_917) == nil)
    }

    @Test("a SIM's limits count what went over its modem alone, and a message that is begun again once")
    func limitsOfSIM() throws {
        var limits = MessageLimits()
        (limits.perDay, limits.price, limits.costPerMonth) = (3, 100_000, 400_000)
        func begin(_ parts: Int, over modem: String, day: Int = 20_260_921, times: Int = 1) throws -> String? {
            let record = OutgoingRecord(
                message: UUID(),
                number: "+49171",
                text: "x",
                modem: nil,
                parts: parts,
                day: day,
                firstOfMonth: 20_260_901
            )
            let at = Self.now.addingTimeInterval(Double(day - 20_260_921) * 86_400)
            guard case .taken = try log.queue(record, limits: MessageLimits(), at: at) else { return "not taken" }
            for _ in 0..<times {
                if let limit = try log.beginMessage(record, over: modem, limits: limits, at: at) { return limit }
            }
            return nil
        }
        #expect(try begin(2, over: "o2", times: 3) == nil)
        #expect(try begin(2, over: "o2") == "modems.o2.messages.max_per_day: 3")
        #expect(try begin(3, over: "telekom") == nil)
        #expect(try begin(1, over: "o2") == nil)
        #expect(try begin(2, over: "o2", day: 20_260_922) == "modems.o2.messages.max_cost_per_month")
        #expect(try begin(1, over: "o2", day: 20_260_922) == nil)
    }

    @Test("a clock that was wrong once closes no limit for years, and one that is set back opens none")
    func wrongClock() throws {
        var limits = MessageLimits()
        (limits.perHour, limits.perDay) = (2, 3)
        func isTaken(_ seconds: Double, _ day: Int) throws -> Bool {
            if case .taken = try queue(1, limits, at: Self.now.addingTimeInterval(seconds), day: day) {
                true
            } else {
                false
            }
        }
        // Ten years ahead.
        for _ in 0..<2 { #expect(try isTaken(315_360_000, 20_360_921)) }
        // They count for as long as if they were sent now.
        #expect(try !isTaken(0, 20_260_921))
        #expect(try !isTaken(3500, 20_260_921))
        #expect(try isTaken(3601, 20_260_921))
        #expect(try !isTaken(3700, 20_260_921))
        #expect(try isTaken(86_400, 20_260_922))
        // In 1970 all of them are seen anew, and when the clock is right again they are as before.
        #expect(try !isTaken(-Self.now.timeIntervalSince1970, 19_700_101))
        #expect(try isTaken(90_100, 20_260_922))
        #expect(try isTaken(90_200, 20_260_922))
        #expect(try !isTaken(90_300, 20_260_922))
    }

    @Test("what a crash left open is unknown where a part was given to a modem, else failed; none is open again")
    func crash() throws {
        let limits = MessageLimits()
        guard case .taken(let waiting) = try queue(1, limits), case .taken(let going) = try queue(2, limits) else {
            Issue.record("not taken")
            return
        }
        try log.beginPart(1, of: going.message, modem: "o2")
        try log.partWasSent(1, of: going.message, reference: 4)
        try log.beginPart(2, of: going.message, modem: "o2")
        let left = try log.recoverMessages()
        #expect(left.first { $0.message == waiting.message }?.state == .failed)
        #expect(left.first { $0.message == going.message }?.state == .unknown)
        #expect(left.first { $0.message == going.message }?.exit == 14)
        #expect(try log.recoverMessages().isEmpty)
        let record = OutgoingRecord(
            message: going.message,
            number: "1",
            text: "x",
            modem: nil,
            parts: 1,
            day: 0,
            firstOfMonth: 0
        )
        #expect(try log.queue(record, limits: limits) == .repeated)
    }

    @Test("a crash behind the last part leaves a message sent, one between two parts says how many were")
    func crashBetween() throws {
        guard case .taken(let whole) = try queue(1, MessageLimits()),
            case .taken(let half) = try queue(2, MessageLimits())
        else { return }
        for record in [whole, half] {
            try log.beginPart(1, of: record.message, modem: "o2")
            try log.partWasSent(1, of: record.message, reference: 1)
        }
        let left = try log.recoverMessages()
        #expect(left.first { $0.message == whole.message }?.state == .sent)
        #expect(left.first { $0.message == whole.message }?.exit == 0)
        let failed = left.first { $0.message == half.message }
        #expect(failed?.state == .failed && failed?.reason?.contains("1 of 2 parts") == true)
    }

    @Test("a part that gave way before its modem got it was not sent, after a crash neither")
    func gaveWay() throws {
        guard case .taken(let record) = try queue(1, MessageLimits()) else { return }
        try log.beginPart(1, of: record.message, modem: "o2")
        try log.partWaits(1, of: record.message)
        #expect(try log.recoverMessages().first?.state == .failed)
    }

    @Test("reports make a message delivered when all its parts are, failed with the first that is not")
    func reports() throws {
        guard case .taken(let record) = try queue(2, MessageLimits()) else { return }
        for place in 1...2 {
            try log.beginPart(place, of: record.message, modem: "o2")
            try log.partWasSent(place, of: record.message, reference: place)
        }
        _ = try log.conclude(record.message, .sent, exit: 0, reason: nil)
        let late = record.at.addingTimeInterval(5)
        #expect(try log.takeReport(reference: 9, modem: "o2", ending: "171", isDelivered: true, at: late) == nil)
        #expect(try log.takeReport(reference: 1, modem: "o2", ending: "999", isDelivered: true, at: late) == nil)
        // One that came before the message was queued is of an earlier message with the same reference.
        let early = record.at.addingTimeInterval(-1)
        #expect(try log.takeReport(reference: 1, modem: "o2", ending: "171", isDelivered: true, at: early) == nil)
        #expect(
            try log.takeReport(reference: 1, modem: "o2", ending: "171", isDelivered: true, at: late)?.isNews == false
        )
        let last = try log.takeReport(reference: 2, modem: "o2", ending: "171", isDelivered: true, at: late)
        #expect(last?.isNews == true && last?.record.state == .delivered)
    }

    @Test("texts of up to 1600 characters are put together in any order, with a restart in the middle")
    func restarted() throws {
        var log = log
        let letters = Array("a😀€ж漢 ".utf16)
        for round in RandomRounds(24) {
            var random = SeededGenerator(seed: round)
            let length = round == 0 ? 1600 : Int.random(in: 1...1600, using: &random)
            // Any units, so that pairs are cut too; the text is what they decode to.
            let units = (0..<length).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] }
            let size = Bool.random(using: &random) ? 67 : 153
            let pieces = stride(from: 0, to: length, by: size).map { Array(units[$0..<min($0 + size, length)]) }
            let order = pieces.indices.shuffled(using: &random)
            let restart = Int.random(in: 0..<order.count, using: &random)
            var whole: MessageRecord?
            for (turn, index) in order.enumerated() {
                let place = IncomingPart.Place(reference: Int(round & 0xFF), count: pieces.count, place: index + 1)
                var part = Self.part("\(round)-\(index)", "", place)
                part.units = pieces[index]
                whole = try log.take(part, at: Self.now)
                #expect((whole == nil) == (turn + 1 < order.count))
                if turn == restart {
                    try log.close()
                    log = try CallLog.open(directory: directory.path)
                    // What came before the restart comes again, as after a lost acknowledgement.
                    #expect(try log.take(part, at: Self.now) == nil)
                }
            }
            #expect(whole?.text == String(decoding: units, as: UTF16.self) && whole?.parts == pieces.count)
        }
    }

    @Test("the code of an order in several parts is nowhere once it is whole, and shown to nobody before")
    func covered() throws {
        for (index, text) in ["callback hun", "ter77"].enumerated() {
            let place = IncomingPart.Place(reference: 3, count: 2, place: index + 1)
            let record = try log.take(Self.part("C\(index)", text, place), at: Self.now) { text, isComplete in
                isComplete ? (text == "callback hunter77" ? "callback ••••" : nil) : "••••"
            }
            #expect(record?.text == (index == 0 ? nil : "callback ••••"))
            let shown = try log.messages(MessageQuery(), number: nil).messages.map(\.text)
            #expect(shown == [index == 0 ? "••••" : "callback ••••"])
        }
        #expect(try log.messages(MessageQuery(), number: nil).messages.map(\.text) == ["callback ••••"])
    }

    @Test("of a message that is covered and lacks parts nothing is in clear after a day, in the files neither")
    func fragments() throws {
        let (code, plain) = ("hunter77", "the beginning of a long text")
        func take(_ text: String, _ reference: Int, _ number: Int) throws -> MessageRecord? {
            let place = IncomingPart.Place(reference: reference, count: 2, place: number)
            return try log.take(Self.part("\(reference)-\(number)", text, place), at: Self.now) { text, isComplete in
                isComplete || text == plain ? nil : "••••"
            }
        }
        _ = try take("callback \(code)", 1, 1)
        _ = try take(plain, 2, 1)
        try log.coverFragments(shownAs: "••••", at: Self.now.addingTimeInterval(86_000))
        let units = "SELECT count(*) FROM message_parts WHERE units = ?"
        func parts(_ text: String) throws -> Int? {
            try log.read { try Int.fetchOne($0, sql: units, arguments: [CallLog.octets(of: Array(text.utf16))]) }
        }
        #expect(try parts("callback \(code)") == 1)
        try log.coverFragments(shownAs: "••••", at: Self.now.addingTimeInterval(90_000))
        #expect(try parts("callback \(code)") == 0)
        #expect(try parts("••••") == 1)
        #expect(try parts(plain) == 1)
        // What comes later is put to what there is.
        #expect(try take(" goes on", 1, 2)?.text == "•••• goes on")
        #expect(try take(" goes on", 2, 2)?.text == "\(plain) goes on")
        try log.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let bytes = Array(try Data(contentsOf: URL(filePath: directory.path + "/" + name)))
            #expect(!bytes.contains(Array(code.utf8)), "\(name)")
            #expect(!bytes.contains(Array(CallLog.octets(of: Array(code.utf16)))), "\(name)")
        }
    }

    @Test("threads have a number each, the one with the newest message first; what is erased or masked is in none")
    func threads() throws {
        func come(_ number: String, _ text: String, _ seconds: Double) throws {
            var part = Self.part(text, text)
            part.number = number
            _ = try log.take(part, at: Self.now.addingTimeInterval(seconds))
        }
        #expect(try log.messageThreads(limit: 10).isEmpty)
        try come("+4930", "old", -86_400)
        try come("+49171", "first", 0)
        try come("Bank", "4711", 10)
        guard case .taken(let sent) = try queue(1, MessageLimits(), at: Self.now.addingTimeInterval(20)) else { return }
        _ = try log.conclude(sent.message, .unknown, exit: 14, reason: nil)
        let threads = try log.messageThreads(limit: 10)
        #expect(threads.map(\.number) == ["+49171", "Bank", "+4930"])
        #expect(threads.map(\.messages) == [2, 1, 1] && threads.map(\.failed) == [1, 0, 0])
        #expect(threads.map(\.last.text) == ["x", "4711", "old"] && threads[0].last.message == sent.message)
        #expect(try log.messageThreads(limit: 1).map(\.number) == ["+49171"])
        try log.maskMessages(olderThan: 3600, at: Self.now)
        _ = try log.eraseMessages(number: "Bank")
        #expect(try log.messageThreads(limit: 10).map(\.number) == ["+49171"])
    }

    @Test("octets that an earlier program kept are hashed, known as before, and no more in the files")
    func hashed() throws {
        let octets = "07911326040000F0A1B2C3"
        _ = try log.take(Self.part(octets, "hello"), at: Self.now)
        try log.write { database in
            try database.execute(sql: "UPDATE message_parts SET octets = ?", arguments: ["262:\(octets)"])
            try database.execute(sql: "DELETE FROM migrations WHERE name = 'messages-2'")
        }
        try log.close()
        let again = try CallLog.open(directory: directory.path)
        #expect(try again.take(Self.part(octets, "hello"), at: Self.now) == nil)
        _ = try again.take(Self.part("D4E5F6A7B8C9", "new"), at: Self.now)
        try again.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let bytes = Array(try Data(contentsOf: URL(filePath: directory.path + "/" + name)))
            for known in [octets, "D4E5F6A7B8C9"] { #expect(!bytes.contains(Array(known.utf8)), "\(name)") }
        }
    }

    @Test("texts go with their time, and with their number when it is erased, from the files too")
    func forgotten() throws {
        let secret = "the eagle lands at noon"
        _ = try log.take(Self.part("AABB", secret), at: Self.now)
        guard case .taken(let sent) = try queue(1, MessageLimits()) else { return }
        _ = try log.conclude(sent.message, .sent, exit: 0, reason: nil)
        #expect(try log.maskMessages(olderThan: 3600, at: Self.now.addingTimeInterval(3000)) == 0)
        #expect(try log.eraseMessages(number: "+49171") == 2)
        let left = try log.messages(MessageQuery(), number: nil).messages
        #expect(left.count == 2 && left.allSatisfy { $0.text == nil && $0.number == nil })
        try log.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let bytes = Array(try Data(contentsOf: URL(filePath: directory.path + "/" + name)))
            #expect(!bytes.contains(Array(secret.utf8)), "\(name)")
            #expect(!bytes.contains(secret.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }), "\(name)")
        }
    }
}
