import Testing

@testable import SIP

@Suite("Who may register") struct PhoneGateTests {
    private let now = ContinuousClock.now

    private func claim(
        _ nonce: String,
        _ password: String,
        user: String = "desk",
        count: String = "00000001"
    ) -> PhoneGate.Claim {
        let first = DigestTests.hash("\(user):gsmbridge:\(password)")
        let second = DigestTests.hash("REGISTER:sip:box")
        let response = DigestTests.hash("\(first):\(nonce):\(count):abc:auth:\(second)")
        let credentials = DigestCredentials([
            "username=\"\(user)\"", "realm=\"gsmbridge\"", "nonce=\"\(nonce)\"", "uri=\"sip:box\"", "qop=auth",
            "nc=\(count)", "cnonce=\"abc\"", "response=\"\(response)\"", "algorithm=MD5",
        ])
        return PhoneGate.Claim(method: "REGISTER", host: "box", credentials: credentials, source: "192.0.2.7")
    }

    private func nonce(_ gate: inout PhoneGate, at time: ContinuousClock.Instant) -> String {
        let verdict = gate.judge(.init(method: "REGISTER", credentials: nil, source: "192.0.2.7"), at: time)
        if case .challenge(let nonce, false) = verdict { return nonce }
        Issue.record("no challenge: \(verdict)")
        return ""
    }

    private func gate() -> PhoneGate {
        var gate = PhoneGate(at: now)
        gate.passwords = ["desk": "right password"]
        return gate
    }

    @Test("the right password is believed, once with each count")
    func right() {
        var gate = gate()
        let nonce = nonce(&gate, at: now)
        #expect(gate.judge(claim(nonce, "right password"), at: now) == .phone("desk"))
        // Overheard and sent again.
        if case .challenge(_, true) = gate.judge(claim(nonce, "right password"), at: now) {
        } else {
            Issue.record("a proof was good twice")
        }
        #expect(gate.judge(claim(nonce, "right password", count: "00000002"), at: now) == .phone("desk"))
    }

    @Test("two who come at once from an address have a nonce each")
    func together() {
        var gate = gate()
        let nonces = [nonce(&gate, at: now), nonce(&gate, at: now)]
        for nonce in nonces { #expect(gate.judge(claim(nonce, "right password"), at: now) == .phone("desk")) }
    }

    @Test("a nonce of another address or of another time is asked for anew")
    func nonces() {
        var gate = gate()
        let nonce = nonce(&gate, at: now)
        var foreign = claim(nonce, "right password")
        foreign.source = "192.0.2.8"
        if case .challenge(_, true) = gate.judge(foreign, at: now) {} else { Issue.record("a foreign nonce was taken") }
        let late = now + NonceMaker.lifetime + .seconds(1)
        if case .challenge(_, true) = gate.judge(claim(nonce, "right password"), at: late) {
        } else {
            Issue.record("an old nonce was taken")
        }
    }

    @Test("five wrong passwords lock the address out for that phone, told once, and not for others")
    func locks() {
        var gate = gate()
        gate.passwords["hall"] = "another password"
        let nonce = nonce(&gate, at: now)
        for _ in 1..<PhoneGate.mostFailures {
            #expect(gate.judge(claim(nonce, "wrong"), at: now) == .refused(nil))
        }
        #expect(gate.judge(claim(nonce, "wrong"), at: now) == .refused(.locked(phone: "desk", source: "192.0.2.7")))
        #expect(gate.judge(claim(nonce, "right password"), at: now) == .refused(nil))
        #expect(gate.judge(claim(nonce, "another password", user: "hall"), at: now) == .phone("hall"))
        let later = now + PhoneGate.lockTime + .seconds(1)
        let fresh = self.nonce(&gate, at: later)
        #expect(gate.judge(claim(fresh, "right password"), at: later) == .phone("desk"))
    }

    @Test("a proof for another request is none")
    func otherRequest() {
        var gate = gate()
        var moved = claim(nonce(&gate, at: now), "right password")
        moved.host = "another"
        #expect(gate.judge(moved, at: now) == .refused(nil))
        moved.host = "BOX"
        #expect(gate.judge(moved, at: now) == .phone("desk"))
    }

    @Test("a name that nobody has is refused as a wrong password is")
    func unknown() {
        var gate = gate()
        let nonce = nonce(&gate, at: now)
        #expect(gate.judge(claim(nonce, "x", user: "nobody"), at: now) == .refused(nil))
    }
}

@Suite("Digests") struct DigestTests {
    static func hash(_ text: String) -> String { DigestCredentials.hash(text) }

