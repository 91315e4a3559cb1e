package import CallModel
package import DialPlan
internal import TextCoding

extension Configuration {
    /// SIP: the accounts at PBXs, the phones of the house.
    package struct SIP: Sendable {
        /// Where phones may come; this machine alone unless set.
        package var listen = [
            Listener(transport: .udp, address: SIPAddress(host: "127.0.0.1", port: 5060)),
            Listener(transport: .tcp, address: SIPAddress(host: "127.0.0.1", port: 5060)),
        ]
        /// The phones of the house, in the order of the file.
        package var phones: [Phone] = []
        /// PBXs of the house that are known by their address, in the order of the file.
        package var trunks: [Trunk] = []
        /// The box's certificate and key for TLS, as PEM files.
        package var certificate: String?
        package var key: String?
        /// Whether phones may come from addresses of the Internet.
        package var allowsPublic = false
        /// The accounts, in the order of the file.
        package var accounts: [Account] = []

        /// An account at a PBX, as a telephone has one.
        package struct Account: Sendable {
            /// Its name: letters, digits, `-` and `_`.
            package var name: String
            /// The registrar.
            package var registrar: SIPAddress
            /// Who we are there.
            package var user = ""
            /// By what name the password is asked for; nil for the user.
            package var loginName: String?
            /// Where the password is found; there is one in every file that was read.
            package var password: SecretReference?
            /// Where requests go first; nil for the registrar.
            package var proxy: SIPAddress?
            /// How long a registration shall hold.
            package var expires = Duration.seconds(300)
            /// The PBX that it belongs to, by its name.
            package var pbx: String?
            /// How its PBX wants numbers written; nil for as the entry of the PBX says.
            package var numberFormat: NumberFormat?
            /// How the sound of its calls is encrypted.
            package var encryption = Encryption.optional
            /// How it is coded, those that are liked best first; empty for what the landline speaks.
            package var codecs: [RTPCodec] = []
            /// What of a server's certificate is looked at.
            package var verify = Verification.name
            /// A PEM file with the only certificates to trust; nil for the system's.
            package var certificateAuthority: String?

            /// An account of which nothing is set but the registrar.
            package init(name: String, registrar: SIPAddress) {
                self.name = name
                self.registrar = registrar
            }
        }

        /// An address at which phones may come.
        package struct Listener: Sendable, Hashable, CustomStringConvertible {
            /// How messages come.
            package var transport: SIPAddress.Transport
            /// A numeric address and a port.
            package var address: SIPAddress

            /// The address as the configuration writes it.
            package var description: String { "\(transport.rawValue):\(address.place)" }
        }

        /// A telephone of the house.
        package struct Phone: Sendable {
            /// Its name, and the user that it registers as.
            package var name: String
            /// Where the password is found; there is one in every file that was read.
            package var password: SecretReference?
            /// What it is called on the displays of others.
            package var title: String?
            /// How its sound is coded, those that are liked best first; empty for what the landline speaks.
            package var codecs: [RTPCodec] = []

            init(name: String) { self.name = name }
        }

        /// A PBX of the house that calls out through this box, known by its address.
        package struct Trunk: Sendable {
            /// Its name.
            package var name: String
            /// Where it calls from.
            package var address: SIPAddress
        }

        /// How sound is encrypted; the raw values are those of `srtp`.
        package enum Encryption: String, Sendable, CaseIterable {
            /// Where the far side takes it: it is offered where the account itself is asked over TLS.
            case optional
            /// Always; a far side that does not gets no call.
            case required
            /// Never.
            case off
        }

        /// What of a server's certificate is looked at; the raw values are those of `verify`.
        package enum Verification: String, Sendable, CaseIterable {
            /// That it is signed by an authority, for the name that was asked for.
            case name
            /// That it is signed by an authority: any other who has one of it could stand between.
            case authority
        }
    }
}

