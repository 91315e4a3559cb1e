import CPhoneNumber
import DialPlan
import TestSupport
import Testing

@Suite("Regions of the world")
struct RegionTests {
    /// The codes of all regions that the library knows.
    static func libraryRegions() throws -> [String] {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = cpn_regions(&bytes, Int32(bytes.count))
        let codes = String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            .split(separator: " ").map(String.init)
        try #require(codes.count == Int(count))
        return codes
    }

    @Test("every region that libphonenumber knows is there, with its country code")
    func complete() throws {
        let codes = try Self.libraryRegions()
        #expect(codes.count > 200)
        #expect(Set(codes).subtracting(Region.all.map(\.code)).isEmpty)
        for region in Region.all {
            #expect(cpn_country_code(region.code) == Int32(region.countryCode), "\(region)")
        }
        #expect(Region.all.map(\.code) == Region.all.map(\.code).sorted())
    }

    @Test("its international prefix leads abroad, however it is written", arguments: Region.all)
    func international(region: Region) throws {
        let abroad = region.countryCode == "49" ? "43158858" : "4930123456"
        let number = try PhoneNumber(typed: region.internationalPrefix + abroad, region: region)
        #expect(number.e164 == abroad)
        #expect(number.numberClass == .international)
        #expect(!DialPolicy().verdict(on: number, as: .national).isAllowed)
        let typed = try PhoneNumber(typed: "+" + abroad, region: region)
        #expect(typed.formatted(.national).text == region.internationalPrefix + abroad)
        #expect(typed.isSameNumber(as: number))
    }

    @Test("its emergency numbers need no library and always pass", arguments: Region.all)
    func emergency(region: Region) throws {
        for digits in region.emergencyNumbers + EmergencyNumbers.everywhere {
            #expect((2...5).contains(digits.utf8.count) && digits.utf8.allSatisfy { (0x30...0x39).contains($0) })
            let number = try PhoneNumber(typed: digits, region: region)
            #expect(number.isEmergency && number.type == .emergency)
            #expect(number.formatted(.national).text == digits)
            #expect(DialPolicy(allow: [], deny: Set(NumberClass.allCases)).verdict(on: number).isAllowed)
        }
    }

    @Test(
        "no emergency number is the beginning of an ordinary number that passes",
        arguments: ["DE", "AT", "CH", "FR"]
    )
    func prefixes(code: String) throws {
        let region = try Region(code: code)
        for digits in region.emergencyNumbers {
            for tail in ["0", "12", "345"] {
                guard let number = try? PhoneNumber(typed: digits + tail, region: region) else { continue }
                #expect(!number.isEmergency)
            }
        }
    }

    @Test("national numbers of a region are written so that they are read again", arguments: Region.all)
    func digits(region: Region) throws {
        var random = SeededGenerator(seed: UInt64(region.countryCode) ?? 0)
        var read = 0
        for _ in 0..<200 {
            let digits = (0..<Int.random(in: 3...12, using: &random)).map { _ in Int.random(in: 0...9, using: &random) }
            let typed = digits.map(String.init).joined()
            guard let number = try? PhoneNumber(typed: typed, region: region) else { continue }
            read += 1
            let national = number.formatted(.national)
            #expect(keepsGrammar(national.text) || number.isEmergency)
            let again = try? PhoneNumber(typed: national.text, region: region)
            guard DialPolicy().verdict(on: number, as: .national).isAllowed else { continue }
            #expect(again?.isSameNumber(as: number) == true, "\(typed)")
        }
        #expect(read > 0)
    }
}
