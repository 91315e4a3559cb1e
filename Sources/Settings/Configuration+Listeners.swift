internal import CallModel

extension Configuration {
    /// A place where this box takes TCP connections, and the key that says so.
    private struct Listener {
        let key: String
        let host: String
        let port: Int

        init(_ key: String, _ address: ListenAddress) { (self.key, host, port) = (key, address.host, address.port) }

        init(_ key: String, host: String, port: Int) { (self.key, self.host, self.port) = (key, host, port) }

        /// Whether the system lets only one of two have its connections: all addresses hold each one.
        func collides(with other: Listener) -> Bool {
            guard port == other.port, host.contains(":") == other.host.contains(":") else { return false }
            return host == other.host || isAny || other.isAny
        }

        private var isAny: Bool { host == "0.0.0.0" || host == "::" }
    }

    /// Looks whether two parts of the box want the same port.
    ///
    /// What nobody wrote down is left out: such a page gives way at the start, and says so.
    static func checkListeners(_ reader: inout ConfigurationReader, _ configuration: Configuration) {
        let own: [(String, ListenAddress?)] = [
            ("control.listen", configuration.control.listen),
            ("web.listen", configuration.web.isOn ? configuration.web.listen : nil),
            ("webhooks.listen", configuration.webhooks.listen),
            ("audiosocket.listen", configuration.audioSocket.listen),
        ]
        let sip = configuration.sip.listen.compactMap { listener -> Listener? in
            guard listener.transport != .udp, let port = listener.address.port else { return nil }
            return Listener("sip.listen", host: listener.address.host, port: port)
        }
        var taken: [Listener] = []
        for listener in own.compactMap({ key, address in address.map { Listener(key, $0) } }) + sip {
            guard let line = reader.line(of: listener.key) else { continue }
            if let other = taken.first(where: listener.collides(with:)) {
                reader.report(
                    "\(other.key) has the port \(listener.port) at this address already",
                    "give one of them another port",
                    key: listener.key,
                    line: line
                )
            }
            taken.append(listener)
        }
    }
}