extension SettingTable<Configuration.SIP> {
    static var sip: Self {
        let rows: [SettingRow<Configuration.SIP>] = [
            .list("listen", \.listen, .sipListener)
                .help("where phones may come; an address that others reach is for a network of the house"),
            .optional("certificate", \.certificate, .absolutePath()).example("/etc/gsmbridge/sip.pem")
                .help(
                    "the certificate of this box for `tls:`, a PEM file with those that lead to an authority behind it"
                ),
            .optional("key", \.key, .absolutePath()).example("/etc/gsmbridge/sip.key").help("its key, a PEM file"),
            .value("allow_public", \.allowsPublic, .flag, isShown: false)
                .help(
                    "whether phones may come from addresses of the Internet, where scanners find every port in minutes"
                ),
            .named("accounts", \.accounts, .account)
                .example(
                    "{ office: { registrar: \"sip:pbx.example.net\", user: \"10\", password: { credential: sip-office } } }"
                )
                .help("accounts at PBXs: the box registers there as a telephone does"),
            .named("phones", \.phones, .phone)
                .example("{ desk: { password: { credential: desk-phone }, name: Desk } }")
                .help("telephones of the house: each registers with its name as the user"),
            .named("trunks", \.trunks, .trunk) { reader, section, trunk, others in
                guard let other = others.first(where: { $0.address.host == trunk.address.host }) else { return }
                reader.report(
                    "calls from there are those of sip.trunks.\(other.name)",
                    "give each trunk an address of its own",
                    at: "address",
                    in: section
                )
            }
            .example("{ asterisk: { address: \"192.0.2.10:5060\" } }")
            .help("PBXs of the house that call out through this box, known by their address alone"),
        ]
        return Self(
            { _, _ in Configuration.SIP() },
            rows,
            check: { reader, section, sip in
                guard let sip, sip.listen.contains(where: { $0.transport == .tls }) else { return }
                for (key, value) in [("certificate", sip.certificate), ("key", sip.key)] where value == nil {
                    reader.report(
                        "there is none, and 'listen' has an address with tls",
                        "add '\(key): PATH', a PEM file",
                        at: section[key] == nil ? "listen" : key,
                        in: section
                    )
                }
            }
        )
    }
}

extension SettingTable<Configuration.SIP.Trunk> {
    fileprivate static var trunk: Self {
        let address = SettingRow.optional("address", \SIPAddress?.self, .sipPeer).example("\"192.0.2.10:5060\"")
            .needed("there is no address", "add 'address: \"192.0.2.10:5060\"'")
            .help("the IP address and the port that it calls from; what comes from there needs no password")
        return Self(needs: address, { Configuration.SIP.Trunk(name: $1.name, address: $0) })
    }
}

extension SettingTable<Configuration.SIP.Phone> {
    fileprivate static var phone: Self {
        let rows: [SettingRow<Configuration.SIP.Phone>] = [
            .secret("password", \.password, .phonePassword)
                .needed("there is no password", "add 'password: { credential: NAME }', made by: openssl rand -hex 12")
                .example("{ credential: desk-phone }").help("its password, at least 8 characters"),
            .optional("name", \.title, .line(longest: 64)).example("Desk").help("what it is called on displays"),
            .optionalList("codecs", \.codecs, .choice).standard("`pcma` `pcmu` `g722`").example("[opus, pcma]")
                .help("how sound may be coded on the way to it, what is liked best first; `opus` stands lost packets"),
        ]
        return Self({ Configuration.SIP.Phone(name: $1.name) }, rows)
    }
}

