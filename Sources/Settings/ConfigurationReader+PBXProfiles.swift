internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import PBX

extension ConfigurationKeys {
    /// What only some profiles need.
    static let pbxProfile = [
        "ca_file", "plain_http", "request_format", "number_prefix", "own_number", "device", "caller_id", "endpoint",
        "context", "app",
        "account", "callback_body", "requests", "webhook",
    ]
    static let webhook = ["public_url", "secret", "previous_secret", "incoming", "forward_to"]
    static let requests = ["authorization"] + actions
    static let actions = [
        "prepare_callthrough", "request_callback", "claim_held", "release_held", "hangup", "status", "health",
    ]
    static let request = ["method", "path", "body", "body_type", "headers", "idempotent", "reply"]
    static let reply = ["dial", "token", "expires_at", "expires_in", "reference", "state", "version"]
}

extension ConfigurationReader {
    mutating func readProfileSettings(
        _ section: ConfigurationSection,
        profile: Configuration.PBX.Profile,
        region: Region
    ) -> Configuration.PBX.ProfileSettings {
        var settings = Configuration.PBX.ProfileSettings()
        settings.certificateAuthority = value("ca_file", in: section, as: .absolutePath())
        settings.allowsPlainHTTP = value("plain_http", in: section, as: .flag) ?? false
        settings.numberFormat = value("request_format", in: section, as: .choice)
        settings.numberPrefix = value("number_prefix", in: section, as: .prefix)
        settings.ownNumber = value("own_number", in: section, as: .phoneNumber(region))
        settings.device = value("device", in: section, as: .line(longest: 128))
        settings.callerID = value("caller_id", in: section, as: .dialString(region))
        settings.endpoint = value("endpoint", in: section, as: .endpoint)
        settings.context = value("context", in: section, as: .word)
        settings.account = value("account", in: section, as: .word)
        settings.callbackBody = value("callback_body", in: section, as: .template(.json))
        settings.requests = self.section("requests", in: section, keys: ConfigurationKeys.requests)
            .map { readRequests($0) }
        settings.webhook = self.section("webhook", in: section, keys: ConfigurationKeys.webhook)
            .map { readWebhook($0, profile: profile) }
        checkProfile(section, profile: profile)
        return settings
    }

    /// Reports keys that the profile has no use for: their writer expects something of them.
    private mutating func checkProfile(_ section: ConfigurationSection, profile: Configuration.PBX.Profile) {
        let homes: [(key: String, profiles: Set<Configuration.PBX.Profile>)] = [
            ("endpoint", [.asteriskARI]), ("context", [.asteriskARI]), ("app", [.asteriskARI]),
            ("account", [.twilio]),
            ("callback_body", [.fonial]), ("requests", [.generic]),
            ("device", [.fonial, .placetel, .sipgate, .fritzbox, .generic]),
            ("webhook", [.generic, .placetel, .sipgate, .twilio]),
            ("ca_file", Set(Configuration.PBX.Profile.allCases).subtracting([.dtmf])),
            ("plain_http", Set(Configuration.PBX.Profile.allCases).subtracting([.dtmf])),
        ]
        for (key, profiles) in homes {
            guard let entry = section[key], !profiles.contains(profile) else { continue }
            report(
                "the profile \(profile.rawValue) has no use for it",
                "remove it; it belongs to \(profiles.map(\.rawValue).sorted().joined(separator: ", "))",
                key: section.path(of: key),
                line: entry.line
            )
        }
    }

    // MARK: Webhooks

    private mutating func readWebhook(
        _ section: ConfigurationSection,
        profile: Configuration.PBX.Profile
    ) -> Configuration.PBX.Webhook {
        var webhook = Configuration.PBX.Webhook()
        webhook.publicURL = value("public_url", in: section, as: .webAddress)
        // The others have formats of their own, in which whsec_ means nothing.
        let purpose: SecretReference.Purpose = profile == .generic ? .webhooks(shortest: 1) : .password
        webhook.secret = secret("secret", in: section, for: purpose)
        webhook.previousSecret = secret("previous_secret", in: section, for: purpose)
        webhook.incoming = value("incoming", in: section, as: .choice) ?? .pass
        webhook.forwardTo = list("forward_to", in: section, as: .word) ?? []
        if profile != .sipgate, section["secret"] == nil {
            report(
                "without a secret nobody can tell who sent a webhook",
                "add 'secret: { credential: NAME }' with what the PBX signs with",
                key: section.path(of: "secret"),
                line: section.line
            )
        }
        if profile == .twilio || profile == .sipgate, section["public_url"] == nil, !hasPublicURL {
            report(
                "the PBX has to be told where it reaches this box",
                "add 'public_url: https://...' here or to webhooks",
                key: section.path(of: "public_url"),
                line: section.line
            )
        }
        if (webhook.incoming == .forward) != (section["forward_to"] != nil) {
            report(
                "incoming: forward and forward_to only make sense together",
                "write both, or neither",
                key: section.path(of: "forward_to"),
                line: section.line
            )
        }
        if webhook.incoming == .hold, profile != .twilio {
            report(
                "the profile \(profile.rawValue) can't hold a caller in its answer to a webhook",
                "take pass, reject or forward",
                key: section.path(of: "incoming"),
                line: section["incoming"]?.line
            )
        }
        return webhook
    }

