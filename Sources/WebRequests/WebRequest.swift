package import TextCoding

/// One HTTP request to a PBX, complete and without I/O.
package struct WebRequest: Sendable {
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
        package let name: String
        /// Its value; may be a secret.
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var method: Method
    /// Where to.
    package var url: RequestURL
    /// The header fields, besides `Host`, `Content-Length` and `User-Agent`.
    package var headers: [Header]
    package var body: [UInt8]
    /// What a repeat would do.
    package var effect: Effect

    package init(_ method: Method, _ url: RequestURL, headers: [Header] = [], body: [UInt8] = [], effect: Effect) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.effect = effect
    }

    /// The value of a header field, by a name in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

extension WebRequest {
    /// A request with a JSON body.
    package static func json(_ method: Method, _ url: RequestURL, _ value: JSONValue, effect: Effect) -> WebRequest {
        WebRequest(
            method,
            url,
            headers: [Header("Content-Type", "application/json")],
            body: Array(value.text.utf8),
            effect: effect
        )
    }

    package static func form(_ method: Method, _ url: RequestURL, _ fields: FormFields, effect: Effect) -> WebRequest {
        WebRequest(
            method,
            url,
            headers: [Header("Content-Type", "application/x-www-form-urlencoded")],
            body: fields.body,
            effect: effect
        )
    }

    /// The same request with one more header field.
    package func with(_ name: String, _ value: String) -> WebRequest {
        var copy = self
        copy.headers.append(Header(name, value))
        return copy
    }

    /// The same request with the name and password of HTTP Basic (RFC 7617).
    package func basic(_ user: String, _ password: Secret) -> WebRequest {
        with("Authorization", "Basic " + Base64Text.encode((user + ":" + password.reveal()).utf8))
    }

    /// The same request with a bearer token (RFC 6750).
    package func bearer(_ token: Secret) -> WebRequest { with("Authorization", "Bearer " + token.reveal()) }
}

extension WebRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and redacted URL, without headers and body.
    package var description: String { "\(method.rawValue) \(url)" }

    package var debugDescription: String { description }

    /// A mirror without children, so that a dump shows no secrets.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
