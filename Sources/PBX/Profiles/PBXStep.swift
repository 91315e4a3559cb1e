internal import WebRequests

/// What an action needs next: another request, or nothing, because it is done.
///
/// A profile describes an exchange as a chain of such values, so that each of its requests and each understanding of a
/// reply is tested without a network.
struct PBXStep: Sendable {
    enum Content: Sendable {
        /// Send this, and hand over the reply.
        case send(WebRequest, then: @Sendable (HTTPReply) throws(PBXError) -> PBXStep)
        /// The action is done.
        case finish(PBXResult)
    }

    let content: Content

    static func send(
        _ request: WebRequest,
        then: @escaping @Sendable (HTTPReply) throws(PBXError) -> PBXStep
    ) -> PBXStep { PBXStep(content: .send(request, then: then)) }

    static func finish(_ result: PBXResult) -> PBXStep { PBXStep(content: .finish(result)) }
}

extension WebRequest {
    /// Sends the request and requires a status from 200 to 299.
    func step(_ then: @escaping @Sendable (HTTPReply) throws(PBXError) -> PBXStep) -> PBXStep {
        .send(self) { reply throws(PBXError) in
            try reply.check(self)
            return try then(reply)
        }
    }

    /// Sends the request; done when the status is 200 to 299.
    func finishing(_ result: PBXResult = .done) -> PBXStep { step { _ throws(PBXError) in .finish(result) } }
}

extension HTTPReply {
    /// Throws what a status other than 200 to 299 means.
    ///
    /// - Parameters:
    ///   - request: what it answers.
    ///   - isClaim: whether 409 means that another party was quicker.
    func check(_ request: WebRequest, isClaim: Bool = false) throws(PBXError) {
        guard let error = failure(of: request, isClaim: isClaim) else { return }
        throw error
    }

    /// What a status other than 200 to 299 means; nil for those.
    func failure(of request: WebRequest, isClaim: Bool = false) -> PBXError? {
        let words = explanation.map { " ('\($0)')" } ?? ""
        switch status {
        case 200...299: return nil
        case 300...399:
            return PBXError(
                .refused(status: status),
                "it answered \(request) with a redirect (\(status)), and redirects are not followed",
                remedy: "put the address that the PBX really has into url"
            )
        case 401, 403:
            return PBXError(
                .refused(status: status),
                "it did not accept who we are (\(status))\(words)",
                remedy: "check user, password and what that user may do at the PBX"
            )
        case 402:
            return PBXError(
                .refused(status: status),
                "its account has no balance left (402)\(words)",
                remedy: "top up the account"
            )
        case 409 where isClaim:
            return PBXError(.lost, "somebody else took the held caller", remedy: "nothing is left to do")
        case 404, 410, 501:
            guard isClaim, status != 501 else {
                return PBXError(
                    .refused(status: status),
                    "it does not know \(request) (\(status))\(words)",
                    remedy: "check url, profile and the names in the PBX's section"
                )
            }
            return PBXError(.expired, "the held caller is gone (\(status))", remedy: "nothing is left to do")
        case 429:
            return PBXError(
                .refused(status: status),
                "it was asked too often (429)",
                remedy: "wait, or raise the limit at the PBX"
            )
        case 400...499:
            return PBXError(
                .refused(status: status),
                "it refused \(request) (\(status))\(words)",
                remedy: "look into the PBX's log for the reason"
            )
        default:
            let kind: PBXError.Kind = request.effect == .harmless ? .refused(status: status) : .ambiguous
            return PBXError(
                kind,
                "it failed at \(request) (\(status))\(words)",
                remedy: request.effect == .harmless
                    ? "look into the PBX's log for the reason"
                    : "wait for its call; if none comes, look into the PBX's log before trying again"
            )
        }
    }

    /// Why the PBX says no, from the members that PBXs use for it.
    private var explanation: String? {
        guard let json else { return nil }
        for name in ["message", "error", "reason", "detail", "title"] {
            if let text = json[name]?.scalar, !text.isEmpty { return Printable.text(text, limit: 120) }
        }
        return nil
    }
}

extension PBXError {
    /// Says that a PBX can't do an action.
    static func unsupported(_ action: PBXAction, _ remedy: String) -> PBXError {
        PBXError(.unsupported, "it has no way for \(action.name)", remedy: remedy)
    }

    /// Says that a key is missing.
    static func missing(_ key: String, for action: PBXAction) -> PBXError {
        PBXError(.misconfigured, "\(action.name) needs \(key)", remedy: "add \(key) to the PBX's section")
    }

    /// Says that an answer can't be understood.
    static func garbled(_ request: WebRequest, _ what: String) -> PBXError {
        request.effect == .harmless
            ? PBXError(
                .refused(status: nil),
                "its answer to \(request) can't be understood: \(what)",
                remedy: "check url and profile"
            )
            : PBXError(
                .ambiguous,
                "it accepted \(request), but its answer can't be understood: \(what)",
                remedy: "wait for its call; check url, profile and reply"
            )
    }
}
