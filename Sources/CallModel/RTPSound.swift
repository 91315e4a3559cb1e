/// How sound is coded on its way over RTP.
///
/// The raw values are those of `codecs`.
package enum RTPCodec: String, Sendable, Hashable, CaseIterable {
    /// G.711 A-law, Europe's.
    case aLaw = "pcma"
    /// G.711 µ-law, North America's and Japan's.
    case muLaw = "pcmu"
    /// G.722, with 7 kHz of sound in the bits of G.711.
    case g722
    /// Opus (RFC 6716), for ways that lose packets: a third of the bits, and each packet can stand in for the one before.
    case opus

    /// Those that are offered, and taken, where nothing else is said: what the landline speaks itself.
    package static let ordinary: [RTPCodec] = [.aLaw, .muLaw, .g722]

    /// By how many its timestamps count a second (RFC 3551 §4.5.2, RFC 7587 §4.1).
    package var clock: UInt32 { self == .opus ? 48_000 : 8000 }
}

/// The sound of a leg of SIP: a socket of ours, and where the other side wants to hear.
///
/// The socket belongs to who opens a port on it.
package struct RTPSound: Sendable, Hashable {
    /// The keys of both ways (RFC 4568).
    package struct Keys: Sendable, Hashable {
        /// Key and salt, 30 bytes, by which we encrypt, and by which the other side does.
        package var own: [UInt8]
        package var other: [UInt8]
        /// Whether packets bear 32 bits of proof; else 80.
        package var isShort: Bool

        /// Creates keys.
        package init(own: [UInt8], other: [UInt8], isShort: Bool = false) {
            (self.own, self.other, self.isShort) = (own, other, isShort)
        }
    }

    package var descriptor: Int32
    /// Where the other side wants to hear: a numeric address and a port.
    package var address: String
    package var port: Int
    package var codec: RTPCodec
    /// The payload type of the codec.
    package var payloadType: UInt8
    /// The payload type of digits; nil where they go as sound.
    package var eventType: UInt8?
    /// What comes of digits in messages; nil where none can.
    package var said: MessageKeys?
    /// Whether the other side wants to hear; nil where it always does.
    package var hearing: Hearing?
    /// Numeric addresses from which its sound may come: others who find the port are not heard, and get nothing.
    package var trusted: [String] = []
    /// Nil where the sound is not encrypted.
    package var keys: Keys?
    /// The socket of reports (RTCP), which belongs with the other one; nil for none.
    package var reports: Int32?
    /// The other side's port for them.
    package var reportPort: Int?

    /// Creates a sound of a codec.
    package init(descriptor: Int32, address: String, port: Int, codec: RTPCodec, payloadType: UInt8) {
        (self.descriptor, self.address, self.port) = (descriptor, address, port)
        (self.codec, self.payloadType) = (codec, payloadType)
    }
}
