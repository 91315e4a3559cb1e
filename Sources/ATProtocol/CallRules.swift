/// How a family behaves, as far as it matters for following a call.
package struct CallRules: Sendable, Equatable {
    /// What a final result to `ATD` means.
    package var dialCompletion: DialCompletion = .immediate
    /// How long the modem may take to accept a dial command, where `OK` does not mean the answer.
    ///
    /// Nothing is written before: any character may make the modem drop the call (V.250 §5.6.1), and some say `OK` late.
    package var acceptsWithin: Duration = .seconds(30)
    /// Whether the list may be asked for before the answer (ZTE sticks drop the call when asked).
    package var asksWhileDialing = true
    /// How many empty lists in a row end a call that was seen in a list before; they span a second at least.
    package var emptyListsToEnd = 2
    /// How long a call that was accepted may take to appear in a list.
    package var appearsWithin: Duration = .seconds(10)

    /// Creates the rules of a standard modem.
    package init() {}
}

/// What the final result of `ATD` means on a family.
package enum DialCompletion: Sendable, Hashable {
    /// `OK` says that the request was accepted. The rule.
    case immediate
    /// `OK` says that the far end has answered (Wavecom).
    case onAnswer
    /// Nothing is said until `CONNECT` at the answer (ZTE sticks on Qualcomm chips); `OK` means rejected.
    case onConnectWord
}
