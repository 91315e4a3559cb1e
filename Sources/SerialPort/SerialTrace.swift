/// Sees every byte of a port in both directions, for a trace log.
///
/// The bytes are raw: PINs and phone numbers are in them. Mask them before you write them down.
package struct SerialTrace: Sendable {
    /// Which way bytes went.
    package enum Direction: Sendable, Hashable {
        /// From the device to us.
        case received
        /// From us to the device.
        case sent
    }

    private let sink: @Sendable (Direction, UnsafeBufferPointer<UInt8>, ContinuousClock.Instant) -> Void

    /// Hands bytes to `sink`, on the port's event loop, before the receiver or the device sees them.
    ///
    /// The buffer is valid only during the call.
    package init(
        _ sink: @escaping @Sendable (Direction, UnsafeBufferPointer<UInt8>, ContinuousClock.Instant) -> Void
    ) {
        self.sink = sink
    }

    func record(_ direction: Direction, _ bytes: UnsafeBufferPointer<UInt8>) {
        self.sink(direction, bytes, .now)
    }

    /// Shows bytes on one line: printable ASCII as it is, carriage return as `\r`, line feed as `\n`, all else as
    /// `\xNN`.
    package static func printable(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\r"): text += Array("\\r".utf8)
            case UInt8(ascii: "\n"): text += Array("\\n".utf8)
            case UInt8(ascii: "\\"): text += Array("\\\\".utf8)
            case 0x20...0x7E: text.append(byte)
            default: text += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
