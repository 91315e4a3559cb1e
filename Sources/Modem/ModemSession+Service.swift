internal import ATProtocol
internal import ShortMessage

/// What the network says in a session of USSD.
package struct ServiceText: Sendable, Hashable {
    /// The text; empty where there is none.
    package var text: String
    /// Whether the network waits for an answer.
    package var asks: Bool
    /// What is wrong, in one line; nil for nothing.
    package var failure: String?
}

// USSD (27.007 §7.15).
extension ModemSession {
    /// Begins a session of USSD, or answers in it; what the network says comes by ``watchMessages(_:)``.
    ///
    /// - Returns: why that could not be done; nil where the modem has sent it.
    package func sendService(_ text: String) async -> String? {
        var written = text
        if driver.packsUSSD {
            guard let packed = USSDText.packed(text) else { return "the text has characters that USSD does not know" }
            written = packed
        }
        var command = ATCommand("AT+CUSD=1,\"\(written)\",15", within: .seconds(20))
        // A call goes first.
        command.patience = .milliseconds(300)
        do throws(CommandExchange.Failure) {
            let reply = try await execute(command)
            guard !reply.isOK else { return nil }
            if case .equipmentError(let error) = reply.result, [4, 30, 258].contains(error.code) {
                return
                    "the modem has no USSD here (\(ModemAnswer(reply).result)): over LTE some networks offer it only by "
                    + "IMS, which this modem does not do"
            }
            return "the modem refused it: \(ModemAnswer(reply).result)"
        } catch {
            return "\(NoAnswer(error))"
        }
    }

    /// Ends the session that may be open.
    package func cancelService() async {
        var command = ATCommand("AT+CUSD=2", within: .seconds(5))
        command.patience = .milliseconds(300)
        _ = await ask(command)
    }

    func takeService(_ line: ATLine) {
        guard let messageWatch, let report = ServiceReport(line) else { return }
        let coding: UInt8? = writesUCS2 ? 0x48 : report.coding
        let text =
            report.text.map {
                USSDText.decode($0, coding: coding, isPacked: driver.packsUSSD, isSevenBit: writesSevenBit)
            } ?? ""
        let failure: String? =
            switch report.state {
            case .done, .asks: nil
            case .ended: text.isEmpty ? "the network has ended the session" : nil
            case .otherClient: "another program has answered"
            case .notSupported: "the network does not know this code"
            case .timedOut: "the network did not answer in time"
            case nil: "the modem says something that is not known"
            }
        messageWatch(.service(ServiceText(text: text, asks: report.state == .asks, failure: failure)))
    }
}
