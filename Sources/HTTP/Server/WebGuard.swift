internal import HTTPTypes
internal import HummingbirdCore
internal import WebAccess

/// What a browser's request must be like, and what every answer tells the browser.
enum WebGuard {
    /// The field in which scripts of the page send the session's key with each request that changes something.
    static let header = "X-Gsmbridge"

    /// Whether a request that changes something comes from the page itself.
    ///
    /// Browsers say so in `Sec-Fetch-Site` where the connection is trusted, and in `Origin` with every POST (Fetch, 3.2).
    static func isOwn(_ request: Request, isSecure: Bool) -> Bool {
        let origin = request.headers[named: "Origin"]
        let expected = (isSecure ? "https://" : "http://") + (request.head.authority ?? "").lowercased()
        // Behind a reverse proxy with TLS the page's own address is https.
        let isSame = origin.map { $0 == expected || $0 == "https://" + (request.head.authority ?? "").lowercased() }
        switch (request.headers[named: "Sec-Fetch-Site"], isSame) {
        case ("same-origin", nil), ("same-origin", true), (nil, true): return true
        default: return false
        }
    }

    /// Whether the browser takes the page's origin for trustworthy: with TLS, to us or to a reverse proxy, and on this machine.
    ///
    /// It sends `Sec-Fetch-Site` to such origins alone (Fetch Metadata, 2).
    static func isTrusted(_ request: Request, isSecure: Bool) -> Bool {
        isSecure || request.headers[named: "Sec-Fetch-Site"] != nil
    }

    /// Whether a request was begun by a page of a stranger.
    static func isForeign(_ request: Request) -> Bool {
        switch request.headers[named: "Sec-Fetch-Site"] {
        case nil, "same-origin", "none": false
        default: true
        }
    }

    /// Tells the browser what the page may do, which is little.
    ///
    /// - Parameter isTrusted: whether the browser takes the page's origin for trustworthy (Secure Contexts, 3.1): elsewhere it ignores
    ///   an opener policy, and complains of it on its console (HTML, 7.1.3.2).
    static func close(_ response: inout Response, isTrusted: Bool) {
        response.headers[named: "Content-Security-Policy"] = policy
        response.headers[named: "X-Content-Type-Options"] = "nosniff"
        if response.headers[named: "Referrer-Policy"] == nil {
            response.headers[named: "Referrer-Policy"] = "no-referrer"
        }
        if isTrusted { response.headers[named: "Cross-Origin-Opener-Policy"] = "same-origin" }
        response.headers[named: "Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers[named: "Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)"
    }

    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
        + " media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

/// The cookies that the page has.
enum WebCookie {
    static let language = "gsmbridge_language"

    /// The session's; with TLS a browser binds its name to this host alone (RFC 6265bis, 4.1.3.2).
    static func session(isSecure: Bool) -> String { isSecure ? "__Host-gsmbridge_session" : "gsmbridge_session" }

    /// What a browser brings for its session; one that comes by a reverse proxy with TLS has the safer name as well.
    static func session(isSecure: Bool, _ value: (String) -> String?) -> String? {
        value(session(isSecure: true)) ?? (isSecure ? nil : value(session(isSecure: false)))
    }

    static func value(_ name: String, of request: Request) -> String? {
        for field in request.headers[values: .cookie] {
            if let value = value(name, in: field) { return value }
        }
        return nil
    }

    static func value(_ name: String, in field: String) -> String? {
        for pair in field.split(separator: ";") {
            let parts = pair.trimmed.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == name { return String(parts[1]) }
        }
        return nil
    }

    /// The field that sets the session's cookie, or takes it away.
    static func setting(_ value: String?, isSecure: Bool) -> String {
        let life = value == nil ? 0 : Int(WebSessions.longest)
        return "\(session(isSecure: isSecure))=\(value ?? ""); Path=/; Max-Age=\(life); HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }
}
