import Testing
import TextCoding
import WebRequests

@testable import PBX

@Suite("Addresses of PBXs")
struct AddressTests {
    @Test(
        "an address is read",
        arguments: [
            ("https://pbx.example.net:8089/ari/", "https://pbx.example.net:8089", "/ari"),
            ("HTTP://[fd00::1]:80", "http://[fd00::1]:80", ""),
            ("http://192.168.178.1:49000", "http://192.168.178.1:49000", ""),
            ("https://API.twilio.com/2010-04-01", "https://api.twilio.com", "/2010-04-01"),
        ]
    )
    func read(_ text: String, _ origin: String, _ path: String) throws {
        let address = try #require(WebAddress(text))
        #expect(address.origin == origin)
        #expect(address.path == path)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "ftp://a", "https://", "https://a b", "https://user:pw@host/", "https://a?b", "https://a#b",
            "https://a:0",
            "https://a:65536", "https://a:x", "https://[::1", "https://[x]", "https://ä.de", "https://a\\b",
            "https://a:1:2",
        ]
    )
    func refused(_ text: String) {
        #expect(WebAddress(text) == nil)
    }

    @Test(
        "only IP addresses of the own network, and localhost, count as private",
        arguments: [
            ("http://localhost", true), ("http://127.9.9.9", true), ("http://10.0.0.1", true),
            ("http://172.16.0.1", true),
            ("http://172.32.0.1", false), ("http://192.168.1.1", true), ("http://192.169.1.1", false),
            ("http://[::1]", true),
            ("http://[fe80::1]", true), ("http://[fd12::1]", true), ("http://[2001:db8::1]", false),
            ("http://8.8.8.8", false),
            ("http://fritz.box", false), ("http://10.0.0.1.example.net", false), ("http://10.0.0", false),
            ("http://0010.0.0.1", false),
        ]
    )
    func privacy(_ text: String, _ expected: Bool) throws {
        #expect(try #require(WebAddress(text)).isPrivate == expected)
    }

    @Test("a URL is shown without the values of its query and with masked numbers")
    func shown() throws {
        let base = RequestURL(try #require(WebAddress("https://pbx.example.net/api")))
        let url = base.appending("calls", "4930123456").with([("guid", "topsecret"), ("none", nil)])
        #expect(url.wire == "https://pbx.example.net/api/calls/4930123456?guid=topsecret")
        #expect("\(url)" == "https://pbx.example.net/api/calls/4930123xxx?guid=...")
        let request = WebRequest(.get, url, effect: .once).bearer(Secret("topsecret"))
        var dump = ""
        Swift.dump(request, to: &dump)
        #expect(!dump.contains("topsecret") && !"\(request)".contains("topsecret"))
    }

    @Test("an instant of RFC 3339 is read, in any offset")
    func instants() {
        #expect(UnixTime(rfc3339: "1970-01-01T00:00:00Z")?.milliseconds == 0)
        #expect(UnixTime(rfc3339: "2026-11-23T09:15:30.25+01:00")?.milliseconds == 1_795_421_730_250)
        #expect(UnixTime(rfc3339: "2024-02-29T23:59:59Z")?.seconds == 1_709_251_199)
        for text in [
            "", "2026-11-23", "2026-11-23T09:15:30", "2026-13-23T09:15:30Z", "2026-11-23T09:15:30.Z",
            "2026-11-23T09:15:30+1",
        ] {
            #expect(UnixTime(rfc3339: text) == nil, "\(text)")
        }
        for (text, milliseconds) in [
            ("1795421730", 1_795_421_730_000), ("1795421730.25", 1_795_421_730_250),
            ("1.79542173e9", 1_795_421_730_000),
            ("2026-11-23T09:15:30.25+01:00", 1_795_421_730_250), ("9e99", 100_000_000_000_000_000),
        ] as [(String, Int64)] {
            #expect(UnixTime(written: text)?.milliseconds == milliseconds, "\(text)")
        }
        for text in ["", "-5", "soon", "inf", "nan", ".5"] { #expect(UnixTime(written: text) == nil, "\(text)") }
    }

    @Test("foreign text is made fit for one line")
    func printable() {
        #expect(Printable.text("a\r\nb\u{1B}[31mäö 0301234567", limit: 80) == "a??b?[31m?? 0301234xxx")
        #expect(Printable.text(String(repeating: "x", count: 90), limit: 10) == "xxxxxxxxxx...")
    }
}
