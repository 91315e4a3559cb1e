internal import ArgumentParser

/// Options that every command has.
package struct CommonOptions: ParsableArguments {
    /// Whether the dialogue with the modem is shown.
    @Flag(
        name: .shortAndLong,
        help: "Show what is said to the modem and what it says (numbers masked, secrets hidden)."
    )
    package var verbose = false

    package init() {}
}