    @Test("the example of RFC 2617 §3.5 is believed, with its password alone")
    func example() throws {
        let credentials = try #require(
            DigestCredentials([
                "username=\"Mufasa\"", "realm=\"testrealm@host.com\"", "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
                "uri=\"/dir/index.html\"", "qop=auth", "nc=00000001", "cnonce=\"0a4f113b\"",
                "response=\"6629fae49393a05397450978507c4ef1\"", "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
            ])
        )
        #expect(credentials.proves("Circle Of Life", method: "GET"))
        #expect(!credentials.proves("Circle of Life", method: "GET"))
        #expect(!credentials.proves("Circle Of Life", method: "POST"))
    }

    @Test(
        "a proof is for the user and the host that it names",
        arguments: [
            ("sip:112@box", "112", "box", true), ("sip:113@box", "112", "box", false),
            ("sip:box:5060", "112", "box", true),
            ("sip:112@box:5060;transport=udp", "112", "BOX", true), ("sip:112@other", "112", "box", false),
            ("sip:[::1]:5060", nil, "[::1]", true), ("sip:112@box", nil, "box", false),
            ("tel:+493023125001", "+493023125001", nil, true), ("TEL:%2B4930", "+4930", nil, true),
            ("tel:7042;phone-context=example.com", "7042", nil, true), ("tel:113", "112", nil, false),
            ("tel:112", "112", "box", false), ("sip:112@box", "112", nil, false),
        ] as [(String, String?, String?, Bool)]
    )
    func place(uri: String, user: String?, host: String?, isRight: Bool) throws {
        let parameters = ["username=a", "realm=r", "nonce=n", "uri=\"\(uri)\"", "response=x"]
        let credentials = try #require(DigestCredentials(parameters))
        #expect(credentials.isFor(user: user, host: host) == isRight)
    }

    @Test(
        "what is not whole is refused",
        arguments: [
            [], ["username"], ["username=\"a\""],
            ["username=a", "username=b", "realm=r", "nonce=n", "uri=u", "response=x"],
            ["username=a", "realm=r", "nonce=n", "uri=u", "response=x", "qop=auth-int", "nc=00000001", "cnonce=c"],
            ["username=a", "realm=r", "nonce=n", "uri=u", "response=x", "qop=auth", "nc=1", "cnonce=c"],
            ["username=a", "realm=r", "nonce=n", "uri=u", "response=x", "algorithm=SHA-256"],
        ]
    )
    func wrong(parameters: [String]) { #expect(DigestCredentials(parameters) == nil) }
}

@Suite("Where phones are") struct RegistrarTests {
    private let now = ContinuousClock.now
    private let source = RequestSource(address: "192.0.2.7", port: 5062, transport: "udp")

    private func order(
        _ contact: String?,
        _ expires: Int?,
        call: String = "one",
        sequence: UInt32 = 1
    ) -> Registrar.Order {
        Registrar.Order(
            contact: contact,
            expires: expires,
            source: source,
            door: "sip:192.0.2.1:5060;transport=udp",
            callID: call,
            sequence: sequence
        )
    }

    @Test("a place holds for its time, an hour at most, and is taken back")
    func holds() {
        var registrar = Registrar()
        #expect(registrar.take(order("sip:a", 7200), of: "desk", at: now) == .bound([("sip:a", 3600)], isNews: true))
        #expect(
            registrar.take(order("sip:a", 60, sequence: 2), of: "desk", at: now)
                == .bound([("sip:a", 60)], isNews: false)
        )
        #expect(registrar.expire(at: now + .seconds(59)) == [])
        #expect(registrar.expire(at: now + .seconds(60)) == ["desk"])
        _ = registrar.take(order("sip:a", 60, sequence: 3), of: "desk", at: now)
        #expect(registrar.take(order("*", 0, sequence: 4), of: "desk", at: now) == .bound([], isNews: true))
        #expect(registrar.take(order("*", 60, sequence: 5), of: "desk", at: now) == .wrong)
    }

