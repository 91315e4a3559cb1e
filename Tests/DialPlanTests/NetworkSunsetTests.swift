import CallModel
import Testing

@testable import DialPlan

@Suite("Ends of networks")
struct NetworkSunsetTests {
    @Test("every row has a day of the calendar, networks, and says who says so")
    func table() {
        for row in NetworkSunset.table {
            #expect(row.date != .earliest && !row.source.isEmpty && row.technology.switchesCircuits, "\(row)")
            for network in row.networks { #expect((5...6).contains(network.utf8.count), "\(row)") }
        }
        let keys = NetworkSunset.table.flatMap { row in row.networks.map { "\($0) \(row.technology)" } }
        #expect(Set(keys).count == keys.count)
    }

    @Test("calls end with the last network that the stick knows")
    func ends() {
        func end(_ network: String, _ radios: Set<RadioTechnology>) -> String? {
            NetworkSunset.endOfCalls(in: network, radios: radios).map { "\($0.technology.rawValue) \($0.date)" }
        }
        #expect(end("26201", [.gsm, .umts]) == "gsm 2028-06-30")
        #expect(end("26201", [.gsm]) == "gsm 2028-06-30")
        // The card's number begins with its network.
        #expect(end("262011234567890", [.gsm, .umts, .lte]) == "gsm 2028-06-30")
        #expect(end("20801", [.gsm, .umts, .lte]) == "umts 2028-12-31")
        #expect(end("20801", [.gsm]) == "gsm 2026-12-31")
        // 2G goes on there, as far as is known.
        #expect(end("26203", [.gsm, .umts]) == nil)
        #expect(end("22803", [.gsm, .umts]) == nil)
        #expect(end("99999", [.gsm]) == nil)
        #expect(end("2620", [.gsm]) == nil)
        #expect(end("26201", [.lte]) == nil)
    }

    @Test("what is over is said as such")
    func words() throws {
        let end = try #require(NetworkSunset.endOfCalls(in: "22801", radios: [.gsm, .umts]))
        let now = try #require(LocalDate(packed: 20_261_129))
        #expect(end.isOver(on: now))
        #expect(end.warning(on: now).contains("has switched 3G off"))
        let then = try #require(NetworkSunset.endOfCalls(in: "26202", radios: [.gsm]))
        #expect(then.warning(on: now) == "no calls here after 2028-09-30 on this stick: Vodafone switches 2G off")
    }
}
