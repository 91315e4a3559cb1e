internal import FoundationEssentials
package import GatewayAPI
internal import Glibc
package import Settings

/// The page as the service writes it: the view that was asked for, with its first state, good to read without scripts.
package struct WebShell: Sendable {
    /// The views, by their places.
    package enum View: String, Sendable, CaseIterable {
        case now, calls, messages, stick, pbx, money, health, settings

        package init?(path: String) {
            if path == "/" {
                self = .now
            } else {
                guard let view = View(rawValue: String(path.dropFirst())), view != .now else { return nil }
                self = view
            }
        }

        package var path: String { self == .now ? "/" : "/" + rawValue }
    }

    package let texts: WebTexts
    package let role: WebRole

    package init(texts: WebTexts, role: WebRole) {
        self.texts = texts
        self.role = role
    }

    package func page(_ view: View, of status: GatewayStatus, log: LoggedCalls?) -> String {
        let navigation = View.allCases.filter { $0 != .messages || role >= .call }
            .map { other in
                let mark = other == view ? " aria-current=\"page\"" : ""
                return "<a href=\"\(other.path)\"\(mark)>\(texts("nav.\(other.rawValue)").html)</a>"
            }
            .joined()
        let main =
            switch view {
            case .now: now(status)
            case .calls: calls(log)
            case .messages, .stick, .pbx, .money, .health, .settings: waiting(view)
            }
        return fill(
            "shell.html",
            [
                "title": "\(texts("nav.\(view.rawValue)")) · \(status.name)".html, "box": status.name.html,
                "role": role.rawValue, "view": view.rawValue,
            ],
            raw: ["navigation": navigation, "main": main]
        )
    }

    /// The page at which a browser ends its way without a session.
    ///
    /// - Parameters:
    ///   - hasPasswords: whether a password may be the way in.
    ///   - trouble: the text's key of why the last one was not; nil for a first look.
    package func login(hasPasswords: Bool, trouble: String? = nil) -> String {
        fill(
            "login.html",
            ["state": trouble.map { texts($0) } ?? "", "tone": trouble == nil ? "" : "bad"].mapValues(\.html),
            raw: ["form": hasPasswords ? fill("login-form.html", [:]) : ""]
        )
    }

    // MARK: Views

    private func now(_ status: GatewayStatus) -> String {
        let ready = status.modems.count { $0.state == .ready || $0.state == .inCall }
        let sentence = texts("now.sentence", ["ready": "\(ready)", "total": "\(status.modems.count)"])
        let sticks = status.modems.map(stick).joined()
        let calls = status.calls.map(call).joined()
        return """
            <h1 id="sentence" data-tone="\(ready > 0 ? "good" : "bad")">\(sentence.html)</h1>
            <noscript><p class="note">\(texts("now.noscript").html)</p></noscript>
            <div id="dial"></div>
            <section aria-labelledby="calls-title"><h2 id="calls-title">\(texts("now.calls").html)</h2>
            <div id="calls">\(calls.isEmpty ? "<p class=\"empty\">\(texts("now.quiet").html)</p>" : calls)</div></section>
            <section aria-labelledby="sticks-title"><h2 id="sticks-title">\(texts("now.sticks").html)</h2>
            <div id="sticks">\(sticks.isEmpty ? "<p class=\"empty\">\(texts("now.nosticks").html)</p>" : sticks)</div></section>
            """
    }

    private func call(_ call: CallStatus) -> String {
        let who = call.name ?? call.target ?? texts("call.withheld")
        return """
            <article class="card call" data-call="\(call.call.name)" data-state="\(call.state.rawValue)"><h3>\(who.html)</h3>\
            <p>\(texts("state.\(call.state.rawValue)").html)</p></article>
            """
    }

    private func stick(_ modem: ModemStatus) -> String {
        let name = modem.name ?? modem.imei ?? "?"
        let facts = [modem.operatorName, modem.signal.map { "\($0) dBm" }, modem.reason].compactMap(\.self)
        return """
            <article class="card stick" data-modem="\(name.html)" data-state="\(modem.state.rawValue)"><h3>\(name.html)</h3>\
            <p><span class="badge">\(texts("modem.\(modem.state.rawValue)").html)</span> \
            \(facts.joined(separator: " · ").html)</p></article>
            """
    }

    private func calls(_ log: LoggedCalls?) -> String {
        guard let log else {
            return
                "<h1>\(texts("nav.calls").html)</h1><div id=\"log\"><p class=\"bad\">\(texts("calls.unread").html)</p></div>"
        }
        let rows = log.calls
            .map { record in
                let who = record.target ?? record.number ?? texts("call.withheld")
                let outcome = record.outcome.map { texts.word("outcome.\($0)", else: $0) } ?? texts("calls.live")
                return """
                    <tr><td>\(texts("direction.\(record.direction)").html)</td><td>\(who.html)</td>\
                    <td><time datetime="\(record.requestedAt.stamp)">\(Self.local(record.requestedAt))</time></td>\
                    <td>\(outcome.html)</td></tr>
                    """
            }
        let body =
            rows.isEmpty ? "<p class=\"empty\">\(texts("calls.none").html)</p>" : "<table>\(rows.joined())</table>"
        return "<h1>\(texts("nav.calls").html)</h1><div id=\"log\">\(body)</div>"
    }

    /// A time in the zone of this machine, as lists on a terminal have it.
    private static func local(_ date: Date) -> String {
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return date.stamp }
        let two = { (number: Int32) in number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) \(two(parts.tm_hour)):\(two(parts.tm_min))"
    }

    /// What stands where there is nothing.
    package func nothing() -> String {
        """
        <!doctype html><html lang="\(texts.language)"><head><meta charset="utf-8"><title>404</title>\
        <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/page.css"></head>\
        <body><main class="narrow"><h1>404</h1><p>\(texts("page.nothing").html)</p>\
        <p><a class="button plain" href="/">\(texts("nav.now").html)</a></p></main></body></html>
        """
    }

    private func waiting(_ view: View) -> String {
        """
        <h1>\(texts("nav.\(view.rawValue)").html)</h1><noscript><p class="note">\(texts("page.noscript").html)</p></noscript>\
        <p class="loading">\(texts("page.loading").html)</p>
        """
    }

    // MARK: Inside

    /// Fills a file's fields: `{{name}}`, and `{{t:key}}` for a text.
    private func fill(_ file: String, _ fields: [String: String], raw: [String: String] = [:]) -> String {
        let template = String(decoding: WebFile.all[file]?.bytes ?? [], as: UTF8.self)
        var (page, rest) = ("", template[...])
        while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
            page += rest[..<start.lowerBound]
            let name = String(rest[start.upperBound..<end.lowerBound])
            if name.hasPrefix("t:") {
                page += texts(String(name.dropFirst(2))).html
            } else {
                page += name == "lang" ? texts.language : fields[name] ?? raw[name] ?? ""
            }
            rest = rest[end.upperBound...]
        }
        return page + rest
    }
}

extension String {
    /// The text as it stands in HTML, in an attribute too.
    fileprivate var html: String {
        var text = ""
        for character in unicodeScalars {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
