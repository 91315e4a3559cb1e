internal import FoundationEssentials
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import Settings
internal import Synchronization
internal import TextCoding

// What is wrong with the box: the doctor, the log, and both for those who help.
extension Endpoint {
    private static let ofPeople = Access.inside(
        "the box is examined over the Unix socket and at the page only"
    )

    static let health = [
        Endpoint(.post, "/v1/doctor", ofPeople, role: .admin) { question in
            let pbx = try await question.content(ExaminationRequest.self).pbx
            return try .json(try await question.diagnosis().findings(pbx: pbx))
        },
        Endpoint(.post, "/v1/settings/check", ofPeople, role: .admin) { question in
            try await question.noBody()
            return try .json(try question.diagnosis().configuration())
        },
        Endpoint(.get, "/v1/service/log", ofPeople, role: .admin) { question in
            try .json(try question.diagnosis().tail())
        },
        Endpoint(.get, "/v1/sip/trace", ofPeople, role: .admin) { question in
            try question.knows(["after", "numbers"])
            let number = question.text("after").map { UInt64($0) }
            if case .some(nil) = number { throw Problem(.invalid, "after: give the number of a message") }
            let numbers = question.text("numbers") ?? "masked"
            guard ["masked", "shown"].contains(numbers) else {
                throw Problem(.invalid, "numbers: give masked or shown")
            }
            return try .json(
                try await question.control.sipTrace(behind: number ?? nil, showsNumbers: numbers == "shown")
            )
        },
        Endpoint(.get, "/v1/support", ofPeople, role: .admin) { question in
            var response = Response.text(
                String(decoding: try await question.supportBundle(), as: UTF8.self),
                type: "application/json"
            )
            response.headers[named: "Content-Disposition"] = "attachment; filename=\"gsmbridge-support.json\""
            return response
        },
    ]
}

/// What tells people what is wrong with the box, beside its status.
package final class BoxDiagnosis: Sendable {
    /// What was found, in the order of its looks.
    package typealias Findings = any Encodable & Sendable

    private let examine: @Sendable (_ pbx: String?) async throws -> Findings
    /// What is wrong with the configuration as its file stands now.
    let configuration: @Sendable () throws -> Findings
    /// The last lines of the log, with numbers masked.
    let tail: @Sendable () -> [String]
    private let isBusy = Mutex(false)

    /// - Parameters:
    ///   - examine: looks at the box, and at one PBX or all of them.
    ///   - configuration: looks at the configuration as its file stands now.
    ///   - tail: the last lines of the log, with numbers masked.
    package init(
        examine: @escaping @Sendable (_ pbx: String?) async throws -> Findings,
        configuration: @escaping @Sendable () throws -> Findings,
        tail: @escaping @Sendable () -> [String]
    ) {
        self.examine = examine
        self.configuration = configuration
        self.tail = tail
    }

    /// Looks at the box; one look at a time, as each asks every stick and PBX.
    func findings(pbx: String?) async throws -> Findings {
        let isFree = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else { throw ControlError.unavailable("the box is being examined already; try again in a moment") }
        defer { isBusy.withLock { $0 = false } }
        return try await examine(pbx)
    }
}

extension ControlQuestion {
    fileprivate func diagnosis() throws(Problem) -> BoxDiagnosis {
        guard let diagnosis = responder.diagnosis else { throw Problem(.unavailable, "nobody examines this box") }
        return diagnosis
    }

    /// All that those who help want to know, without names of people, and with numbers masked.
    fileprivate func supportBundle() async throws -> [UInt8] {
        let diagnosis = try diagnosis()
        let bundle = SupportBundle(
            madeAt: Date(),
            status: TokenGate.Right.looking.shown(try await status()),
            limits: try await control.limits(),
            settings: await responder.values().map(SettingValue.init),
            findings: try await diagnosis.findings(pbx: nil),
            log: diagnosis.tail()
        )
        return Array(
            MaskedText.numbers(inStringsOf: String(decoding: try WireFormat.encode(bundle), as: UTF8.self)).utf8
        )
    }
}

/// The body of `POST /v1/doctor`.
struct ExaminationRequest: RequestBodyFormat, Encodable {
    static let fields = ["pbx"]

    let pbx: String?
}

/// The answer to `GET /v1/support`.
struct SupportBundle: Encodable {
    let madeAt: Date
    let status: GatewayStatus
    let limits: [LimitStatus]
    let settings: [SettingValue]
    let findings: any Encodable & Sendable
    let log: [String]

    private enum CodingKeys: String, CodingKey {
        case madeAt = "made_at"
        case status, limits, settings, findings, log
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(madeAt, forKey: .madeAt)
        try fields.encode(status, forKey: .status)
        try fields.encode(limits, forKey: .limits)
        try fields.encode(settings, forKey: .settings)
        try fields.encode(findings, forKey: .findings)
        try fields.encode(log, forKey: .log)
    }
}
