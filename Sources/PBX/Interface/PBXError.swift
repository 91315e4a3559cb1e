package import WebRequests

/// Why a PBX did not do what it was asked for.
package struct PBXError: Error, Sendable, Equatable {
    /// What the caller can act on.
    package enum Kind: Sendable, Equatable {
        /// No request left this box: try later, or take another way.
        case unreachable(TransportFailure.Obstacle)
        /// The PBX said no and did nothing; with the HTTP status where there was one.
        case refused(status: Int?)
        /// The request left this box, and no valid answer came: the PBX may have acted. Never repeat it.
        case ambiguous
        /// Another party claimed the held caller (409).
        case lost
        /// What was asked for is over or was never there: a held caller that left, a ticket too late.
        case expired
        /// This PBX can't do that.
        case unsupported
        /// The configuration lacks something that this needs, or has it wrong.
        case misconfigured
    }

    /// What the caller can act on.
    package let kind: Kind
    /// What happened, without secrets and with masked numbers.
    package let message: String
    /// What to do about it.
    package let remedy: String
    /// The PBX's name in the configuration; nil until it is known.
    package var pbx: String?

    /// Makes an error; control characters, secrets and full numbers must not be in its texts.
    package init(_ kind: Kind, _ message: String, remedy: String, pbx: String? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
        self.pbx = pbx
    }

    /// The exit status of a call that fails with it (contract, section 1).
    package var exitStatus: Int32 {
        switch kind {
        case .unreachable, .ambiguous: 40
        case .refused, .lost, .expired, .unsupported: 41
        case .misconfigured: 78
        }
    }
}

extension PBXError: CustomStringConvertible {
    /// The PBX, what happened and what to do, in one line.
    package var description: String {
        (pbx.map { "PBX \($0): " } ?? "") + message + "; " + remedy
    }
}
