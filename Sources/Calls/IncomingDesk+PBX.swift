internal import CallFlows
internal import CallModel
internal import Logging
package import PBX
internal import PBXLinks
internal import Settings

// What PBXs tell.
extension IncomingDesk {
    /// Takes what a PBX tells, by a webhook or over a connection of its own; returns at once.
    ///
    /// A caller who is held is fetched where `reverse.mode` is `dial_back`; one who has gone is not called for any more.
    /// Events may come twice and in any order.
    ///
    /// - Parameters:
    ///   - event: what happened; it is known to come from the PBX.
    ///   - pbx: the PBX's name in the configuration.
    package func take(_ event: PBXEvent, from pbx: String) {
        switch event.kind {
        case .held(let caller): hold(caller, event.call, at: pbx)
        case .ended(.failed, _): tell(.callerGone(.failed), of: event, from: pbx)
        case .ended: tell(.callerGone(.hungUp), of: event, from: pbx)
        case .expired: tell(.callerGone(.expired), of: event, from: pbx)
        case .bridged: tell(.joined, of: event, from: pbx)
        case .incoming, .answered, .dtmf:
            tools?.log.debug("PBX \(pbx): \(event.kind.name)")
        }
    }

    private func tell(_ news: ReverseMachine.Event, of event: PBXEvent, from pbx: String) {
        for held in held(by: pbx) { held.take(news, of: event.call, key: event.key) }
    }

    private func hold(_ caller: HeldCaller, _ reference: CallReference, at pbx: String) {
        // The ring may have come first.
        for held in held(by: pbx) where held.take(reference, validFor: caller.validFor) {
            return
        }
        guard let tools else { return }
        let log = tools.log
        guard let configured = tools.configuration.pbx.first(where: { $0.name == pbx }),
            let rule = IncomingDesk.Rule(configured), rule.mode == .dialBack, !rule.isHeldHere
        else { return log.info("PBX \(pbx) holds a caller; it is its ring that would be answered") }
        guard !isStopping else {
            log.info("PBX \(pbx) holds a caller; the service is stopping")
            return giveBack(reference, to: tools.directory.link(pbx), log: log)
        }
        ReverseScript.begin(caller, reference, rule: rule, tools: tools)
    }

    /// Lets the PBX do at once with a caller what it does with those who are not fetched.
    private func giveBack(_ held: CallReference, to link: PBXLink?, log: Logger) {
        guard let link, link.capabilities.reverse == .native else { return }
        // No call has it, so none waits for it; a request to a PBX has its own limit.
        Task {
            do throws(PBXError) {
                try await link.control.releaseHeld(ReleaseRequest(held: held, reason: .busy))
            } catch {
                log.notice("the held caller could not be given back: \(error)")
            }
        }
    }
}
