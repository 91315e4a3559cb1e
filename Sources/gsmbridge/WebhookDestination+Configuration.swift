internal import FoundationEssentials
internal import Notify
internal import PBX
internal import Settings
internal import TextCoding

extension WebhookDestination {
    /// The destinations of a configuration; reads their secrets.
    ///
    /// - Throws: ``SecretError`` for the first secret that can't be had.
    static func all(
        in configuration: Configuration,
        environment: ConfigurationEnvironment
    ) throws(SecretError) -> [WebhookDestination] {
        var list: [WebhookDestination] = []
        for (index, entry) in configuration.webhooks.notify.enumerated() {
            let previous = try entry.previousSecret?.read(in: environment)
            let secret = try entry.secret?.read(in: environment)
            let token = try entry.token?.read(in: environment)
            // A secret for signatures is no token, and goes to no service for people.
            let secrets = (entry.format == .standard ? [secret, previous] : [token]).compactMap(\.self)
            var destination =
                WebhookDestination(
                    name: "webhooks.notify[\(index + 1)] (\(entry.url.host() ?? ""))",
                    url: entry.url.absoluteString,
                    secrets: secrets,
                    events: entry.events,
                    certificateAuthority: entry.certificateAuthority,
                    allowsPlainHTTP: entry.allowsPlainHTTP
                )
            destination.people = people(entry, box: configuration.gateway.name)
            destination.mark = entry.mark
            list.append(destination)
        }
        return list
    }

    private static func people(_ entry: Configuration.Webhooks.Notification, box: String) -> PeopleFormat? {
        let service: PeopleFormat.Service
        switch entry.format {
        case .standard: return nil
        case .ntfy: service = .ntfy
        case .telegram: service = .telegram(chat: entry.chat ?? "")
        case .discord: service = .discord
        case .slack: service = .slack
        case .gotify: service = .gotify
        case .email:
            let recipient = String(entry.url.absoluteString.dropFirst("mailto:".count))
            service = .email(to: recipient, from: entry.sender, program: entry.program)
        }
        return PeopleFormat(service, box: box, template: entry.template, mostPerHour: entry.maxPerHour)
    }
}
