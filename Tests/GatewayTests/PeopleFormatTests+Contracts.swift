import Testing

@testable import Notify

extension PeopleFormatTests {
    /// What a service's documentation asks for.
    struct Contract: Sendable, CustomTestStringConvertible {
        var service: PeopleFormat.Service
        /// Where that is written.
        var source: String
        var url: String
        var token: String
        /// The request line's target and the fields of the header, besides `Host` and `Content-Length`.
        var wire: String
        var headers: [String: String]
        /// The members of the body, and which of them have to be there.
        var fields: Set<String>
        var required: Set<String>

        var testDescription: String { source }
    }

    private static let json = ["content-type": "application/json"]

    static let contracts: [Contract] = [
        // JSON goes to the root, with the topic in it; `Authorization: Bearer`; priorities from 1 to 5; 4096 octets.
        Contract(
            service: .ntfy,
            source: "https://docs.ntfy.sh/publish/#publish-as-json",
            url: "https://ntfy.sh/cabin-x7",
            token: "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2",
            wire: "https://ntfy.sh/",
            headers: json.merging(["authorization": "Bearer tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"]) { $1 },
            fields: ["topic", "title", "message", "priority"],
            required: ["topic"]
        ),
        // The application's token in a header of its own; `message` is required, `priority` a number.
        Contract(
            service: .gotify,
            source: "https://gotify.net/api-docs#/message/createMessage",
            url: "https://push.example.net",
            token: "AzyoeNS.D4iJLVa",
            wire: "https://push.example.net/message",
            headers: json.merging(["x-gotify-key": "AzyoeNS.D4iJLVa"]) { $1 },
            fields: ["title", "message", "priority"],
            required: ["message"]
        ),
        // 1 to 4096 characters; a 429 has `parameters.retry_after`.
        Contract(
            service: .telegram(chat: "-100"),
            source: "https://core.telegram.org/bots/api#sendmessage",
            url: "https://api.telegram.org",
            token: "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
            wire: "https://api.telegram.org/bot123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11/sendMessage",
            headers: json,
            fields: ["chat_id", "text"],
            required: ["chat_id", "text"]
        ),
        // Up to 2000 characters; a 429 has `retry_after`; answers 204.
        Contract(
            service: .discord,
            source: "https://discord.com/developers/docs/resources/webhook#execute-webhook",
            url: "https://discord.com/api/webhooks",
            token: "223704706495545344/3d89bb7572e0fb30",
            wire: "https://discord.com/api/webhooks/223704706495545344/"
                + "3d89bb7572e0fb30",
            headers: json,
            fields: ["content", "allowed_mentions"],
            required: ["content"]
        ),
        // `text`, in which &, < and > are escaped; a 429 has `Retry-After`.
        Contract(
            service: .slack,
            source: "https://api.slack.com/messaging/webhooks",
            url: "https://hooks.slack.com/services",
            token: "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            wire: "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            headers: json,
            fields: ["text"],
            required: ["text"]
        ),
    ]
}
