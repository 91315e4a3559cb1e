package import CallFlows
package import DialPlan

extension Route {
    /// The plan for the call's machine.
    ///
    /// - Parameter maxDuration: how long the call may last from its answer on; nil for a call for help, which has no
    ///   limit but the machine's own.
    package func plan(maxDuration: Duration) -> OutgoingCallMachine.Plan {
        var plan = OutgoingCallMachine.Plan(
            method: method,
            number: dials,
            steps: steps,
            settle: settle,
            gap: gap,
            maxDuration: isEmergency ? .seconds(6 * 3600) : maxDuration,
            // As long as the roughest way to end a call can take on a modem that answers each step late.
            hangUpWithin: .seconds(120)
        )
        plan.promptWithin = promptWithin
        return plan
    }
}
