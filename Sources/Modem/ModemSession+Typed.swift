internal import ATProtocol

/// What a modem answered to a command that a person, or a program for one, gave it.
package struct ModemAnswer: Sendable, Hashable {
    /// The lines before the result.
    package let lines: [String]
    /// The result as the modem writes it, such as `OK` or `+CME ERROR: 10`.
    package let result: String
    /// Whether the result is `OK`.
    package let isOK: Bool
    /// Whether the result is a bare `ERROR`, which gives no reason.
    package let isBareError: Bool
    /// The number of `+CME ERROR` (27.007 §9.2), where that is the result.
    package let code: Int?

    init(_ reply: ATReply) {
        lines = reply.lines.map(\.text)
        result = reply.result.words
        isOK = reply.isOK
        isBareError = reply.result == .error
        code = if case .equipmentError(let error) = reply.result { error.code } else { nil }
    }

    /// A result as people read it, with what its number means: `+CME ERROR: 4: operation not supported`.
    package static func words(for result: String) -> String {
        let parsed = Array(result.utf8).withUnsafeBufferPointer { FinalResult(bytes: $0) }
        return if case .equipmentError(let error) = parsed { "+CME ERROR: \(error.words)" } else { result }
    }
}

/// Why a command had no answer.
///
/// The modem may have acted on it all the same.
package enum NoAnswer: Error, Sendable, Hashable, CustomStringConvertible {
    /// None came within this time.
    case timedOut(after: Duration)
    /// The modem was needed for a call.
    case brokenOff
    /// Nothing answers on the tty.
    case deaf
    /// The modem is gone.
    case vanished
    /// Too many commands wait.
    case queueFull

    init(_ failure: CommandExchange.Failure) {
        switch failure {
        case .timedOut(let limit): self = .timedOut(after: limit)
        case .abandoned: self = .brokenOff
        case .unresponsive: self = .deaf
        case .portClosed: self = .vanished
        case .queueFull: self = .queueFull
        }
    }

    /// One clause for a person.
    package var description: String {
        switch self {
        case .timedOut(let limit):
            "no answer within \(Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18) s"
        case .brokenOff: "broken off: the modem was needed for a call"
        case .deaf: "no answer: nothing answers AT on this tty"
        case .vanished: "the modem was unplugged"
        case .queueFull: "too many commands at once"
        }
    }
}

extension ModemSession {
    /// How long an answer may take where nothing else is said.
    package static let answersWithin = ATCommand.standardLimit

    /// Sends a command that a person typed; all that is said until the result belongs to the answer.
    ///
    /// A call for help, or one that comes in, breaks it off.
    package func typed(_ command: String, within limit: Duration) async throws(NoAnswer) -> ModemAnswer {
        do throws(CommandExchange.Failure) {
            return ModemAnswer(try await execute(ATCommand(command, reply: .everything, within: limit, kind: .typed)))
        } catch {
            throw NoAnswer(error)
        }
    }

    /// A command as it may be shown and logged: without PINs and the like.
    package static func shown(_ command: String) -> String { Redaction.redact(command: command) }
}

extension FinalResult {
    /// The result as the modem writes it.
    fileprivate var words: String {
        switch self {
        case .ok: "OK"
        case .error: "ERROR"
        case .equipmentError(let error): "+CME ERROR: \(error.text)"
        case .messageError(let error): "+CMS ERROR: \(error.text)"
        case .vendorError(let error): (error.form ?? "ERROR") + (error.text.isEmpty ? "" : ": \(error.text)")
        case .commandNotSupported: "COMMAND NOT SUPPORT"
        case .tooManyParameters: "TOO MANY PARAMETERS"
        case .noCarrier: "NO CARRIER"
        case .busy: "BUSY"
        case .noAnswer: "NO ANSWER"
        case .noDialtone: "NO DIALTONE"
        case .connect(let detail): detail.isEmpty ? "CONNECT" : "CONNECT \(detail)"
        }
    }
}
