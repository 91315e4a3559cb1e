internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import PBX
internal import WebRequests

extension SettingTable<Configuration.PBX.Webhook> {
    /// What the PBX tells this box.
    ///
    /// - Parameters:
    ///   - needs: what must be set; nil for a profile without webhooks, and for all that there may be.
    ///   - profile: the name of the profile.
    static func webhook(_ needs: WebhookNeeds?, _ profile: String) -> Self {
        let purpose: SecretReference.Purpose = needs?.isStandard == true ? .webhooks(shortest: 1) : .password
        let rows: [SettingRow<Configuration.PBX.Webhook>] = [
            .optional("public_url", \.publicURL, .webAddress).example("https://box.example.net/pbx/cloud")
                .help("where the PBX reaches this box; `twilio` and `sipgate` need it"),
            .secret("secret", \.secret, purpose).standard("must be there, but with `sipgate`")
                .example("{ credential: twilio-token }").help("what the PBX signs with"),
            .secret("previous_secret", \.previousSecret, purpose).example("{ credential: twilio-token-before }")
                .help("the one before, while it is being changed"),
            .value("incoming", \.incoming, .choice, isShown: false).example("forward")
                .help("what a call gets that is neither expected nor ours; `hold` only with `twilio`"),
            .optionalList("forward_to", \.forwardTo, .destination).example("[\"+4922166966966\"]")
                .help("numbers or users of the PBX, for `forward`"),
        ]
        return Self(
            { _, _ in Configuration.PBX.Webhook() },
            rows,
            check: { reader, section, webhook in
                guard let needs, let webhook else { return }
                if needs.secret, section["secret"] == nil {
                    let remedy = "add 'secret: { credential: NAME }' with what the PBX signs with"
                    reader.report(
                        "without a secret nobody can tell who sent a webhook",
                        remedy,
                        at: "secret",
                        in: section
                    )
                }
                if needs.publicURL, section["public_url"] == nil, !reader.hasPublicURL {
                    let remedy = "add 'public_url: https://...' here or to webhooks"
                    reader.report(
                        "the PBX has to be told where it reaches this box",
                        remedy,
                        at: "public_url",
                        in: section
                    )
                }
                if (webhook.incoming == .forward) != (section["forward_to"] != nil) {
                    let message = "incoming: forward and forward_to only make sense together"
                    reader.report(message, "write both, or neither", at: "forward_to", in: section)
                }
                if webhook.incoming == .hold, !needs.canHold {
                    let message = "the profile \(profile) can't hold a caller in its answer to a webhook"
                    reader.report(message, "take pass, reject or forward", at: "incoming", in: section)
                }
            }
        )
    }
}

// MARK: The requests of the profile `generic`

extension SettingTable<GenericRequests> {
    static var requests: Self {
        let request = { (name: String, path: WritableKeyPath<GenericRequests, GenericRequests.Request?>) in
            SettingRow<GenericRequests>.block(name, path) { _ in .request }
        }
        let rows: [SettingRow<GenericRequests>] = [
            .value("authorization", \.authorization, .choice, isShown: false)
                .help("Basic with `user`, else the password as a bearer token; or always one of them, or none"),
            request("prepare_callthrough", \.callthrough).help("announces a call"),
            request("request_callback", \.callback).help("asks for a callback"),
            request("claim_held", \.claim).help("claims a held caller"),
            request("release_held", \.release).help("gives a held caller back"),
            request("hangup", \.hangUp).help("ends a call"),
            request("status", \.status).help("asks how a call stands"),
            request("health", \.health).help("asks whether the PBX is there"),
        ]
        return Self({ _, _ in GenericRequests() }, rows)
    }
}

extension SettingTable<GenericRequests.Request> {
    fileprivate static var request: Self {
        let path = SettingRow.optional("path", \RequestTemplate?.self, .template(.path, "path with placeholders"))
            .needed("the request has no path", "add 'path: /...'").example("/dial")
            .help("what follows `url`, with a query if it needs one; values are percent-encoded")
        let body = SettingRow<GenericRequests.Request>("body", "text with placeholders") { reader, section, request in
            let kind = reader.value("body_type", in: section, as: ConfigurationForm<BodyType>.choice) ?? .json
            request?.body = reader.value("body", in: section, as: .template(kind.place, "text"))
        }
        // It is read together with the body, whose values it decides on.
        let bodyType = SettingRow<GenericRequests.Request>("body_type", "`json` `form` `text`") { _, _, _ in }
        let rows: [SettingRow<GenericRequests.Request>] = [
            .value("method", \.method, .choice, isShown: false).help("the method"),
            body.help("the body; values are escaped as `body_type` wants it"),
            bodyType.standard("`json`").help("what the body is"),
            .optionalList("headers", \.lines, .header).example("[\"X-Box: gsmbridge\"]").help("more header fields"),
            .value("idempotent", \.isIdempotent, .flag, isShown: false)
                .help("whether two requests with one `Idempotency-Key` count as one"),
            .section("reply", \.reply, .reply).example("{ reference: /call/id }")
                .help("JSON pointers to what the reply says"),
        ]
        return Self(
            needs: path,
            { path, _ in GenericRequests.Request(.post, path) },
            rows,
            check: {
                reader,
                section,
                request in
                guard section["body"] != nil, request?.method == .get else { return }
                reader.report("a GET has no body", "take POST, or remove it", at: "body", in: section)
            }
        )
    }
}

