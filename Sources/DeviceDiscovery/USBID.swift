/// The vendor and product number of a USB device, written `12d1:1436`.
package struct USBID: Sendable, Hashable {
    /// The vendor's number, assigned by the USB-IF.
    package var vendor: UInt16
    /// The product's number, assigned by the vendor; a stick that switches its mode changes it.
    package var product: UInt16

    /// Creates an identification from its two numbers.
    package init(vendor: UInt16, product: UInt16) {
        self.vendor = vendor
        self.product = product
    }

    /// Reads `12d1:1436`; nil for anything but two groups of four hexadecimal digits.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let vendor = Self.number(parts[0]), let product = Self.number(parts[1]) else {
            return nil
        }
        self.init(vendor: vendor, product: product)
    }

    private static func number(_ digits: Substring.UTF8View.SubSequence) -> UInt16? {
        digits.count == 4 && digits.first != UInt8(ascii: "+") ? UInt16(Substring(digits), radix: 16) : nil
    }
}

extension USBID: CustomStringConvertible {
    /// The number as `lsusb` writes it.
    package var description: String { "\(vendor.hexadecimal(digits: 4)):\(product.hexadecimal(digits: 4))" }
}

extension FixedWidthInteger {
    /// The number in lower-case hexadecimal with leading zeros.
    func hexadecimal(digits: Int) -> String {
        let text = String(self, radix: 16)
        return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
    }
}
