/// One device of the kernel's tree, as far as finding modems needs it.
///
/// Every node carries the description of the USB device that it is part of, so that no order of events is assumed.
package struct DeviceNode: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        /// The USB device itself.
        case device
        /// One of its interfaces.
        case interface(USBInterface)
        /// A tty of it: `/dev/ttyUSB2`, `/dev/ttyACM0`, `/dev/wwan0at0`.
        case terminal(path: String, USBInterface?)
        case sound(SoundCard)
    }

    /// The device that all of its nodes share.
    package struct Device: Sendable, Hashable {
        /// The sysfs path of the USB (or PCI) device.
        package var sysPath: String
        /// Vendor and product number.
        package var id: USBID
        /// The number on its bus, which a device that went away and came back never keeps; nil where unknown.
        package var number: Int?
        /// The manufacturer's name from the descriptor.
        package var manufacturer: String?
        /// The product's name from the descriptor.
        package var product: String?
        /// The serial number from the descriptor; many sticks of one make share the same one.
        package var serial: String?
        /// How many interfaces the active configuration has; nil where unknown.
        package var interfaceCount: Int?
        /// The udev properties that concern us.
        package var properties: [String: String]

        package init(
            sysPath: String,
            id: USBID,
            number: Int? = nil,
            manufacturer: String? = nil,
            product: String? = nil,
            serial: String? = nil,
            interfaceCount: Int? = nil,
            properties: [String: String] = [:]
        ) {
            self.sysPath = sysPath
            self.id = id
            self.number = number
            self.manufacturer = manufacturer
            self.product = product
            self.serial = serial
            self.interfaceCount = interfaceCount
            self.properties = properties
        }

        /// The place in the topology: the last part of the sysfs path, `1-1.4`.
        package var path: String {
            sysPath.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(sysPath[sysPath.index(after: $0)...]) }
                ?? sysPath
        }
    }

    /// The sysfs path, which is the node's identity.
    package var sysPath: String
    package var content: Content
    /// The USB device it belongs to.
    package var device: Device
    /// Its udev properties, as far as they concern us.
    package var properties: [String: String]

    package init(sysPath: String, content: Content, device: Device, properties: [String: String] = [:]) {
        self.sysPath = sysPath
        self.content = content
        self.device = device
        self.properties = properties
    }
}

/// The sound card that a modem with USB audio brings along.
package struct SoundCard: Sendable, Hashable {
    /// The card's number in ALSA; changes with every replug.
    package var number: Int
    /// The card's identification in ALSA, `Android` or `Android_1`.
    package var name: String?
}
