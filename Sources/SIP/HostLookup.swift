internal import CLinux
internal import Glibc

/// Addresses of names by the system: `/etc/hosts`, mDNS, name servers, as nsswitch.conf(5) says.
enum HostLookup {
    private final class Question: Sendable {
        let host: String
        let answer: CheckedContinuation<[String], Never>

        init(_ host: String, _ answer: CheckedContinuation<[String], Never>) {
            self.host = host
            self.answer = answer
        }
    }

    /// The first numeric address of a name; nil where it has none.
    ///
    /// The system has limits of its own for how long that takes.
    static func address(of host: String) async -> String? { await addresses(of: host).first }

    /// The numeric addresses of a name, at most 16.
    static func addresses(of host: String) async -> [String] {
        await withCheckedContinuation { answer in
            let question = Unmanaged.passRetained(Question(host, answer))
            let status = clinux_detached_thread(
                "sip-lookup",
                { pointer in
                    guard let pointer else { return }
                    let question = Unmanaged<Question>.fromOpaque(pointer).takeRetainedValue()
                    question.answer.resume(returning: HostLookup.look(up: question.host))
                },
                question.toOpaque()
            )
            guard status >= 0 else {
                question.release()
                return answer.resume(returning: [])
            }
        }
    }

    private static func look(up host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0, let found else { return [] }
        defer { freeaddrinfo(found) }
        var addresses: [String] = []
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let entry = next, addresses.count < 16 {
            next = entry.pointee.ai_next
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(text.count)
            let (raw, size) = (entry.pointee.ai_addr, entry.pointee.ai_addrlen)
            guard getnameinfo(raw, size, &text, length, nil, 0, NI_NUMERICHOST) == 0 else { continue }
            addresses.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return addresses
    }
}
