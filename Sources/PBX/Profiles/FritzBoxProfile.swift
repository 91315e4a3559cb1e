internal import DialPlan
internal import WebRequests

extension PBXProfile {
    /// A FRITZ!Box by TR-064 (service `X_VoIP:1`, HTTP Digest; AVM's interface description, github.com/kbr/fritzconnection).
    ///
    /// It has no callback to an outside phone of its own: `device` is the phone that it rings first, as it names it (`STATIC`,
    /// `DECT: Anna`, `SIP: gsm`); lead that phone on to the SIM, or make it our own SIP phone. Its dialling helper has to be
    /// switched on.
    package static let fritzbox = PBXProfile(
        name: "fritzbox",
        keys: [.device],
        capabilities: { account in
            PBXCapabilities(reverse: account.ringsUs ? .ringOnly : .none, callsBack: account.options.device != nil)
        },
        begin: { action, account throws(PBXError) in try FritzBoxExchange(action: action, account: account).begin() }
    )
}

/// One action at a FRITZ!Box.
struct FritzBoxExchange: Sendable {
    static let standard = "http://fritz.box:49000"
    static let service = "urn:dslforum-org:service:X_VoIP:1"

    let action: PBXAction
    let account: PBXAccount
    /// Chance for the digest; a fixed one in tests.
    var clientNonce: @Sendable () -> String = { HexText.encode((0..<16).map { _ in UInt8.random(in: 0...255) }) }

    func begin() throws(PBXError) -> PBXStep {
        switch action {
        case .requestCallback(let request):
            guard let device = account.options.device else { throw .missing("device", for: action) }
            let number = account.write(request.target, .national)
            return try call("X_AVM-DE_DialSetConfig", [("NewX_AVM-DE_PhoneName", device)], effect: .harmless) {
                _ throws(PBXError) in
                try call("X_AVM-DE_DialNumber", [("NewX_AVM-DE_PhoneNumber", number)], effect: .once) {
                    _ throws(PBXError) in
                    .finish(.accepted(nil))
                }
            }
        case .hangUp:
            return try call("X_AVM-DE_DialHangup", [], effect: .harmless) { _ throws(PBXError) in .finish(.done) }
        case .health:
            return try call("X_AVM-DE_DialGetConfig", [], effect: .harmless) { reply throws(PBXError) in
                guard let device = account.options.device, Self.phone(reply) != device else {
                    return .finish(.health(version: nil))
                }
                // What only dialling needs: the right to set, a second factor, a phone of that name. Each call sets it too.
                return try call("X_AVM-DE_DialSetConfig", [("NewX_AVM-DE_PhoneName", device)], effect: .harmless) {
                    _ throws(PBXError) in
                    .finish(.health(version: nil))
                }
            }
        case .prepareCallthrough, .withdrawCallthrough, .claimHeld, .releaseHeld, .status:
            throw .unsupported(action, "TR-064 has nothing for it; docs/pbx/fritzbox.md says what works instead")
        }
    }

    /// One SOAP call: unsigned first, then with the answer to the challenge; the first never does anything.
    private func call(
        _ name: String,
        _ arguments: [(String, String)],
        effect: WebRequest.Effect,
        then: @escaping @Sendable (HTTPReply) throws(PBXError) -> PBXStep
    ) throws(PBXError) -> PBXStep {
        let (user, password) = try account.credentials(for: action)
        let first = try request(name, arguments, effect: .harmless)
        return .send(first) { reply throws(PBXError) in
            guard reply.status == 401 else {
                // Never seen at a FRITZ!Box, whose calls all want a user.
                throw PBXError(
                    .refused(status: reply.status),
                    "it did not ask who we are (\(reply.status))",
                    remedy: "check that url leads to TR-064 (port 49000, or 49443 with TLS), and that it is switched on"
                )
            }
            guard let challenge = DigestChallenge(reply.all("WWW-Authenticate")) else {
                throw PBXError(
                    .refused(status: 401),
                    "it asks for a kind of login that this program does not know",
                    remedy: "check that url leads to TR-064"
                )
            }
            var second = first
            second.effect = effect
            second = second.with(
                "Authorization",
                challenge.authorization(
                    method: first.method.rawValue,
                    target: first.url.target,
                    user: user,
                    password: password,
                    clientNonce: clientNonce()
                )
            )
            return .send(second) { [second] reply throws(PBXError) in
                if let fault = Self.fault(reply) { throw fault }
                try reply.check(second)
                return try then(reply)
            }
        }
    }

