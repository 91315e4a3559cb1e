import DialPlan
import Testing
import TextCoding
import WebRequests

@testable import PBX

// fritzbox.
extension ProfileTests {
    @Test("a FRITZ!Box is told the phone, then the number, each behind a challenge")
    func fritzbox() throws {
        let account = try Rig.account(.fritzbox, "http://192.168.178.1:49000") { $0.options.device = "SIP: gsm & co" }
        let challenge = HTTPReply(
            status: 401,
            headers: [("WWW-Authenticate", #"Digest realm="HTTPS Access",nonce="1F2A",algorithm=MD5,qop="auth""#)]
        )
        let done = HTTPReply.text(200, "<?xml version=\"1.0\"?><s:Envelope/>")
        let (requests, result) = try account.play(
            .requestCallback(try Rig.callback()),
            challenge,
            done,
            challenge,
            done
        )
        #expect(requests.map(\.effect) == [.harmless, .harmless, .harmless, .once])
        #expect(requests[0].header("Authorization") == nil)
        #expect(requests[0].url.wire == "http://192.168.178.1:49000/upnp/control/x_voip")
        #expect(requests[0].header("SOAPAction") == "\"urn:dslforum-org:service:X_VoIP:1#X_AVM-DE_DialSetConfig\"")
        #expect(requests[0].text.contains("<NewX_AVM-DE_PhoneName>SIP: gsm &amp; co</NewX_AVM-DE_PhoneName>"))
        #expect(
            requests[3].header("Authorization")?.hasPrefix("Digest username=\"anna\", realm=\"HTTPS Access\"") == true
        )
        #expect(requests[3].text.contains("<NewX_AVM-DE_PhoneNumber>030123456</NewX_AVM-DE_PhoneNumber>"))
        guard case .accepted(nil) = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test("a FRITZ!Box's fault is a refusal, not an ambiguity")
    func fault() throws {
        let account = try Rig.account(.fritzbox, "http://192.168.178.1:49000") { $0.options.device = "STATIC" }
        let challenge = HTTPReply(status: 401, headers: [("WWW-Authenticate", #"Digest realm="r", nonce="n""#)])
        let step = try account.begin(.requestCallback(try Rig.callback())).after(challenge)
        let fault = HTTPReply.text(
            500,
            "<s:Envelope><s:Body><s:Fault><detail><UPnPError><errorCode>606</errorCode>"
                + "<errorDescription>Action not authorized</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>"
        )
        do {
            _ = try step.after(fault)
            Issue.record("a fault is no success")
        } catch let error as PBXError {
            #expect(error.kind == .refused(status: 500))
            #expect(error.message.contains("606"))
        }
    }

    private static let fritzChallenge = HTTPReply(
        status: 401,
        headers: [("WWW-Authenticate", #"Digest realm="r", nonce="n""#)]
    )

    private static func fault(_ code: String) -> HTTPReply {
        .text(500, "<s:Fault><UPnPError><errorCode>\(code)</errorCode></UPnPError></s:Fault>")
    }

    @Test(
        "each of a FRITZ!Box's errors has a remedy of its own",
        arguments: [
            ("401", "FRITZ!OS"), ("402", "'device'"), ("606", "right for phoning"), ("820", "failed inside"),
            ("866", "second factor"), ("867", "locked"), ("868", "another confirmation"), ("999", "dialling helper"),
        ]
    )
    func remedies(_ code: String, _ words: String) throws {
        let account = try Rig.account(.fritzbox, "http://192.168.178.1:49000") { $0.options.device = "STATIC" }
        let step = try account.begin(.requestCallback(try Rig.callback())).after(Self.fritzChallenge)
        let error = #expect(throws: PBXError.self) { _ = try step.after(Self.fault(code)) }
        #expect(error?.kind == .refused(status: 500))
        #expect(error?.remedy.contains(words) == true, "\(error?.remedy ?? "")")
    }

    @Test("the doctor sees what only dialling needs, and writes nothing that is so already")
    func fritzHealth() throws {
        let account = try Rig.account(.fritzbox, "http://192.168.178.1:49000") { $0.options.device = "DECT: A & B" }
        let phone = { (name: String) in HTTPReply.text(200, "<NewX_AVM-DE_PhoneName>\(name)</NewX_AVM-DE_PhoneName>") }
        let known = try account.play(.health, Self.fritzChallenge, phone("DECT: A &amp; B"))
        #expect(known.requests.count == 2)
        let other = try account.play(.health, Self.fritzChallenge, phone("unspecified"), Self.fritzChallenge, phone(""))
        #expect(other.requests.count == 4)
        #expect(other.requests[3].text.contains("<NewX_AVM-DE_PhoneName>DECT: A &amp; B</NewX_AVM-DE_PhoneName>"))
        let step = try account.begin(.health).after(Self.fritzChallenge).after(phone("unspecified"))
            .after(Self.fritzChallenge)
        #expect(throws: PBXError.self) { _ = try step.after(Self.fault("866")) }
    }

    // The values of RFC 2617 section 3.5 and RFC 7616 section 3.9.1.
    @Test(
        "a digest is what the standards print",
        arguments: [
            (
                #"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
                "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1"
            ),
            (
                #"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
                "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
            ),
        ]
    )
    func digest(_ header: String, _ password: String, _ nonce: String, _ expected: String) throws {
        let challenge = try #require(DigestChallenge([header]))
        let text = challenge.authorization(
            method: "GET",
            target: "/dir/index.html",
            user: "Mufasa",
            password: Secret(password),
            clientNonce: nonce
        )
        #expect(text.contains("response=\"\(expected)\""))
    }

    @Test("of two challenges the stronger is answered; unknown ones are not")
    func challenges() {
        let both = DigestChallenge([
            #"Digest realm="a", nonce="b", algorithm=MD5"#, #"Digest realm="a", nonce="c", algorithm=SHA-256"#,
        ])
        #expect(both?.algorithm == .sha256)
        #expect(DigestChallenge([#"Basic realm="a""#]) == nil)
        #expect(DigestChallenge([#"Digest realm="a", nonce="b", qop="auth-int""#]) == nil)
        #expect(DigestChallenge([#"Digest realm="a", nonce="b\"c""#]) == nil)
        #expect(DigestChallenge([#"Digest realm="a"#, "Digest", "Digest =,=", ""]) == nil)
    }
}
