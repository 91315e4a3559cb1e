/// What carries requests to a PBX: the network, or a test.
package protocol HTTPTransport: Sendable {
    /// Sends a request once and returns its answer, with any status; never follows a redirect, never repeats.
    ///
    /// - Parameters:
    ///   - request: what is sent.
    ///   - limit: how long it may take in all.
    func send(_ request: PBXHTTPRequest, within limit: Duration) async throws(TransportFailure) -> HTTPReply
}

/// Why a request has no answer.
package struct TransportFailure: Error, Sendable, Equatable {
    /// What went wrong.
    package enum Reason: Sendable, Equatable {
        /// Nothing was sent, because of this.
        case obstacle(PBXError.Obstacle)
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

    /// Makes a failure.
    package init(_ reason: Reason, mayHaveArrived: Bool) {
        self.reason = reason
        self.mayHaveArrived = mayHaveArrived
    }
}