extension SettingTable<Configuration.SIP.Account> {
    fileprivate static var account: Self {
        let registrar = SettingRow.optional("registrar", \SIPAddress?.self, .sipServer)
            .example("\"sip:pbx.example.net;transport=tls\"")
            .needed("there is no registrar", "add 'registrar: \"sip:pbx.example.net\"'")
            .help("where the account is; `transport=tls` encrypts what is said to it, and is verified")
        let rows: [SettingRow<Configuration.SIP.Account>] = [
            .value("user", \.user, .sipUser, isShown: false)
                .needed("there is no user", "add 'user: \"10\"', the account's name or number").example("\"10\"")
                .help("the account's name or number"),
            .optional("auth_user", \.loginName, .line(longest: 128)).standard("the user").example("\"10-login\"")
                .help("the name that belongs to the password, where it is another"),
            .secret("password", \.password, .password)
                .needed("there is no password", "add 'password: { credential: NAME }'")
                .example("{ credential: sip-office }").help("the account's password, without colons"),
            .optional("proxy", \.proxy, .sipServer).example("\"sip:proxy.example.net\"")
                .help("where requests go first, where the PBX wants an outbound proxy"),
            .value("expires", \.expires, .duration(.seconds(60) ... .seconds(86_400)))
                .help("how long a registration shall hold; the PBX may grant less, and it is refreshed in time"),
            .optional("pbx", \.pbx, .line(longest: 64)).example("office")
                .help("the entry of `pbx` that it belongs to, whose tariff its calls have"),
            .optional("number_format", \.numberFormat, .choice).standard("that of the PBX, else `national`")
                .example("national").help("how the PBX wants numbers written"),
            .value("srtp", \.encryption, .choice, isShown: false)
                .help(
                    "whether the sound is encrypted (SRTP): `required`, never (`off`), or where the far side wants it; offered first over TLS"
                ),
            .optionalList("codecs", \.codecs, .choice).standard("`pcma` `pcmu` `g722`").example("[opus, pcma]")
                .help("how sound may be coded, what is liked best first; `opus` stands lost packets"),
            .value("verify", \.verify, .choice)
                .help("what of a TLS certificate is looked at: its `name` too, or its `authority` alone"),
            .optional("ca", \.certificateAuthority, .absolutePath()).standard("the system's")
                .example("/etc/gsmbridge/pbx-ca.pem").help("a PEM file with the only certificates to trust"),
        ]
        return Self(
            needs: registrar,
            { Configuration.SIP.Account(name: $1.name, registrar: $0) },
            rows,
            check: { reader, section, account in
                guard let account else { return }
                let server = account.proxy ?? account.registrar
                if server.transport == .tls, server.isNumeric, account.verify == .name {
                    reader.report(
                        "certificates are made for names, and \(server.host) is an address",
                        "write the server's name, or 'verify: authority' if any certificate of the authority will do",
                        at: account.proxy == nil ? "registrar" : "proxy",
                        in: section
                    )
                }
                if server.transport != .tls {
                    reader.reportStray(
                        ["verify", "ca"],
                        in: section,
                        "without TLS there is no certificate to look at",
                        "add ';transport=tls' to the registrar, or remove this key"
                    )
                }
            }
        )
    }
}

// MARK: Forms

extension ConfigurationForm<SIPAddress> {
    /// A server: no user in it.
    static var sipServer: Self {
        Self("`sip:NAME`, `:PORT`, `;transport=` `udp` `tcp` `tls`", shownAs: \.description) {
            written throws(Complaint) in
            let remedy = "write it like sip:pbx.example.net, sip:192.0.2.1:5070 or sip:pbx.example.net;transport=tls"
            guard let address = SIPAddress(written.text) else {
                throw Complaint("\(Spelling.quoted(written.text)) is not the address of a SIP server", remedy)
            }
            guard address.user == nil else {
                throw Complaint("\(Spelling.quoted(written.text)) has a user in it", "write the user into 'user'")
            }
            return address
        }
    }
}

extension ConfigurationForm<SIPAddress> {
    /// A numeric address, and a port.
    fileprivate static var sipPeer: Self {
        Self("`ADDRESS:PORT`", shownAs: \.place) { written throws(Complaint) in
            let place = SIPAddress.place(written.text[...]).map { SIPAddress(host: $0.host, port: $0.port) }
            guard let place, place.isNumeric else {
                let remedy = "write an IP address and a port, such as 192.0.2.10:5060"
                throw Complaint("\(Spelling.quoted(written.text)) is not where a PBX calls from", remedy)
            }
            return place
        }
    }
}

extension ConfigurationForm<Configuration.SIP.Listener> {
    /// `udp:ADDRESS:PORT`, `tcp:ADDRESS:PORT` or `tls:ADDRESS:PORT`.
    fileprivate static var sipListener: Self {
        Self("`udp:ADDRESS:PORT`", plural: "`udp:`, `tcp:` or `tls:ADDRESS:PORT`", shownAs: \.description) {
            written throws(Complaint) in
            let remedy = "write it like udp:127.0.0.1:5060 or tcp:192.0.2.1:5060, with an address of this machine"
            let parts = written.text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let transport = SIPAddress.Transport(rawValue: String(parts[0])),
                let place = SIPAddress.place(parts[1])
            else { throw Complaint("\(Spelling.quoted(written.text)) is not where phones can come", remedy) }
            let address = SIPAddress(host: place.host, port: place.port ?? (transport == .tls ? 5061 : 5060))
            guard address.isNumeric else {
                throw Complaint("\(Spelling.quoted(place.host)) is a name and no address", remedy)
            }
            return Configuration.SIP.Listener(transport: transport, address: address)
        }
    }
}

extension ConfigurationForm<String> {
    /// A user of SIP.
    static var sipUser: Self {
        line(longest: 128)
            .checked { user throws(Complaint) in
                guard SIPAddress.isUser(user) else {
                    throw Complaint(
                        "\(Spelling.quoted(user)) is not a user of SIP",
                        "write it without '@', ':' and spaces"
                    )
                }
            }
    }
}
