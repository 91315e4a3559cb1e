import Glibc
import TestSupport
import Testing

/// Debian's Kamailio as the registrar of a PBX, on a port of its own.
///
/// It grants 20 s at most, so that refreshes come soon; the password of everybody is `secret`, and `banned` is forbidden.
final class Kamailio {
    /// The program; nil where it is not installed.
    static let path = Installed.program("kamailio")

    let port: Int
    let tlsPort: Int
    let program: Program
    private let directory: TemporaryDirectory

    /// Starts it, and waits until it listens.
    init() async throws {
        directory = try TemporaryDirectory()
        port = try FreePort.find()
        tlsPort = try FreePort.find()
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
            listen=udp:127.0.0.1:\(port)
            listen=tcp:127.0.0.1:\(port)
            listen=tls:127.0.0.1:\(tlsPort)
            mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
            loadmodule "tls.so"
            loadmodule "tm.so"
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
                if (!is_method("REGISTER")) { sl_send_reply("405", "Registers alone"); exit; }
                xlog("L_WARN", "seen REGISTER of $fU expires=$hdr(Expires) auth=$(hdr(Authorization){s.len}) over $proto\\n");
                if ($fU == "banned") { sl_send_reply("403", "Forbidden"); exit; }
                if (!pv_www_authenticate("$td", "secret", "0")) { www_challenge("$td", "1"); exit; }
                save("location");
                exit;
            }
            """
            .utf8
        )
        let path = try #require(Self.path)
        // -DD keeps it in the foreground with all of its processes.
        let arguments = [
            "-DD", "-E", "-f", file, "-P", directory.path + "/pid", "-Y", directory.path, "-w", directory.path,
        ]
        program = try Program(arguments, path: path, limit: .seconds(120))
        let port = port
        try #require(await waits { FreePort.isTaken(port) }, "kamailio does not listen")
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

/// Ports that nobody has.
enum FreePort {
    /// A port that is free for UDP and TCP at 127.0.0.1.
    static func find() throws -> Int {
        for _ in 0..<50 {
            let udp = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer { close(udp) }
            guard let port = bind(udp, to: 0) else { continue }
            let tcp = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(tcp) }
            if bind(tcp, to: port) != nil { return port }
        }
        throw Program.Failure(what: "no port is free", code: errno)
    }

    /// Whether somebody has a UDP port.
    static func isTaken(_ port: Int) -> Bool {
        let udp = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(udp) }
        return bind(udp, to: port) == nil
    }

    private static func bind(_ descriptor: Int32, to port: Int) -> Int? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                guard Glibc.bind(descriptor, raw, length) == 0, getsockname(descriptor, raw, &length) == 0 else {
                    return nil
                }
                return Int(in_port_t(bigEndian: pointer.pointee.sin_port))
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
