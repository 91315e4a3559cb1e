import ArgumentParser
internal import Console
internal import GatewayAPI
import Glibc
import HTTP
internal import Presenters
import Settings
internal import TextCoding
internal import WebAccess

/// `gsmbridge web`: the page, and who may use it.
struct WebCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "web",
        abstract: "The page: let a browser in, see who is in, end a session, make a password.",
        discussion: """
            EXAMPLES
              gsmbridge web login
              gsmbridge web sessions
            """,
        subcommands: [
            WebLoginCommand.self, WebPasswordCommand.self, WebSessionsCommand.self, WebEndCommand.self,
            WebCertCommand.self,
        ]
    )
}

/// `gsmbridge web login`: a link that lets one browser in.
struct WebLoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Print a link that lets one browser in, within five minutes.",
        discussion: """
            Asks the running service over its socket; whoever may open that may let others in. The link is good once. The \
            session lasts 12 hours behind its last use, and 30 days at most. At a terminal the link stands there as a QR \
            code as well, for a telephone's camera, unless only this machine can open it.

            EXAMPLES
              gsmbridge web login
              gsmbridge web login --role see
            """
    )

    @Option(help: "What the browser may do: see, call (and see), or admin (everything).")
    var role: WebRole = .admin

    @Option(help: "How to report: text or json.")
    var format: OutputFormat = .text

    @Flag(
        inversion: .prefixedNo,
        help: "Whether to draw a QR code on standard error. (default: at a terminal, for a page that others reach)"
    )
    var qr: Bool?

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let link = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.webLink(for: role)
        }
        switch format {
        case .json: JSONOutput.line(link)
        case .text:
            Terminal.standardOutput(link.link)
            let isLocal = link.link.contains("://127.") || link.link.contains("://[::1]")
            if qr ?? (isatty(STDERR_FILENO) == 1 && !isLocal), let code = QRCode(link.link) {
                for line in code.lines { Terminal.standardError(line) }
            }
            Terminal.standardError("good once, for five minutes\(isLocal ? "; on this machine only" : "")")
        }
    }
}

/// `gsmbridge web sessions`: the browsers that are in.
struct WebSessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List the sessions of the page.",
        discussion: """
            EXAMPLES
              gsmbridge web sessions
            """
    )

    @Option(help: "How to report: text or json (one object a session).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        let sessions = try await ServiceRequest.perform { () async throws(ControlError) in
            try await client.webSessions()
        }
        switch format {
        case .json: for session in sessions { JSONOutput.line(session) }
        case .text:
            guard !sessions.isEmpty else {
                Terminal.standardOutput("Nobody is at the page.")
                return
            }
            var table = Table(heads: ["SESSION", "MAY", "USER", "SEEN", "BROWSER"], dispensable: ["BROWSER"])
            table.show(
                sessions.map { [$0.session, $0.role.rawValue, $0.user ?? "–", LogTime.local($0.seenAt), $0.browser] }
            )
        }
    }
}

/// `gsmbridge web end`: puts a browser out.
struct WebEndCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End a session of the page.",
        discussion: """
            EXAMPLES
              gsmbridge web end h3kZ0aQx
            """
    )

    @Argument(help: ArgumentHelp("The session, as gsmbridge web sessions shows it.", valueName: "session"))
    var session: String

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let client = service.client(configuration)
        try await ServiceRequest.perform { () async throws(ControlError) in try await client.endWebSession(session) }
    }
}

extension WebRole: ExpressibleByArgument {}
