internal import CUdev
internal import Glibc

/// One libudev context: reads device nodes out of sysfs and the udev database.
///
/// libudev objects belong to one thread at a time; a context stays with the one that made it.
final class UdevContext {
    let udev: OpaquePointer

    init() throws(DiscoveryError) {
        guard let udev = udev_new() else { throw .failed(operation: "udev_new", errno: errno) }
        self.udev = udev
    }

    deinit { udev_unref(udev) }

    /// Whether a udev daemon runs: without one, a monitor of udev's own events is silent for ever.
    static var daemonRuns: Bool { access("/run/udev/control", F_OK) == 0 }

    // MARK: Listing

    /// Which nodes are of interest: the subsystem, and a pattern for the name.
    static let interests: [(subsystem: String, name: String?)] = [
        ("usb", nil), ("tty", "ttyUSB*"), ("tty", "ttyACM*"), ("sound", "card*"), ("wwan", "wwan*at*"),
    ]

    /// Every node of interest that is there now, USB devices first.
    ///
    /// - Parameter isSettled: whether to leave out what the udev daemon has not dealt with yet, whose permissions and
    ///   properties are still to come, with an event.
    func nodes(isSettled: Bool = false) throws(DiscoveryError) -> [DeviceNode] {
        var nodes: [DeviceNode] = []
        for (subsystem, name) in Self.interests {
            guard let list = udev_enumerate_new(udev) else {
                throw .failed(operation: "udev_enumerate_new", errno: errno)
            }
            defer { udev_enumerate_unref(list) }
            udev_enumerate_add_match_subsystem(list, subsystem)
            if let name { udev_enumerate_add_match_sysname(list, name) }
            if isSettled { udev_enumerate_add_match_is_initialized(list) }
            let status = udev_enumerate_scan_devices(list)
            // A kernel without the subsystem is not an error: there is nothing of it then.
            guard status >= 0 || status == -ENOENT else {
                throw .failed(operation: "udev_enumerate_scan_devices", errno: -status)
            }
            var entry = udev_enumerate_get_list_entry(list)
            while let current = entry {
                if let path = udev_list_entry_get_name(current),
                    // Nil when the device went away since it was listed.
                    let device = udev_device_new_from_syspath(udev, path)
                {
                    if let node = Self.node(device) { nodes.append(node) }
                    udev_device_unref(device)
                }
                entry = udev_list_entry_get_next(current)
            }
        }
        return nodes
    }

    // MARK: Nodes

    /// Describes a device; nil for one that has no part in finding modems, or whose parents are gone already.
    static func node(_ device: OpaquePointer) -> DeviceNode? {
        guard let sysPath = string(udev_device_get_syspath(device)),
            let content = content(of: device),
            let parent = owner(of: device),
            let description = describe(parent)
        else { return nil }
        return DeviceNode(sysPath: sysPath, content: content, device: description, properties: properties(of: device))
    }

    private static func content(of device: OpaquePointer) -> DeviceNode.Content? {
        let name = string(udev_device_get_sysname(device)) ?? ""
        switch string(udev_device_get_subsystem(device)) {
        case "usb":
            switch string(udev_device_get_devtype(device)) {
            case "usb_device": return .device
            case "usb_interface": return interface(device).map { .interface($0) }
            default: return nil
            }
        case "tty":
            guard name.hasPrefix("ttyUSB") || name.hasPrefix("ttyACM"),
                let path = string(udev_device_get_devnode(device)),
                let parent = udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_interface")
            else { return nil }
            return .terminal(path: path, interface(parent))
        case "wwan":
            guard isCommandPort(name), let path = string(udev_device_get_devnode(device)) else { return nil }
            let parent = udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_interface")
            return .terminal(path: path, parent.flatMap { interface($0) })
        case "sound":
            guard name.hasPrefix("card"), let number = Int(name.dropFirst(4)) else { return nil }
            return .sound(SoundCard(number: number, name: attribute("id", of: device)))
        default:
            return nil
        }
    }