    // MARK: Requests

    private mutating func readRequests(_ section: ConfigurationSection) -> GenericRequests {
        var requests = GenericRequests()
        requests.authorization = value("authorization", in: section, as: .choice) ?? .automatic
        requests.callthrough = request("prepare_callthrough", in: section)
        requests.callback = request("request_callback", in: section)
        requests.claim = request("claim_held", in: section)
        requests.release = request("release_held", in: section)
        requests.hangUp = request("hangup", in: section)
        requests.status = request("status", in: section)
        requests.health = request("health", in: section)
        return requests
    }

    private mutating func request(_ name: String, in parent: ConfigurationSection) -> GenericRequests.Request? {
        guard let section = section(name, in: parent, keys: ConfigurationKeys.request) else { return nil }
        let method = value("method", in: section, as: .method) ?? .post
        let path = value("path", in: section, as: .template(.path))
        let kind = value("body_type", in: section, as: .choice) ?? BodyType.json
        let body = value("body", in: section, as: .template(kind.place))
        let headers = list("headers", in: section, as: .header) ?? []
        let isIdempotent = value("idempotent", in: section, as: .flag) ?? false
        if section["path"] == nil {
            report("the request has no path", "add 'path: /...'", key: section.path(of: "path"), line: section.line)
        }
        if method == .get, let entry = section["body"] {
            report("a GET has no body", "take POST, or remove it", key: section.path(of: "body"), line: entry.line)
        }
        let reply = self.section("reply", in: section, keys: ConfigurationKeys.reply).map { readReply($0) }
        guard let path else { return nil }
        return GenericRequests.Request(
            method,
            path,
            headers: headers.map { ($0.name, $0.value) },
            body: body,
            isIdempotent: isIdempotent,
            reply: reply ?? GenericRequests.ReplyFields()
        )
    }

    private mutating func readReply(_ section: ConfigurationSection) -> GenericRequests.ReplyFields {
        var fields = GenericRequests.ReplyFields()
        fields.dial = value("dial", in: section, as: .pointer)
        fields.token = value("token", in: section, as: .pointer)
        fields.expiresAt = value("expires_at", in: section, as: .pointer)
        fields.expiresIn = value("expires_in", in: section, as: .pointer)
        fields.reference = value("reference", in: section, as: .pointer)
        fields.state = value("state", in: section, as: .pointer)
        fields.version = value("version", in: section, as: .pointer)
        return fields
    }
}

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
    fileprivate static func template(_ place: RequestTemplate.Place) -> Self {
        Self(shownAs: \.description) { written throws(Complaint) in
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
        Self(shownAs: \.text) { written throws(Complaint) in
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
                value: try ConfigurationForm<RequestTemplate>.template(.header)
                    .read(WrittenValue(text: value, isPlain: false))
            )
        }
    }
}

extension ConfigurationForm<PBXHTTPRequest.Method> {
    /// A method of HTTP.
    fileprivate static var method: Self { choice }
}

extension ConfigurationForm<JSONPointer> {
    /// A place in a reply.
    fileprivate static var pointer: Self {
        Self(shownAs: \.description) { written throws(Complaint) in
            guard let pointer = JSONPointer(written.text) else {
                throw Complaint("this is not a JSON pointer", "write it as /name/name, in quotes (RFC 6901)")
            }
            return pointer
        }
    }
}

extension ConfigurationForm<String> {
    /// The name of an application at Asterisk, which becomes a part of addresses and of `Stasis()`.
    static var application: Self {
        line(longest: 40)
            .checked { text throws(Complaint) in
                let isName = text.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                }
                guard isName else {
                    throw Complaint("a name has letters, digits, - and _", "write it as in Stasis(gsmbridge,held)")
                }
            }
    }

    /// One word of printable ASCII.
    static var word: Self {
        line(longest: 128)
            .checked { text throws(Complaint) in
                guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                    throw Complaint("the text has spaces or signs other than ASCII", "write one word")
                }
            }
    }

    /// Digits before a number.
    fileprivate static var prefix: Self {
        line(longest: 8)
            .checked { text throws(Complaint) in
                guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    throw Complaint("a prefix has digits alone", "write it as \"0\", in quotes")
                }
            }
    }

    /// How a number becomes an endpoint.
    fileprivate static var endpoint: Self {
        word.checked { text throws(Complaint) in
            guard text.contains("/"), text.split(separator: "{number}", omittingEmptySubsequences: false).count == 2
            else {
                throw Complaint("this is not an endpoint with a number in it", "write it as \"PJSIP/{number}@trunk\"")
            }
        }
    }
}
