internal import GatewayAPI
internal import Settings

extension DoctorCheck {
    /// What concerns SIP: where phones come, and the accounts at PBXs.
    static let sip: [DoctorCheck] = [sipListen, sipAccounts, sipEncryption]

    /// Whether phones can come, and nobody else.
    static let sipListen = DoctorCheck("sip_listen") { facts in
        (facts.sip?.listeners ?? [])
            .map { listener in
                switch listener.obstacle {
                case .taken?:
                    return .error(
                        listener.name,
                        "another program has this address, so that no phone can come",
                        do:
                            "sudo ss -lnptu 'sport = :\(listener.port)'   # stop that one, or set another port in sip.listen"
                    )
                case .foreign?:
                    return .error(
                        listener.name,
                        "this machine has no such address",
                        do: "ip address   # then write one of them in sip.listen"
                    )
                case .forbidden?:
                    return .error(
                        listener.name,
                        "a program without rights may not listen there",
                        do: "take a port from 1024 on in sip.listen"
                    )
                case nil: break
                }
                if listener.isPublic {
                    return .warning(
                        listener.name,
                        "the Internet can reach this address, and scanners find it within minutes",
                        do: "write an address of the house in sip.listen, or let a firewall keep others out"
                    )
                }
                return .ok(listener.name, "for phones")
            }
    }

    /// Whether calls reach us over the accounts, and if not, what to do.
    static let sipAccounts = DoctorCheck("sip_account") { facts in
        (facts.service?.accounts ?? [])
            .map { account in
                let subject = "account \(account.name)"
                let reason = account.reason ?? "it is not registered"
                switch account.state {
                case .registered:
                    guard let weak = account.reason else { return .ok(subject, "registered") }
                    return .warning(subject, "registered, but \(weak)", do: remedy(weak: weak))
                case .off:
                    return .warning(
                        subject,
                        "it is off",
                        do: "journalctl -u gsmbridge | grep 'account \(account.name)'"
                    )
                case .refused: return .error(subject, reason, do: remedy(refused: reason))
                case .trying: return .warning(subject, reason, do: remedy(trying: reason))
                }
            }
    }

    private static func remedy(weak reason: String) -> String {
        reason.contains("nothing of what")
            ? "let RTP pass (UDP, every port from 1024 on) in the firewall, and switch off the router's SIP ALG"
            : "look what else fills the line to the Internet, and whether the box is on Wi-Fi: ping -c 50 REGISTRAR"
    }

    private static func remedy(refused reason: String) -> String {
        if reason.contains("password") {
            return "compare user and password with the PBX's page for the account, then: systemctl reload gsmbridge"
        }
        if reason.contains("certificate") {
            return "write the name that the certificate has in 'registrar', or set 'verify' and 'ca'"
        }
        return "unlock the account at the PBX, then: systemctl reload gsmbridge"
    }

    private static func remedy(trying reason: String) -> String {
        if reason.contains("DNS") { return "check the name in 'registrar', and the name server: getent hosts NAME" }
        if reason.contains("does not answer") {
            return
                "check address, port and transport of 'registrar'; a router's SIP ALG may swallow it, TLS passes by that"
        }
        return
            "check address, port and transport of 'registrar'; over TLS the certificate's name and authority ('verify', 'ca')"
    }

    /// Whether keys of encrypted sound can be read on their way.
    static let sipEncryption = DoctorCheck("sip_encryption") { facts in
        (facts.sip?.openKeys ?? [])
            .map {
                .warning(
                    "account \($0)",
                    "'srtp: required' without TLS: the keys go in the clear with what SIP says",
                    do: "add ';transport=tls' to its registrar"
                )
            }
    }
}
