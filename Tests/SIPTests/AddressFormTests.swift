import Testing

@testable import SIP

@Suite("How far ends write addresses") struct AddressFormTests {
    @Test(
        "a proof is for the user that is called, whichever way each of the two is written (RFC 3261 §19.1.4)",
        arguments: [
            ("sip:%2B4930123456@box", "+4930123456", true), ("sip:+4930123456@box", "%2b4930123456", true),
            ("sip:030123456;phone-context=+49@box:5060;transport=udp", "030123456;phone-context=+49", true),
            ("sip:%31%31%32@box", "112", true), ("sip:112@other", "112", false), ("sip:113@box", "112", false),
            ("sip:112%@box", "112%", true), ("sip:box", "112", true),
        ]
    )
    func proofs(uri: String, user: String, isSame: Bool) throws {
        let credentials = try #require(
            DigestCredentials([
                "username=\"desk\"", "realm=\"gsmbridge\"", "nonce=\"n\"", "uri=\"\(uri)\"", "response=\"r\"",
            ])
        )
        #expect(credentials.isFor(user: user, host: "box") == isSame)
    }

    @Test("a route is a URI in brackets with its parameters inside (RFC 3261 §20.34)")
    func route() {
        let source = RequestSource(address: "2001:db8::1", port: 5060, transport: "tcp")
        #expect(source.route == "<sip:[2001:db8::1]:5060;transport=tcp;lr>")
    }

    @Test("an address of IPv6 has one form")
    func canonical() {
        #expect(RequestSource.canonical("2001:DB8:0:0::1") == "2001:db8::1")
        #expect(RequestSource.canonical("192.0.2.7") == "192.0.2.7")
    }
}
