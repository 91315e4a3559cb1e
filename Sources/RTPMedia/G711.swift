/// G.711: 8 bits a sample, in the two ways of the world (ITU-T G.711).
package enum G711: Sendable, Hashable, CaseIterable {
    /// Europe's, payload type 8.
    case aLaw
    /// North America's and Japan's, payload type 0.
    case muLaw

    /// The static payload type (RFC 3551 §6).
    package var payloadType: UInt8 { self == .aLaw ? 8 : 0 }

    /// What SDP calls it.
    package var name: String { self == .aLaw ? "PCMA" : "PCMU" }
}