    private func request(
        _ name: String,
        _ arguments: [(String, String)],
        effect: WebRequest.Effect
    ) throws(PBXError) -> WebRequest {
        let inside = arguments.map { XMLElement($0.0, text: $0.1) }
        let envelope = XMLElement(
            "s:Envelope",
            [
                "xmlns:s": "http://schemas.xmlsoap.org/soap/envelope/",
                "s:encodingStyle": "http://schemas.xmlsoap.org/soap/encoding/",
            ],
            [XMLElement("s:Body", [:], [XMLElement("u:" + name, ["xmlns:u": Self.service], inside)])]
        )
        var request = WebRequest(
            .post,
            try account.base(Self.standard, for: action).appending("upnp", "control", "x_voip"),
            effect: effect
        )
        request.body = Array(envelope.document.utf8)
        return request.with("Content-Type", "text/xml; charset=\"utf-8\"")
            .with("SOAPAction", "\"\(Self.service)#\(name)\"")
    }

    /// A SOAP fault says that nothing was done; its number is UPnP's (`errorCode`).
    private static func fault(_ reply: HTTPReply) -> PBXError? {
        guard reply.status == 500, let text = String(validating: reply.body, as: UTF8.self),
            let code = element("errorCode", in: text)
        else { return nil }
        let words = element("errorDescription", in: text).map { " ('\(Printable.text($0, limit: 60))')" } ?? ""
        let remedy = remedy(for: code)
        return PBXError(
            .refused(status: 500),
            "it refused with UPnP error \(Printable.text(code, limit: 8))\(words)",
            remedy: remedy
        )
    }

    /// What to do about an error (UPnP Device Architecture 1.0, 3.2.2; AVM's "TR-064 First Steps" and "X_VoIP").
    private static func remedy(for code: String) -> String {
        switch code {
        case "401":
            "its FRITZ!OS has no dialling by TR-064 (Invalid Action); update it, and check that url leads to the box itself"
        case "402": "check 'device', written as the FRITZ!Box names the phone, such as 'DECT: Anna', and the number"
        case "606": "give its user the right for phoning (System, FRITZ!Box-Benutzer)"
        case "713", "801": "give its user the right for phoning, and check 'device'"
        case "820":
            "the FRITZ!Box failed inside: switch the dialling helper on (Telefonie, Anrufe, Waehlhilfe), try a phone by hand, start the box anew"
        case "866":
            "it wants a second factor: confirm at the box once, or switch the additional confirmation off (System, FRITZ!Box-Benutzer, Anmeldung im Heimnetz)"
        case "867":
            "its second factor is locked after wrong confirmations: wait an hour or start the box anew, then confirm"
        case "868": "another confirmation is under way at the box: end that one, then try again"
        default: "switch the dialling helper on (Telefonie, Anrufe, Waehlhilfe), and check 'device'"
        }
    }

    /// The phone that the dialling helper rings.
    private static func phone(_ reply: HTTPReply) -> String? {
        guard let text = String(validating: reply.body, as: UTF8.self) else { return nil }
        let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        return element("NewX_AVM-DE_PhoneName", in: text)
            .map { name in escapes.reduce(name) { $0.replacing($1.0, with: $1.1) } }
    }

    private static func element(_ name: String, in text: String) -> String? {
        let bytes = Array(text.utf8)
        let open = Array("<\(name)>".utf8)
        let close = Array("</\(name)>".utf8)
        guard let start = bytes.firstRange(of: open)?.upperBound,
            let end = bytes[start...].firstRange(of: close)?.lowerBound
        else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
