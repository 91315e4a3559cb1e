package import ATProtocol

/// The way to get rid of a call, rougher from step to step because a call that stays up costs money; without any I/O.
///
/// | after | look whether the call is gone | next |
/// |---|---|---|
/// | a first step, the end only concluded or no list to see it by | only where the modem has told the end | the next step |
/// | every other step | yes | the next step where it is still there |
/// | the step before the radio, none to see it by, one accepted | yes | nothing: the radio stays on |
/// | the last step | yes | nothing |
package struct HangUpLadder: Sendable, Equatable {
    private let steps: [ModemDriver.HangUpStep]
    /// How many commands it takes at least.
    private let least: Int
    private var taken = 0
    private var isAccepted = false

    /// Creates the way of a family.
    ///
    /// - Parameters:
    ///   - isInferred: whether an end was only concluded from what the modem did not say.
    ///   - tellsCalls: whether a list can show that the call is gone.
    package init(_ steps: [ModemDriver.HangUpStep], isInferred: Bool, tellsCalls: Bool) {
        self.steps = steps
        // One command that says OK is not enough there.
        least = isInferred || !tellsCalls ? 2 : 1
    }

    /// Takes the next step; nil where nothing is left to do.
    ///
    /// - Parameter tellsCalls: whether a list can show by now that the call is gone.
    package mutating func next(tellsCalls: Bool) -> ModemDriver.HangUpStep? {
        guard taken < steps.count else { return nil }
        // What can't be seen is no reason to switch the radio off, if a gentler command was accepted.
        if steps[taken] == .radioCycle, !tellsCalls, isAccepted { return nil }
        taken += 1
        return steps[taken - 1]
    }

    /// The step was done.
    ///
    /// - Parameters:
    ///   - isAccepted: whether the modem said `OK`.
    ///   - isReported: whether the modem itself has told the end.
    /// - Returns: whether to look now whether the call is gone.
    package mutating func done(isAccepted: Bool, isReported: Bool) -> Bool {
        self.isAccepted = self.isAccepted || isAccepted
        return taken >= least || isReported
    }
}
