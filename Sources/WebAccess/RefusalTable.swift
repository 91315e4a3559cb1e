internal import Glibc
package import NIOCore

/// Where a request comes from, as far as refused ones are counted.
///
/// An IPv4 address stands for itself. A client with IPv6 has at least a /64, and may have a /48 (RFC 6177), so both are
/// counted.
package struct RequestSource: Sendable, Hashable {
    /// The address, or the first 64 bits of it.
    package let address: String
    /// The first 48 bits of an IPv6 address; nil for IPv4.
    package let network: String?

    package init(address: String, network: String? = nil) {
        self.address = address
        self.network = network
    }

    package init(_ address: SocketAddress?) {
        let text = address?.ipAddress ?? ""
        guard let bytes = Self.bytes(text) else {
            self.init(address: text)
            return
        }
        // Who comes by IPv4 to a socket for both (RFC 4291, 2.5.5.2); else all of them would count as one.
        if let mapped = Self.mapped(bytes) {
            self.init(address: mapped.map { "\($0)" }.joined(separator: "."))
            return
        }
        let words = { (count: Int) in bytes.prefix(count).map { String($0, radix: 16) }.joined(separator: ":") }
        self.init(address: words(8), network: words(6))
    }

    /// Whether a connection comes from this machine.
    package static func isLoopback(_ address: SocketAddress?) -> Bool {
        let text = address?.ipAddress ?? ""
        var bytes = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &bytes) == 1 { return bytes[0] == 127 }
        guard let bytes = Self.bytes(text) else { return false }
        if let mapped = mapped(bytes) { return mapped.first == 127 }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }

    /// The IPv4 address that an IPv6 one stands for.
    private static func mapped(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? bytes.suffix(4) : nil
    }
}

/// Counts what was refused, by where it came from; without I/O, without a clock, bounded.
///
/// It says when a source gets a shorter answer. A signature or a token that fits is not asked about here: so it harms no
/// client that shares an address, a proxy or a network with those who send nonsense. Passwords can be guessed, and are
/// (`LoginCounts`).
package struct RefusalTable: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Sources beyond this many push out those that are forgotten next.
    package static let mostSources = 1024
    /// How many times as much a /48 may send as a /64.
    package static let networkShare = 8

    private struct Count {
        var refused = 0
        let until: Instant
    }

    private let most: Int
    private let window: Duration
    private var counts: [String: Count] = [:]

    /// - Parameters:
    ///   - most: how many refusals a source gets within the window.
    ///   - window: for how long they are counted.
    package init(most: Int, window: Duration) {
        self.most = most
        self.window = window
    }

    /// How many sources are known.
    package var count: Int { counts.count }

    /// Takes note of a refusal; returns the seconds to wait when there were too many already.
    package mutating func refused(_ source: RequestSource, at now: Instant) -> Int? {
        // The network first, so that one that sent too much adds no further addresses.
        if let network = source.network,
            let seconds = add("\(network)/48", most: most * Self.networkShare, at: now)
        {
            return seconds
        }
        return add(source.address, most: most, at: now)
    }

    private mutating func add(_ key: String, most: Int, at now: Instant) -> Int? {
        if counts[key].map({ $0.until <= now }) ?? true { makeRoom(for: key, at: now) }
        var count = counts[key] ?? Count(until: now + window)
        guard count.refused < most else { return Int((count.until - now).components.seconds) + 1 }
        count.refused += 1
        counts[key] = count
        return nil
    }

    /// What was counted as refused was right after all.
    package mutating func takeBack(_ source: RequestSource) {
        for key in [source.network.map { "\($0)/48" }, source.address].compactMap(\.self) {
            guard let refused = counts[key]?.refused, refused > 0 else { continue }
            counts[key]?.refused = refused - 1
        }
    }

    /// Nothing counts against a source any more.
    package mutating func forget(_ source: RequestSource) { counts[source.address] = nil }

    private mutating func makeRoom(for key: String, at now: Instant) {
        counts[key] = nil
        guard counts.count >= Self.mostSources else { return }
        counts = counts.filter { $0.value.until > now }
        while counts.count >= Self.mostSources, let oldest = counts.min(by: { $0.value.until < $1.value.until }) {
            counts[oldest.key] = nil
        }
    }
}