    @Test("an order that was overtaken changes nothing")
    func order() {
        var registrar = Registrar()
        _ = registrar.take(order("sip:a", 60, sequence: 5), of: "desk", at: now)
        #expect(registrar.take(order("sip:a", 0, sequence: 5), of: "desk", at: now) == .outdated)
        #expect(
            registrar.take(order("sip:a", 0, call: "two", sequence: 1), of: "desk", at: now) == .bound([], isNews: true)
        )
    }

    @Test("a phone has four places at most")
    func most() {
        var registrar = Registrar()
        for number in 0..<20 { _ = registrar.take(order("sip:\(number)", 60), of: "desk", at: now) }
        #expect(registrar.places(of: "desk", at: now).map(\.contact) == ["sip:16", "sip:17", "sip:18", "sip:19"])
    }

    @Test("guesses of one network of IPv6 are those of one side")
    func networks() {
        func network(_ address: String) -> String { RequestSource(address: address, port: 1, transport: "udp").network }
        #expect(network("2001:db8:0:1::5") == "2001:db8:0:1::/64" && network("192.0.2.7") == "192.0.2.7")
        #expect(network("2001:db8:0:1:aaaa::1") == network("2001:db8:0:1::5"))
    }

    @Test(
        "addresses of a house are told from those of the Internet",
        arguments: [
            ("127.0.0.1", true), ("192.168.178.20", true), ("172.16.0.1", true), ("172.32.0.1", false),
            ("100.64.0.1", true), ("8.8.8.8", false), ("1.2.3", false), ("::1", true), ("fe80::1", true),
            ("fd00::1", true), ("2001:db8::1", false),
        ]
    )
    func house(address: String, isOfTheHouse: Bool) {
        #expect(RequestSource(address: address, port: 1, transport: "udp").isOfTheHouse == isOfTheHouse)
    }

    @Test("the machine's own addresses are known, are looked up now and then, and no other is one of them")
    func own() {
        #expect(OwnAddresses.ofInterfaces().contains("127.0.0.1"))
        let start = ContinuousClock.now
        var looks = 0
        var own = OwnAddresses {
            looks += 1
            return looks == 1 ? ["198.51.100.7"] : ["203.0.113.7"]
        }
        #expect(own.contains("198.51.100.7", at: start) && !own.contains("203.0.113.7", at: start + .seconds(4)))
        #expect(looks == 1)
        #expect(own.contains("203.0.113.7", at: start + .seconds(5)) && looks == 2)
    }
}

@Suite("Who knocks too often") struct KnockCounterTests {
    private let now = ContinuousClock.now

    @Test("an address that floods is shut out for a minute, told once an hour, and others are not")
    func floods() {
        var counter = KnockCounter()
        for _ in 1..<KnockCounter.most { #expect(counter.count("192.0.2.66", at: now) == .init()) }
        #expect(counter.count("192.0.2.7", at: now) == .init())
        #expect(counter.count("192.0.2.66", at: now) == .init(isBlocked: true, isNews: true))
        #expect(counter.blocked.map(\.source) == ["192.0.2.66"])
        for _ in 1..<KnockCounter.most { _ = counter.count("192.0.2.67", at: now) }
        #expect(counter.count("192.0.2.67", at: now) == .init(isBlocked: true, isNews: false))
        let end = now + KnockCounter.silence
        #expect(counter.nextEnd == end && !counter.forgive(at: end - .seconds(1)) && counter.forgive(at: end))
        #expect(counter.blocked.isEmpty)
    }

    @Test("what knocks slowly is never shut out, and no more addresses are kept than the limits say")
    func bounds() {
        var counter = KnockCounter()
        for second in 0..<300 {
            for _ in 1..<KnockCounter.most {
                #expect(!counter.count("192.0.2.7", at: now + .seconds(Int64(second))).isBlocked)
            }
        }
        for number in 0..<100 {
            for _ in 0..<KnockCounter.most { _ = counter.count("flood \(number)", at: now + .seconds(1000)) }
        }
        #expect(counter.blocked.count == KnockCounter.mostBlocked && counter.blocked.last?.source == "flood 99")
    }

    @Test("an IPv4 address is written as the network writes it")
    func words() {
        #expect(RequestSource.word(of: "127.0.0.1") == UInt32(0x7F00_0001).bigEndian)
        #expect(RequestSource.word(of: "::1") == nil && RequestSource.word(of: "1.2.3") == nil)
    }
}

@Suite("What phones dial") struct DialledNumberTests {
    @Test(
        "the user of a URI is a number, percent signs undone",
        arguments: [
            ("030123456", "030123456"), ("%2B4930123456", "+4930123456"), ("+49(30)123-456", "+49(30)123-456"),
            ("%2A21%23", "*21#"), ("030123;phone-context=+49", "030123"), ("desk", nil), ("%2", nil), ("%ZZ1", nil),
            ("", nil), ("+", nil), ("1%00", nil), ("1\u{0}2", nil),
        ] as [(String, String?)]
    )
    func number(user: String, number: String?) { #expect(SIPAgent.number(user) == number) }
}
