/// Where the interface draws its lines, so that no client can harm the service.
package struct ControlLimits: Sendable {
    /// The most bytes of a request's body.
    package var body = 64 * 1024
    /// The most bytes of contacts that are taken in at once.
    package var contacts = 8 * 1024 * 1024
    /// The most bytes of one header field, name and value together, and of the request line.
    package var headerField = 8 * 1024
    /// The most bytes of all header fields together.
    package var headers = 32 * 1024
    /// The most header fields.
    package var headerCount = 64
    /// The most bytes of the address in the request line.
    package var address = 2048
    /// The most connections at once on each of the two listeners; one more is cut.
    package var connections = 256
    /// How long a request may take to arrive in full, counted from the connection or from its first byte.
    package var requestArrival: Duration = .seconds(10)
    /// How long a connection may stay open without a request.
    package var idle: Duration = .seconds(60)
    /// How long a reader may leave more than 64 KiB lying before it is cut off.
    package var stall: Duration = .seconds(10)
    /// How long a connection that is being closed is still read from, so that the last answer is not lost.
    package var linger: Duration = .seconds(2)
    /// How often an idle event stream says that it is alive.
    package var keepAlive: Duration = .seconds(15)
    /// How long requests may still take when the service stops.
    package var stop: Duration = .seconds(3)
    /// How many wrong tokens an address may bring within ``tokenWindow`` before it is turned away for that long.
    package var wrongTokens = 10
    /// See ``wrongTokens``.
    package var tokenWindow: Duration = .seconds(60)
    /// How long the answer to a wrong token is held back.
    package var tokenDelay: Duration = .milliseconds(250)

    /// Creates the limits of a service.
    package init() {}
}
