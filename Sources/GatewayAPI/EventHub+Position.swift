extension EventHub {
    /// A place in the sequence of events: behind one of them.
    ///
    /// Written `RUN-ID`, eight hexadecimal digits and a number; or the number alone, which then is taken for one of this
    /// run of the service.
    package struct Position: Sendable, Hashable, LosslessStringConvertible {
        /// The run of the service that numbered it; nil when that is not known.
        package var run: UInt32?
        /// The event's number; 0 is before the first.
        package var id: UInt64

        /// Creates a position behind an event.
        package init(run: UInt32? = nil, id: UInt64) {
            self.run = run
            self.id = id
        }

        /// Reads a position; nil when the text is none.
        package init?(_ description: String) {
            let parts = description.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            guard let last = parts.last, last.allSatisfy(Self.isDigit), let id = UInt64(String(last) ?? "") else {
                return nil
            }
            switch parts.count {
            case 1: run = nil
            case 2:
                guard parts[0].count == 8, parts[0].allSatisfy(Self.isHexadecimal) else { return nil }
                run = UInt32(String(parts[0]) ?? "", radix: 16)
            default: return nil
            }
            self.id = id
        }

        /// The position as the event stream writes it.
        package var description: String {
            guard let run else { return "\(id)" }
            let digits = String(run, radix: 16)
            return String(repeating: "0", count: 8 - digits.utf8.count) + digits + "-\(id)"
        }

        private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

        private static func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte) }
    }

    package func position(behind id: UInt64) -> Position { Position(run: run, id: id) }
}
