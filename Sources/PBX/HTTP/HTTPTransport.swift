/// What carries requests to a PBX: the network, or a test.
public protocol HTTPTransport: Sendable {
    /// Sends a request once and returns its answer, whatever the status is; never follows a redirect, never repeats.
    ///
    /// - Parameters:
    ///   - request: what is sent.
    ///   - limit: how long it may take in all.
    func send(_ request: PBXHTTPRequest, within limit: Duration) async throws(TransportFailure) -> HTTPReply
}

/// Why a request has no answer.
public struct TransportFailure: Error, Sendable, Equatable {
    /// What went wrong.
    public enum Reason: Sendable, Equatable {
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
    public let reason: Reason
    /// Whether the PBX may have got the request.
    public let mayHaveArrived: Bool

    /// Makes a failure.
    public init(_ reason: Reason, mayHaveArrived: Bool) {
        self.reason = reason
        self.mayHaveArrived = mayHaveArrived
    }
}
