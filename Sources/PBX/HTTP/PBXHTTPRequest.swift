/// One HTTP request to a PBX, complete and without I/O.
package struct PBXHTTPRequest: Sendable {
    /// The methods that PBXs use.
    package enum Method: String, Sendable, CaseIterable {
        /// Reads.
        case get = "GET"
        /// Does something.
        case post = "POST"
        /// Sets something.
        case put = "PUT"
        /// Ends something.
        case delete = "DELETE"
    }

    /// What sending it twice would do.
    package enum Effect: Sendable, Equatable {
        /// Nothing more than sending it once: it reads, ends or sets.
        case harmless
        /// Nothing more than sending it once, because the PBX knows the request by its key.
        case keyed
        /// It may place a second call.
        case once
    }

    /// A header field.
    package struct Header: Sendable, Equatable {
        /// Its name.
        package let name: String
        /// Its value; may be a secret.
        package let value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The method.
    package var method: Method
    /// Where to.
    package var url: RequestURL
    /// The header fields, besides `Host`, `Content-Length` and `User-Agent`.
    package var headers: [Header]
    /// The body.
    package var body: [UInt8]
    /// What a repeat would do.
    package var effect: Effect

    init(_ method: Method, _ url: RequestURL, headers: [Header] = [], body: [UInt8] = [], effect: Effect) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.effect = effect
    }

    /// The value of a header field, by a name in any case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension PBXHTTPRequest {
    /// A request with a JSON body.
    static func json(_ method: Method, _ url: RequestURL, _ value: JSONValue, effect: Effect) -> PBXHTTPRequest {
        PBXHTTPRequest(
            method,
            url,
            headers: [Header("Content-Type", "application/json")],
            body: Array(value.text.utf8),
            effect: effect
        )
    }

    /// A request with a form.
    static func form(_ method: Method, _ url: RequestURL, _ fields: FormFields, effect: Effect) -> PBXHTTPRequest {
        PBXHTTPRequest(
            method,
            url,
            headers: [Header("Content-Type", "application/x-www-form-urlencoded")],
            body: fields.body,
            effect: effect
        )
    }

    /// The same request with one more header field.
    func with(_ name: String, _ value: String) -> PBXHTTPRequest {
        var copy = self
        copy.headers.append(Header(name, value))
        return copy
    }

    /// The same request with the name and password of HTTP Basic (RFC 7617).
    func basic(_ user: String, _ password: PBXSecret) -> PBXHTTPRequest {
        with("Authorization", "Basic " + Base64Text.encode((user + ":" + password.reveal()).utf8))
    }

    /// The same request with a bearer token (RFC 6750).
    func bearer(_ token: PBXSecret) -> PBXHTTPRequest { with("Authorization", "Bearer " + token.reveal()) }
}

extension PBXHTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and redacted URL, without headers and body.
    package var description: String { "\(method.rawValue) \(url)" }

    /// The same as ``description``.
    package var debugDescription: String { description }

    /// A mirror without children, so that a dump shows no secrets.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
