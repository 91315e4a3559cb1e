internal import CallLog
internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Messages
internal import Settings
internal import TextCoding

// What rings and messages of listed numbers come to.
extension GatewayService {
    /// The rules of a configuration, with their codes.
    static func arrivalRules(
        _ configuration: Configuration,
        _ environment: ConfigurationEnvironment,
        _ log: Logger
    ) -> [ArrivalRules.Rule] {
        configuration.arrivals.map { arrival in
            do throws(SecretError) {
                return ArrivalRules.Rule(arrival, code: try arrival.code?.read(in: environment))
            } catch {
                log.error("\(error); messages of that rule come to nothing")
                return ArrivalRules.Rule(arrival)
            }
        }
    }

    /// Takes what listed numbers did in an earlier run, and when callers got messages.
    func recallArrivals() async {
        do {
            let lines = try await arrivalLedger.lines()
            arrivals.recall(lines, at: .now)
            replied.recall(lines, at: .now, date: Date())
            arrivalsAreKnown = true
        } catch {
            log.error("what listed numbers did before is not known, and nothing that they ask for is done: \(error)")
        }
    }

    /// Writes down what listed numbers did, before anything is made of it; whether that is done.
    @discardableResult
    func recordArrivals() async -> Bool {
        // What was not read, or not yet, is not written over.
        guard arrivalsAreKnown else { return false }
        do {
            try await arrivalLedger.replace(with: arrivals.record(at: .now) + replied.record(at: .now, date: Date()))
            return true
        } catch {
            log.warning("what listed numbers did can't be written down: \(error)")
            return false
        }
    }

    /// Follows the rules for messages until the service stops.
    func followOrders() async {
        for await order in messageOrders {
            let verdict = arrivals.message(order, at: .now, date: Date())
            let isRecorded = await recordArrivals()
            await follow(verdict, from: order.number, modem: order.modem, "message", isRecorded: isRecorded)
        }
    }

    /// Follows the rules for a ring that was refused.
    func followRing(of call: MissedCalls.Call) async {
        let verdict = arrivals.ring(from: call.number, at: .now)
        guard verdict != .unlisted else { return }
        let isRecorded = await recordArrivals()
        await follow(verdict, from: call.number, modem: call.modem, "ring", isRecorded: isRecorded)
    }

    private func follow(
        _ verdict: ArrivalRules.Verdict,
        from shown: String,
        modem: String?,
        _ what: String,
        isRecorded: Bool
    ) async {
        let caller = CallLog.masked(shown)
        do throws(ControlError) {
            switch verdict {
            case .unlisted: return
            case .tooSoon: log.notice("a \(what) of \(caller) comes to nothing: one was followed a moment ago")
            case .wrongCode: log.warning("a message of \(caller) brings a wrong code")
            case .nowLocked: log.warning("a message of \(caller) brings the third wrong code: it is locked for an hour")
            case .locked: log.notice("a message of \(caller) comes to nothing: it is locked")
            case .stale:
                log.notice(
                    "a message of \(caller) comes to nothing: it was under way for too long, or the clock here is wrong"
                )
            // It costs, and the pause behind it would not outlast a restart.
            case .callback, .status:
                guard isRecorded else {
                    return log.warning("a \(what) of \(caller) comes to nothing: it can't be written down")
                }
                try await carryOut(verdict, caller, modem: modem, what)
            }
        } catch {
            log.warning("what a \(what) of \(caller) asks for can't be done: \(error)")
        }
    }

    private func carryOut(
        _ verdict: ArrivalRules.Verdict,
        _ caller: String,
        modem: String?,
        _ what: String
    ) async throws(ControlError) {
        switch verdict {
        case .callback(let number, let pbx):
            log.notice("a \(what) of \(caller) has the PBX call it back")
            var request = DialRequest(number: number.description)
            (request.via, request.pbx, request.modem) = (.callback, pbx, modem)
            _ = try await dial(request, id: UUID(), origin: .rule)
        case .status(let number):
            log.notice("a \(what) of \(caller) has it told how the box is")
            var request = MessageRequest(number: number.description, text: await statusText())
            request.modem = modem
            _ = try await sendMessage(request, id: UUID(), origin: .rule)
        default: return
        }
    }

    /// How the box is, in one message.
    private func statusText() async -> String {
        let status = await status()
        let modems = status.modems.map { modem in
            ([modem.name ?? modem.tty ?? "modem", modem.state.rawValue.replacing("_", with: " ")]
                + [modem.operatorName, modem.signal.map { "\($0) dBm" }].compactMap(\.self))
                .joined(separator: " ")
        }
        let text = "\(status.name): \(status.calls.count) calls; " + modems.joined(separator: "; ")
        // One part, and letters that every network has.
        return String(text.map { $0.isASCII && !"`".contains($0) ? $0 : "?" }.prefix(150))
    }
}
