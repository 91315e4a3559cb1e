internal import CallFlows
internal import CallModel
internal import CallPlanning
internal import DialPlan
internal import Logging
internal import PBX
internal import PBXLinks
internal import TextCoding

/// What a PBX was told of a call of ours; it dies with the call.
struct Announcement: Sendable {
    let link: PBXLink
    let request: CallthroughRequest
    /// What the PBX calls it.
    var reference: CallReference?

    /// How long a PBX may take to hear that a call is not to come.
    private static let withdrawnWithin: Duration = .seconds(5)

    /// Takes it back, before the modem makes the next call: one that is taken back late may be that one's.
    func withdraw(_ log: Logger) async {
        let withdrawal = WithdrawRequest(call: request.call, caller: request.caller, reference: reference)
        await withTaskGroup { [link] group in
            group.addTask {
                do throws(PBXError) { try await link.control.withdrawCallthrough(withdrawal) } catch {
                    // It ends by its time.
                    log.notice("what the PBX was told of the call could not be taken back: \(error)")
                }
            }
            group.addTask {
                // Cancelled means that the PBX has heard of it.
                try? await Task.sleep(for: Self.withdrawnWithin)
            }
            await group.next()
            group.cancelAll()
        }
    }
}

extension DialAuthority.Request {
    /// The same call by another route.
    func by(_ route: Route) -> DialAuthority.Request {
        var copy = self
        copy.route = route
        return copy
    }
}

extension PBXLink {
    /// Tells the PBX of a call, and waits for its ticket for so long at most.
    func announce(_ request: CallthroughRequest, within limit: Duration) async throws(PBXError) -> CallTicket {
        let result = await withTaskGroup(of: Result<CallTicket, PBXError>.self) { [control] group in
            group.addTask {
                do throws(PBXError) { return .success(try await control.prepareCallthrough(request)) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                // Cancelled means that the ticket has come.
                try? await Task.sleep(for: limit)
                return .failure(PBXError(.ambiguous, "no answer in time", remedy: "see that it is not overloaded"))
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(PBXError(.ambiguous, "it was not waited for", remedy: "try again"))
        }
        return try result.get()
    }
}

extension Route {
    /// This route with what a PBX gave for its announcement; nil where that can't be used, or must not be.
    ///
    /// A number that is not the configured one is judged like any other: a PBX that is not itself any more must not make
    /// this box call at the SIM's expense.
    func announced(_ ticket: CallTicket, region: Region, policy: DialPolicy) -> Route? {
        var route = self
        if let number = ticket.dial, number.text != dials {
            guard policy.verdict(onDialled: number, region: region).isAllowed else { return nil }
            route.dials = number.text
        }
        // What the script would do is still needed where the PBX says so.
        guard !ticket.needsTarget else { return route }
        route.steps = []
        if let token = ticket.token {
            guard let steps = try? DTMFScript("{token}#").instantiate(token: token.reveal()) else { return nil }
            route.steps = steps
        }
        return route
    }
}
