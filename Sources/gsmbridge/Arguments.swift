import ArgumentParser
internal import CallModel
import DialPlan
import Settings

/// A duration on the command line.
enum DurationArgument {
    /// Reads a duration that must be longer than nothing.
    @Sendable static func parse(_ text: String) throws -> Duration {
        guard let duration = Duration(text: text) else {
            throw ValidationError("write a number and its unit, for example 1500ms, 90s, 10m or 1h")
        }
        guard duration > .zero else { throw ValidationError("it must be longer than nothing") }
        return duration
    }

    /// Reads a duration that may be nothing.
    @Sendable static func parseWithZero(_ text: String) throws -> Duration {
        guard let duration = Duration(text: text) else {
            throw ValidationError("write a number and its unit, for example 0s, 90s, 10m or 1h")
        }
        return duration
    }
}

/// The method as the user asks for it.
struct ViaArgument: ExpressibleByArgument {
    let via: Route.Via

    init(_ via: Route.Via) { self.via = via }

    init?(argument: String) {
        guard let via = Route.Via(rawValue: argument) else { return nil }
        self.via = via
    }

    var defaultValueDescription: String { via.rawValue }
    static var allValueStrings: [String] { Route.Via.allCases.map(\.rawValue) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
