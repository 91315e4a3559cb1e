import Glibc
import Synchronization
import TestSupport
import Testing

/// Debian's Kamailio as the registrar of a PBX, on a port of its own.
///
/// It grants 20 s at most, so that refreshes come soon; the password of everybody is `secret`, and `banned` is forbidden. Calls of
/// the accounts 10 and 11 have to be proved and go on to `peer`; numbers that end with a status, such as 030555486, are refused by it.
/// Whoever else calls is led to where the called account is registered.
final class Kamailio {
    /// The program; nil where it is not installed.
    static let path = Installed.program("kamailio")

    /// Its own address, where it listens at 5060, and at 5061 for TLS.
    let host = Loopback.next()
    let program: Program
    private let directory: TemporaryDirectory

    /// Starts it, and waits until it listens.
    ///
    /// - Parameter peer: where calls go on to.
    init(peer: String = "127.0.0.1") async throws {
        directory = try TemporaryDirectory()
        _ = try directory.write("key.pem", TestCertificate.first.key.utf8)
        _ = try directory.write("certificate.pem", TestCertificate.first.certificate.utf8)
        _ = try directory.write("authority.pem", TestCertificate.first.authority.utf8)
        let file = try directory.write(
            "kamailio.cfg",
            """
            #!KAMAILIO
            debug=2
            log_stderror=yes
            children=1
            tcp_children=1
            enable_tls=yes
            auto_aliases=no
            alias="pbx.test"
            listen=udp:\(host):5060
            listen=tcp:\(host):5060
            listen=tls:\(host):5061
            mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
            loadmodule "tls.so"
            loadmodule "tm.so"
            loadmodule "rr.so"
            loadmodule "sl.so"
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "textops.so"
            loadmodule "siputils.so"
            loadmodule "usrloc.so"
            loadmodule "registrar.so"
            loadmodule "auth.so"
            modparam("auth", "qop", "auth")
            modparam("registrar", "max_expires", 20)
            modparam("registrar", "min_expires", 1)
            modparam("tls", "tls_method", "TLSv1.2+")
            modparam("tls", "private_key", "\(directory.path)/key.pem")
            modparam("tls", "certificate", "\(directory.path)/certificate.pem")
            request_route {
                if (!is_method("REGISTER")) { route(CALL); exit; }
                xlog("L_WARN", "seen REGISTER of $fU expires=$hdr(Expires) auth=$(hdr(Authorization){s.len}) over $proto seq=$cs\\n");
                if ($fU == "banned") { sl_send_reply("403", "Forbidden"); exit; }
                if (!pv_www_authenticate("$td", "secret", "0")) { www_challenge("$td", "1"); exit; }
                save("location");
                exit;
            }
            route[CALL] {
                xlog("L_WARN", "seen $rm of $fU to $rU auth=$(hdr(Proxy-Authorization){s.len}) body=$rb\n");
                if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
                if (has_totag()) {
                    if (loose_route() || lookup("location")) { t_relay(); exit; }
                    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
                    sl_send_reply("481", "No such call");
                    exit;
                }
                if (is_method("ACK")) exit;
                if (!is_method("INVITE")) { sl_send_reply("405", "Calls alone"); exit; }
                record_route();
                if ($fU == "10" || $fU == "11") {
                    if (!pv_proxy_authenticate("$fd", "secret", "0")) { proxy_challenge("$fd", "1"); exit; }
                    if ($rU =~ "403$") { sl_send_reply("403", "Refused"); exit; }
                    if ($rU =~ "404$") { sl_send_reply("404", "Refused"); exit; }
                    if ($rU =~ "486$") { sl_send_reply("486", "Refused"); exit; }
                    if ($rU =~ "503$") { sl_send_reply("503", "Refused"); exit; }
                    if ($rU =~ "603$") { sl_send_reply("603", "Refused"); exit; }
                    $du = "sip:\(peer):5060";
                    t_relay();
                    exit;
                }
                if (!lookup("location")) { sl_send_reply("404", "Nobody"); exit; }
                t_relay();
            }
            """
            .utf8
        )
        let path = try #require(Self.path)
        // -DD keeps it in the foreground with all of its processes.
        let arguments = [
            "-DD", "-E", "-f", file, "-P", directory.path + "/pid", "-Y", directory.path, "-w", directory.path,
        ]
        program = try Program(arguments, path: path, limit: .seconds(600))
        let host = host
        try #require(await waits { Loopback.isTaken(5060, at: host) }, "kamailio does not listen")
    }

    /// The authority that signed its certificate, which is for `localhost`.
    var authority: String { directory.path + "/authority.pem" }

    /// Waits for a REGISTER of a user.
    func register(of user: String, where matches: (String) -> Bool = { _ in true }) async -> String? {
        await program.error { $0.contains("seen REGISTER of \(user) ") && matches($0) }
    }

    func stop() {
        program.send(SIGTERM)
    }

    /// Its processes end with the first of them only where that is asked, and not killed: it is given the time.
    deinit {
        stop()
        for _ in 0..<500 where kill(program.processID, 0) == 0 { usleep(10_000) }
    }
}

/// Addresses of this machine that no other test has: each with all of its ports.
///
/// A port that is looked for, closed and used later may be another test's by then.
enum Loopback {
    private static let count = Mutex(0)

    /// An address of 127/8, of this process alone as far as its number tells.
    static func next() -> String {
        let last = count.withLock { count in
            count = count % 254 + 1
            return count
        }
        let process = Int(getpid())
        return "127.\(64 + process >> 8 & 0x3F).\(process & 0xFF).\(last)"
    }

    /// Whether somebody has a UDP port there.
    static func isTaken(_ port: Int, at host: String) -> Bool {
        let udp = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(udp) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(udp, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
            }
        }
    }
}

/// Programs of others.
enum Installed {
    /// Where a program is; nil where it is not installed.
    static func program(_ name: String) -> String? {
        for directory in ["/usr/bin", "/usr/sbin"] {
            let path = "\(directory)/\(name)"
            if access(path, X_OK) == 0 { return path }
        }
        return nil
    }
}