extension SettingTable<GenericRequests.ReplyFields> {
    fileprivate static var reply: Self {
        let rows: [SettingRow<GenericRequests.ReplyFields>] = [
            .optional("dial", \.dial, .pointer).help("the number to call"),
            .optional("token", \.token, .pointer).help("the tones to be recognised by"),
            .optional("expires_at", \.expiresAt, .pointer).help("until when: RFC 3339, or seconds since 1970"),
            .optional("expires_in", \.expiresIn, .pointer).help("how many seconds from now"),
            .optional("reference", \.reference, .pointer).help("the PBX's reference of the call"),
            .optional("state", \.state, .pointer).help("how the call stands"),
            .optional("version", \.version, .pointer).help("what the PBX says that it is"),
        ]
        return Self({ _, _ in GenericRequests.ReplyFields() }, rows)
    }
}

extension GenericRequests.Request {
    fileprivate var lines: [HeaderTemplate] {
        get { headers.map { HeaderTemplate(name: $0.name, value: $0.value) } }
        set { headers = newValue.map { ($0.name, $0.value) } }
    }
}

// MARK: Forms

/// What the body of a request is written in; the raw values are those of `body_type`.
private enum BodyType: String, CaseIterable {
    case json
    case form
    case text

    var place: RequestTemplate.Place {
        switch self {
        case .json: .json
        case .form: .form
        case .text: .plain
        }
    }
}

/// A header field of a request.
private struct HeaderTemplate: Equatable {
    let name: String
    let value: RequestTemplate

    var text: String { "\(name): \(value)" }
}

extension ConfigurationForm<RequestTemplate> {
    /// A template with placeholders.
    static func template(_ place: RequestTemplate.Place, _ words: String) -> Self {
        Self(words, shownAs: \.description) { written throws(Complaint) in
            do throws(RequestTemplate.Problem) {
                return try RequestTemplate(written.text, in: place)
            } catch {
                throw Complaint(error.message, error.remedy)
            }
        }
    }
}

extension ConfigurationForm<HeaderTemplate> {
    /// A header field, `Name: value`.
    fileprivate static var header: Self {
        Self("`\"Name: value\"`", shownAs: \.text) { written throws(Complaint) in
            let parts = written.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.first.map(String.init) ?? ""
            let isName =
                !name.isEmpty
                && name.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
                }
            guard parts.count == 2, isName else {
                throw Complaint("this is not a header field", "write \"Name: value\", in quotes")
            }
            guard !["host", "content-length", "transfer-encoding", "connection"].contains(name.lowercased()) else {
                throw Complaint("the header field \(name) is the program's own", "remove it")
            }
            let value = String(parts[1].drop { $0 == " " })
            return HeaderTemplate(
                name: name,
                value: try ConfigurationForm<RequestTemplate>.template(.header, "header")
                    .read(WrittenValue(text: value, isPlain: false, region: written.region, tariffs: []))
            )
        }
    }
}

extension ConfigurationForm<JSONPointer> {
    /// A place in a reply.
    fileprivate static var pointer: Self {
        Self("JSON pointer", shownAs: \.description) { written throws(Complaint) in
            guard let pointer = JSONPointer(written.text) else {
                throw Complaint("this is not a JSON pointer", "write it as /name/name, in quotes (RFC 6901)")
            }
            return pointer
        }
    }
}

extension ConfigurationForm<String> {
    /// A number or a user of the PBX, to whom it leads callers; never a number that calls for help.
    static var destination: Self {
        let word = word
        return Self("one word", plural: "words", show: word.show) { written throws(Complaint) in
            let text = try word.read(written)
            guard !EmergencyNumbers.contains(text, region: written.region) else {
                throw Complaint("this is an emergency number", "write a number or a user of the PBX")
            }
            return text
        }
    }

    /// One word of printable ASCII.
    static var word: Self {
        line(longest: 128)
            .checked("one word", plural: "words") { text throws(Complaint) in
                guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                    throw Complaint("the text has spaces or signs other than ASCII", "write one word")
                }
            }
    }

    /// Digits before a number.
    static var outsideLine: Self {
        line(longest: 8)
            .checked("up to 8 digits") { text throws(Complaint) in
                guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    throw Complaint("a prefix has digits alone", "write it as \"0\", in quotes")
                }
            }
    }
}