    /// Whether a WWAN port takes commands, by the kernel's naming: `wwan0at0`, as against `wwan0qmi0` or `wwan0mbim0`.
    private static func isCommandPort(_ name: String) -> Bool {
        name.drop { !$0.isNumber }.drop { $0.isNumber }.hasPrefix("at")
    }

    /// The USB device that a node is part of, or the PCI device of a WWAN port.
    private static func owner(of device: OpaquePointer) -> OpaquePointer? {
        if string(udev_device_get_devtype(device)) == "usb_device" { return device }
        if let parent = udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device") { return parent }
        guard string(udev_device_get_subsystem(device)) == "wwan" else { return nil }
        return udev_device_get_parent_with_subsystem_devtype(device, "pci", nil)
    }

    private static func describe(_ device: OpaquePointer) -> DeviceNode.Device? {
        guard let sysPath = string(udev_device_get_syspath(device)) else { return nil }
        let isUSB = string(udev_device_get_subsystem(device)) == "usb"
        guard let vendor = number(isUSB ? "idVendor" : "vendor", of: device),
            let product = number(isUSB ? "idProduct" : "device", of: device),
            let vendor = UInt16(exactly: vendor), let product = UInt16(exactly: product)
        else { return nil }
        return DeviceNode.Device(
            sysPath: sysPath,
            id: USBID(vendor: vendor, product: product),
            number: attribute("devnum", of: device).flatMap { Int($0) },
            manufacturer: attribute("manufacturer", of: device),
            product: attribute("product", of: device),
            serial: attribute("serial", of: device),
            interfaceCount: attribute("bNumInterfaces", of: device).flatMap { Int($0) },
            properties: properties(of: device)
        )
    }

    private static func interface(_ device: OpaquePointer) -> USBInterface? {
        guard let number = byte("bInterfaceNumber", of: device), let kind = byte("bInterfaceClass", of: device) else {
            return nil
        }
        return USBInterface(
            number: number,
            codes: USBInterface.Codes(
                kind,
                byte("bInterfaceSubClass", of: device) ?? 0,
                byte("bInterfaceProtocol", of: device) ?? 0
            ),
            endpoints: byte("bNumEndpoints", of: device).map { Int($0) },
            driver: string(udev_device_get_driver(device))
        )
    }

    // MARK: Values

    /// The properties that concern us of the device at a sysfs path; none when it is gone.
    func properties(at sysPath: String) -> [String: String] {
        guard let device = udev_device_new_from_syspath(udev, sysPath) else { return [:] }
        defer { udev_device_unref(device) }
        return Self.properties(of: device)
    }

    /// The properties that concern us: our own, and ModemManager's.
    private static func properties(of device: OpaquePointer) -> [String: String] {
        var properties: [String: String] = [:]
        var entry = udev_device_get_properties_list_entry(device)
        while let current = entry {
            if let name = string(udev_list_entry_get_name(current)),
                name.hasPrefix("GSMBRIDGE_") || name.hasPrefix("ID_MM_")
            {
                properties[name] = string(udev_list_entry_get_value(current)) ?? ""
            }
            entry = udev_list_entry_get_next(current)
        }
        return properties
    }

    private static func byte(_ name: String, of device: OpaquePointer) -> UInt8? {
        number(name, of: device).flatMap { UInt8(exactly: $0) }
    }

    /// A number that sysfs shows in hexadecimal, with `0x` on PCI.
    private static func number(_ name: String, of device: OpaquePointer) -> Int? {
        attribute(name, of: device).flatMap { Int($0.hasPrefix("0x") ? $0.dropFirst(2) : $0[...], radix: 16) }
    }

    /// A sysfs attribute without the control characters that a device may have put into it, and without blanks around.
    private static func attribute(_ name: String, of device: OpaquePointer) -> String? {
        guard let text = string(udev_device_get_sysattr_value(device, name)) else { return nil }
        let clean = text.unicodeScalars.filter { $0.properties.generalCategory != .control }
        let inner = String(String.UnicodeScalarView(clean)).drop { $0 == " " }.reversed().drop { $0 == " " }
        return inner.isEmpty ? nil : String(inner.reversed())
    }

    private static func string(_ text: UnsafePointer<CChar>?) -> String? { text.map { String(cString: $0) } }
}
