/// What carries requests to a PBX: the network, or a test.
package protocol HTTPTransport: Sendable {
    /// Sends a request once and returns its answer, with any status; never follows a redirect, never repeats.
    ///
    /// - Parameters:
    ///   - request: what is sent.
    ///   - limit: how long it may take in all.
    func send(_ request: WebRequest, within limit: Duration) async throws(TransportFailure) -> HTTPReply
}

/// Why a request has no answer.
package struct TransportFailure: Error, Sendable, Equatable {
    /// What stood in the way of a request.
    package enum Obstacle: String, Sendable, Equatable, CaseIterable {
        /// The host's name can't be resolved.
        case name
        /// Nothing listens there, or no way leads there.
        case connection
        /// The host's certificate is not trusted, or TLS can't be agreed upon.
        case certificate
        /// Nothing happened in time.
        case timeout
        /// It failed so often of late that it is left alone for a while.
        case resting
    }

    /// What went wrong.
    package enum Reason: Sendable, Equatable {
        /// Nothing was sent, because of this.
        case obstacle(Obstacle)
        /// The connection ended before the answer was complete.
        case closed
        /// The answer did not come in time.
        case late
        /// The answer is longer than ``HTTPReply/longestBody``.
        case tooLong
        /// What came is not HTTP.
        case malformed
        /// The task was cancelled.
        case cancelled
        /// The address must not be used: plain HTTP to a host outside the own network.
        case forbidden
    }

    /// What went wrong.
    package let reason: Reason
    /// Whether the PBX may have got the request.
    package let mayHaveArrived: Bool

    package init(_ reason: Reason, mayHaveArrived: Bool) {
        self.reason = reason
        self.mayHaveArrived = mayHaveArrived
    }
}
