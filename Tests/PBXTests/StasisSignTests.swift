import FoundationEssentials
import Testing
import TextCoding

@testable import PBX

// How calls of ours are known: by their number in any form, and by tokens; and calls that were announced.
extension StasisMachineTests {
    /// As trunks of this world show one and the same SIM.
    static let forms = ["+4915112345678", "4915112345678", "004915112345678", "015112345678", "15112345678"]

    @Test("our call is known in whatever form the trunk shows the SIM", arguments: forms)
    func forms(_ shown: String) throws {
        var bench = try Bench()
        #expect(try bench.announce("+4930123456").token == nil)
        try bench.enters("a", "dialin", from: shown)
        #expect(bench.commands == [.lead(try Rig.reference("a"), context: "out", target: "+4930123456")])
        // Once.
        try bench.enters("b", "dialin", from: shown)
        #expect(bench.commands.last == .turnAway(try Rig.reference("b")))
        try bench.enters("h", "held")
        _ = try bench.claim("h")
        try bench.enters("d", "dialin", from: shown)
        guard case .join = bench.commands.last else {
            Issue.record("\(bench.commands)")
            return
        }
    }

    @Test("who shows our number is not enough where a token is wanted; a plain stranger is not even answered")
    func forged() throws {
        var bench = try Bench()
        try bench.enters("h", "held")
        let token = try #require(try bench.claim("h", withToken: true).token?.reveal())
        try bench.enters("f", "dialin", from: "+4915112345678")
        #expect(bench.commands.last == .listen(try Rig.reference("f"), answers: true))
        try bench.types("00000000#", in: "f")
        #expect(bench.commands.last == .hangUp(try Rig.reference("f")))
        try bench.enters("s", "dialin", from: "+4915212345678")
        #expect(bench.commands.last == .turnAway(try Rig.reference("s")))
        // Withheld, as some trunks show us: the token says who it is.
        try bench.enters("d", "dialin", from: "anonymous")
        try bench.types(token + "#", in: "d")
        guard case .join(let held, let dialIn, _, _) = bench.commands.last else {
            Issue.record("\(bench.commands)")
            return
        }
        #expect(held.text == "h" && dialIn.text == "d")
    }

    @Test("an announcement dies with its call: by its withdrawal, by a claim, by another one, by its time")
    func announcements() throws {
        var bench = try Bench()
        _ = try bench.announce("+4930111111")
        bench.machine.withdraw(Rig.call)
        try bench.enters("a", "dialin", from: "+4915112345678")
        #expect(bench.commands.last == .turnAway(try Rig.reference("a")))
        _ = try bench.announce("+4930111111")
        try bench.enters("h", "held")
        _ = try bench.claim("h", key: UUID())
        try bench.enters("b", "dialin", from: "+4915112345678")
        guard case .join = bench.commands.last else {
            Issue.record("\(bench.commands)")
            return
        }
        _ = try bench.announce("+4930111111", key: UUID())
        _ = try bench.announce("+4930222222", key: UUID())
        try bench.enters("c", "dialin", from: "+4915112345678")
        #expect(bench.commands.last == .lead(try Rig.reference("c"), context: "out", target: "+4930222222"))
        _ = try bench.announce("+4930111111")
        bench.passes(.seconds(60))
        try bench.enters("d", "dialin", from: "+4915112345678")
        #expect(bench.commands.last == .turnAway(try Rig.reference("d")))
        // A SIM whose number nobody knows is known by its token.
        let token = try #require(try bench.announce("+4930333333", by: nil).token?.reveal())
        try bench.enters("e", "dialin", from: "anonymous")
        try bench.types(token + "#", in: "e")
        let led = StasisCommand.lead(try Rig.reference("e"), context: "out", target: "+4930333333")
        #expect(bench.commands.last == led)
        bench.finishes(led, false)
        #expect(bench.commands.last == .turnAway(try Rig.reference("e")))
    }
}
