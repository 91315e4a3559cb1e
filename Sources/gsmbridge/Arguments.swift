import ArgumentParser
import DialPlan
import Gateway

/// A duration on the command line.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(text: argument), duration > .zero else { return nil }
        self.duration = duration
    }

    static var defaultValueDescription: String { "duration" }
}

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

extension Route.Via: ExpressibleByArgument {}

/// Options that every command has.
struct CommonOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Show what is said to the modem and what it says (numbers masked, secrets hidden).")
    var verbose = false
}
