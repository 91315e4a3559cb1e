/// Call control at a PBX: what the flows may ask of every PBX.
///
/// Nothing here is repeated behind the caller's back where a repeat could place a second call; an error of the kind
/// ``PBXError/Kind/ambiguous`` means that the PBX may have acted, and is the caller's to settle (wait for the ring, ask
/// for the status), never to retry.
package protocol CallControl: Sendable {
    /// The PBX's name in the configuration.
    var name: String { get }
    /// What it can do.
    var capabilities: PBXCapabilities { get }

    /// Announces a call to the access number, so that its target need not be sent as tones.
    func prepareCallthrough(_ request: CallthroughRequest) async throws(PBXError) -> CallTicket
    /// Takes an announcement back; one that is used or over already is no error.
    func withdrawCallthrough(_ request: WithdrawRequest) async throws(PBXError)
    /// Asks the PBX to call us and a target; returns what it calls that call, where it says so.
    func requestCallback(_ request: CallbackRequest) async throws(PBXError) -> CallReference?
    /// Claims a held caller; throws ``PBXError/Kind/lost`` when another party was quicker.
    func claimHeld(_ request: ClaimRequest) async throws(PBXError) -> CallTicket
    /// Gives a held caller back.
    func releaseHeld(_ request: ReleaseRequest) async throws(PBXError)
    /// Ends a call of the PBX; one that is over already is no error.
    func hangUp(_ call: CallReference) async throws(PBXError)
    /// Asks how a call of the PBX stands.
    func status(of call: CallReference) async throws(PBXError) -> PBXCallState
    /// Asks whether the PBX is there and knows us.
    func health() async throws(PBXError) -> PBXHealth
}
