internal import CallLog
internal import CallModel
internal import CallPlanning
internal import CallRecords
internal import Calls
internal import ContactBook
internal import Contacts
package import DialPlan
internal import FoundationEssentials
package import GatewayAPI
internal import Lines
internal import Settings

// What is decided before the modem of one call is opened, and for a call that nobody makes.
extension GatewayService {
    /// How a request would be carried out, and what the whole policy says of it; no modem is touched and nothing reserved.
    package func preview(
        _ request: DialRequest,
        isModemFound: Bool = false
    ) async throws(ControlError) -> (route: Route, decision: PolicyDecision) {
        await learnBalances()
        var facts = await facts(for: request)
        facts.isModemFound = isModemFound
        let route = try planner.route(for: request, facts: facts)
        return (route, await authority.preview(question(route, request, UUID(), isRoaming: nil)))
    }

    /// See ``GatewayControl/preview(_:origin:)``.
    package func preview(_ request: DialRequest, origin: RequestOrigin) async throws(ControlError) -> RoutePreview {
        if let seconds = request.maxSeconds, !(1...86_400).contains(seconds) {
            throw .invalid("max_seconds: a call may last from 1 s to 24 h")
        }
        let wish = request
        let request: DialRequest
        do throws(UnreadableNumber) { request = try reading(wish, origin) } catch {
            return RoutePreview(
                unreadable: wish.number,
                because: error.reason,
                modem: wish.modem,
                currency: configuration.policy.currency
            )
        }
        let (route, decision) = try await preview(request)
        // What the call would be refused for is told here as well.
        if !route.isEmergency { try await check(request.modem) }
        _ = try words(of: request, on: route, origin: origin)
        _ = try await spec(of: request, route: route, origin: origin)
        var preview = RoutePreview(
            route,
            modem: request.modem,
            decision: decision,
            currency: configuration.policy.currency
        )
        if let refusal = Self.helpRefusal(route, origin) {
            preview.allowed = false
            preview.policyReason = refusal
        }
        return preview
    }

    /// A text that is no number, and means none.
    struct UnreadableNumber: Error {
        let reason: String
    }

    /// A request with the number of the contact whose name it has, for those who may know the contacts.
    ///
    /// - Throws: why there is no number in it.
    func reading(_ request: DialRequest, _ origin: RequestOrigin) throws(UnreadableNumber) -> DialRequest {
        var request = request
        if ContactBook.isName(request.number), origin == .local || origin == .page {
            let matches = names.numbers(of: request.number)
            guard let match = matches.first else {
                throw UnreadableNumber(reason: "no contact called \(request.number); see gsmbridge contacts list")
            }
            guard matches.count == 1 else {
                throw UnreadableNumber(reason: ContactBook.words(forSeveral: matches, called: request.number))
            }
            request.number = match.number.number
        }
        do { _ = try PhoneNumber(typed: request.number, region: configuration.gateway.region) } catch {
            throw UnreadableNumber(reason: "\(request.number): \(error)")
        }
        return request
    }

    /// Why help is not called for those who ask; nil where it would be, and for every other call.
    static func helpRefusal(_ route: Route, _ origin: RequestOrigin) -> String? {
        guard route.isEmergency, !origin.mayCallHelp else { return nil }
        if origin == .page { return "emergency numbers are not dialled from the page: take a telephone" }
        return "emergency numbers are dialled for people at this box only, not for remote ones"
    }

    /// Settles what dead programs left reserved of the limits, so that the next call is judged by what theirs came to.
    package func settleLeftReservations() async {
        let recorder = recorder
        await authority.recover { call in
            let record = try? await recorder.record(of: call)
            return record.flatMap { $0 }.flatMap { DialAuthority.Settlement(of: $0) }
        }
    }

    /// Why a call is refused before its modem is asked; nil for one that may be made.
    func refusal(of route: Route, for request: DialRequest, _ call: UUID) async -> PolicyVerdict? {
        guard route.verdict.isAllowed, !route.isEmergency else { return nil }
        let decision = await authority.preview(question(route, request, call, isRoaming: false))
        guard decision.verdict.isAllowed else { return decision.verdict }
        // A card's PIN is not tried for a call that can't be written down.
        if configuration.modems.contains(where: { $0.pin != nil }) { _ = await recorder.drain(within: .seconds(2)) }
        return recorder.refusal.map {
            .refused(route.verdict.numberClass, reason: CallEnd(unrecorded: $0).detail ?? "")
        }
    }

    private func question(
        _ route: Route,
        _ request: DialRequest,
        _ call: UUID,
        isRoaming: Bool?
    ) -> DialAuthority.Request {
        DialAuthority.Request(
            call: call,
            route: route,
            modem: request.modem ?? "-",
            isRoaming: isRoaming,
            maxDuration: longest(request)
        )
    }

    /// Has the modem set up before a way is chosen by its price, where that depends on the network that the modem is in.
    func learnNetwork(for request: DialRequest) async {
        guard (request.via ?? .auto) == .auto, configuration.modems.contains(where: { $0.roamingTariff != nil }),
            let likely = try? await route(for: request), likely.choice != nil,
            await refusal(of: likely, for: request, UUID()) == nil
        else { return }
        // Where none can be had, the call itself is told why.
        let lease = try? await fleet.lease(ModemWish(modem: request.modem), within: configuration.gateway.queuesFor)
        await lease?.giveBack(clean: true)
    }
}
