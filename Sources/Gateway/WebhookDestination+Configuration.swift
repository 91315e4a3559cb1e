internal import FoundationEssentials
package import Notify
internal import PBX
package import Settings
internal import TextCoding

extension WebhookDestination {
    /// The destinations of a configuration; reads their secrets.
    ///
    /// - Throws: ``SecretError`` for the first secret that can't be had.
    package static func all(
        in configuration: Configuration,
        environment: ConfigurationEnvironment
    ) throws(SecretError) -> [WebhookDestination] {
        var list: [WebhookDestination] = []
        for (index, entry) in configuration.webhooks.notify.enumerated() {
            let previous = try entry.previousSecret?.read(in: environment)
            let secrets = [try entry.secret.read(in: environment), previous].compactMap(\.self)
            list.append(
                WebhookDestination(
                    name: "webhooks.notify[\(index + 1)] (\(entry.url.host() ?? ""))",
                    url: entry.url.absoluteString,
                    secrets: secrets,
                    events: entry.events,
                    certificateAuthority: entry.certificateAuthority,
                    allowsPlainHTTP: entry.allowsPlainHTTP
                )
            )
        }
        return list
    }
}
