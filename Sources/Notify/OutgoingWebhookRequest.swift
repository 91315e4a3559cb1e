internal import Crypto
package import TextCoding
package import WebRequests

extension WebRequest {
    /// A Standard Webhook of ours, signed with every secret.
    ///
    /// - Parameters:
    ///   - url: where it goes, such as `https://HOST/PATH`; nil comes back for what is no such address.
    ///   - id: its identity, the same at every attempt.
    ///   - body: the event as one JSON object.
    ///   - secrets: what is signed with, newest first.
    ///   - now: the time of day.
    package static func standardWebhook(
        to url: String,
        id: String,
        body: [UInt8],
        secrets: [Secret],
        now: UnixTime
    ) -> WebRequest? {
        guard let address = WebAddress(url) else { return nil }
        // A base has no slash at its end; here it is part of the path, and some servers redirect without it.
        let base = RequestURL(address)
        let place = url.hasSuffix("/") && !address.path.isEmpty ? base.appending(encoded: "/") : base
        let signature = StandardWebhook.headers(id: id, body: body, secrets: secrets, now: now)
        return WebRequest(
            .post,
            place,
            headers: [Header("Content-Type", "application/json")] + signature.map { Header($0.name, $0.value) },
            body: body,
            effect: .keyed
        )
    }
}

extension OutgoingWebhooks.Outcome {
    /// What an answer means.
    ///
    /// - Parameters:
    ///   - reply: the answer.
    ///   - isForPeople: whether the text was made for people; what a stranger wrote may be more than their service takes, and
    ///     holds nothing up. A program that takes events has none of them dropped for a mistake of its own.
    package init(_ reply: HTTPReply, isForPeople: Bool = false) {
        switch reply.status {
        case 200...299: self = .taken
        case 429 where isForPeople: self = .failed(retryAfter: reply.retryAfter ?? Self.pause(in: reply))
        case 410: self = .gone
        case 400, 413, 422: self = isForPeople ? .refused : .failed(retryAfter: reply.retryAfter)
        default: self = .failed(retryAfter: reply.retryAfter)
        }
    }
}

extension OutgoingWebhooks.Outcome {
    /// How long a service wants to be left alone, by its body: `parameters.retry_after` of Telegram's ResponseParameters in
    /// seconds, `retry_after` of Discord in seconds with a fraction.
    private static func pause(in reply: HTTPReply) -> Duration? {
        let body = reply.json
        let said = (body?["parameters"]?["retry_after"] ?? body?["retry_after"])?.scalar
        // As many as a header may say; the queue has its own bound.
        guard let seconds = said.flatMap(Double.init), seconds >= 0, seconds < 100_000 else { return nil }
        return .seconds(Int(seconds.rounded(.up)))
    }
}

extension OutgoingWebhooks {
    /// A name for a URL that tells nothing of it: URLs of webhooks are secrets by themselves at some receivers.
    package static func destination(of url: String) -> String {
        HexText.encode(SHA256.hash(data: Array(url.utf8)).prefix(16))
    }
}
