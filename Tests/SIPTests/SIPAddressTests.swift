import CallModel
import Testing

@Suite("The address of a SIP server") struct SIPAddressTests {
    @Test(
        "is read as it is written",
        arguments: [
            ("sip:pbx.example.net", SIPAddress(host: "pbx.example.net")),
            ("pbx.example.net:5070", SIPAddress(host: "pbx.example.net", port: 5070)),
            ("sip:10@pbx.example.net;transport=TLS", SIPAddress(user: "10", host: "pbx.example.net", transport: .tls)),
            ("sips:192.0.2.1", SIPAddress(host: "192.0.2.1", transport: .tls)),
            ("sip:[2001:db8::1]:5061;transport=tcp", SIPAddress(host: "2001:db8::1", port: 5061, transport: .tcp)),
        ]
    )
    func read(text: String, address: SIPAddress) {
        #expect(SIPAddress(text) == address)
        #expect(SIPAddress(address.description) == address)
    }

    @Test(
        "is refused where it would mean something else",
        arguments: [
            "", "sip:", "sip:a b", "sip:host:0", "sip:host:70000", "sip:host:", "sip:host;lr",
            "sip:host;transport=sctp",
            "sip:[::1", "sip:[pbx]", "sip:us er@host", "sip:@host", "sip:host\r\nVia: x", "sip:host?header=1",
        ]
    )
    func refused(text: String) { #expect(SIPAddress(text) == nil) }
}
