import ArgumentParser
internal import Console
import GatewayAPI
import HTTP

/// Options of commands that list what the service has, and go on to list what changes.
struct WatchOptions: ParsableArguments {
    @Option(help: "How to report: text or json (one object a line).")
    var format: OutputFormat = .text

    @Flag(help: "List them, then each one again whenever it changes, until interrupted.")
    var watch = false

    @OptionGroup var service: ServiceOptions
    @OptionGroup var configuration: ConfigOptions

    /// Lists what the service has.
    ///
    /// - Parameters:
    ///   - events: how the names of the events begin that tell of a change.
    ///   - table: the columns of the text.
    ///   - nothing: said where there is none.
    ///   - ask: asks for all of them.
    ///   - isSame: whether one stands as before, so that it is not listed again.
    ///   - cells: its line in the table.
    func list<Listed: Encodable>(
        events prefix: String,
        _ table: Table,
        nothing: String,
        _ ask: (ControlClient) async throws(ControlError) -> [Listed],
        isSame: (Listed, Listed) -> Bool,
        cells: (Listed) -> [String]
    ) async throws {
        var table = table
        func show(_ listed: [Listed], hasHead: Bool) {
            switch format {
            case .json: for one in listed { JSONOutput.line(one) }
            case .text where listed.isEmpty && hasHead: Terminal.standardOutput(nothing)
            case .text: table.show(listed.map(cells), hasHead: hasHead)
            }
        }
        let client = service.client(configuration)
        let events = try await ServiceRequest.events(client, if: watch)
        var known = try await ServiceRequest.perform { () async throws(ControlError) in try await ask(client) }
        show(known, hasHead: true)
        guard let events else { return }
        try await ServiceRequest.follow(events) { heard in
            guard heard.event.name.hasPrefix(prefix) else { return }
            let now = try await ServiceRequest.perform { () async throws(ControlError) in try await ask(client) }
            let changed = now.filter { one in !known.contains { isSame($0, one) } }
            known = now
            show(changed, hasHead: false)
        }
    }
}
