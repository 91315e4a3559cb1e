internal import CSRTP
internal import CallModel

/// Encrypts what goes out and decrypts what comes, in the place where it lies (RFC 3711); used on the thread of the loop alone.
final class SRTPSession {
    /// Bytes that a packet may grow by: the longest proof.
    static let growth = Int(SRTP_MAX_TRAILER_LEN) + 4

    private static let isReady = srtp_init() == srtp_err_status_ok

    private let outgoing: srtp_t
    private let incoming: srtp_t

    /// Nil where the library takes no such keys.
    init?(_ keys: RTPSound.Keys) {
        guard Self.isReady, let outgoing = Self.session(keys.own, keys.isShort, ssrc_any_outbound),
            let incoming = Self.session(keys.other, keys.isShort, ssrc_any_inbound)
        else { return nil }
        (self.outgoing, self.incoming) = (outgoing, incoming)
    }

    deinit {
        srtp_dealloc(outgoing)
        srtp_dealloc(incoming)
    }

    private static func session(_ key: [UInt8], _ isShort: Bool, _ kind: srtp_ssrc_type_t) -> srtp_t? {
        guard key.count == 30 else { return nil }
        var policy = srtp_policy_t()
        if isShort {
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp)
        } else {
            srtp_crypto_policy_set_rtp_default(&policy.rtp)
        }
        // Its proof is never cut short (RFC 4568 §6.2).
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
        policy.ssrc.type = kind
        policy.window_size = 128
        var session: srtp_t?
        var copy = key
        let status = copy.withUnsafeMutableBufferPointer { bytes in
            policy.key = bytes.baseAddress
            return srtp_create(&session, &policy)
        }
        return status == srtp_err_status_ok ? session : nil
    }

    /// Encrypts a packet; nil where that can't be.
    ///
    /// - Returns: how long it is then.
    func protect(_ packet: UnsafeMutableRawBufferPointer, count: Int) -> Int? {
        var length = Int32(count)
        guard srtp_protect(outgoing, packet.baseAddress, &length) == srtp_err_status_ok else { return nil }
        return Int(length)
    }

    /// The same of reports.
    func protectReport(_ packet: UnsafeMutableRawBufferPointer, count: Int) -> Int? {
        var length = Int32(count)
        guard srtp_protect_rtcp(outgoing, packet.baseAddress, &length) == srtp_err_status_ok else { return nil }
        return Int(length)
    }

    func unprotectReport(_ packet: UnsafeMutableRawBufferPointer, count: Int) -> Int? {
        var length = Int32(count)
        guard srtp_unprotect_rtcp(incoming, packet.baseAddress, &length) == srtp_err_status_ok else { return nil }
        return Int(length)
    }

    /// Decrypts a packet; nil for one that is forged, or came before.
    func unprotect(_ packet: UnsafeMutableRawBufferPointer, count: Int) -> Int? {
        var length = Int32(count)
        guard srtp_unprotect(incoming, packet.baseAddress, &length) == srtp_err_status_ok else { return nil }
        return Int(length)
    }
}
