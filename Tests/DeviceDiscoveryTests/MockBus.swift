import CUmockdev
import Glibc

@testable import DeviceDiscovery

/// A pretended /sys and /dev, in which sticks can be plugged in and out.
///
/// There is one to a process at a time: whoever has one must be in a serialized suite. Works only under
/// `umockdev-wrapper`.
final class MockBus {
    /// What is missing for these tests, for people who wonder why they were skipped; nil when nothing is.
    static var missing: String? {
        guard let preloaded = getenv("LD_PRELOAD"), String(cString: preloaded).contains("umockdev") else {
            return "not run under umockdev-wrapper (package umockdev)"
        }
        return nil
    }

    struct Failure: Error {
        let message: String
    }

    /// Called after each announcement.
    ///
    /// umockdev aborts the process when ten announcements wait to be read, so a listener has to keep up.
    var announced: () -> Void = {}

    private let testbed: OpaquePointer
    /// The sysfs paths of what is plugged in, parents first, by the socket's path.
    private var plugged: [String: [String]] = [:]

    init() throws {
        guard let testbed = umockdev_testbed_new() else { throw Failure(message: "no testbed") }
        self.testbed = OpaquePointer(testbed)
    }

    deinit { g_object_unref(UnsafeMutableRawPointer(testbed)) }

    /// Plugs a stick in; every part is announced as it appears.
    func plug(_ stick: SampleStick, into socket: Socket, properties: [UInt8: [String: String]] = [:]) throws {
        for part in stick.parts(in: socket, properties: properties) {
            try add(part)
            plugged[socket.path, default: []].append("/sys\(part.path)")
        }
    }

    /// Adds one device, for good.
    func add(_ part: MockPart) throws {
        var error: UnsafeMutablePointer<GError>?
        guard umockdev_testbed_add_from_string(pointer, part.description, &error) != 0 else {
            let message = error.map { String(cString: $0.pointee.message) } ?? "unknown"
            if let error { g_error_free(error) }
            throw Failure(message: "\(part.path): \(message)")
        }
        announced()
    }

    /// Pulls out what is in a socket: announced and removed leaf by leaf, as the kernel does it.
    func unplug(_ socket: Socket) {
        for sysPath in (plugged.removeValue(forKey: socket.path) ?? []).reversed() {
            umockdev_testbed_uevent(pointer, sysPath, "remove")
            announced()
            umockdev_testbed_remove_device(pointer, sysPath)
        }
    }

    /// Announces once more what is there, as `udevadm trigger` does.
    func announceAgain(_ socket: Socket) {
        for sysPath in plugged[socket.path] ?? [] {
            umockdev_testbed_uevent(pointer, sysPath, "change")
            announced()
        }
    }

    private var pointer: UnsafeMutablePointer<UMockdevTestbed> { UnsafeMutablePointer(testbed) }
}

// MARK: As umockdev describes devices

/// One device in umockdev's notation.
struct MockPart {
    /// The path below /sys.
    let path: String
    let description: String

    init(_ path: String, _ lines: [String]) {
        self.path = path
        description = (["P: \(path)"] + lines).joined(separator: "\n") + "\n"
    }
}

extension SampleStick {
    /// The device, its interfaces, ttys and sound card, parents first.
    func parts(in socket: Socket, properties: [UInt8: [String: String]]) -> [MockPart] {
        var parts = [devicePart(in: socket)]
        var terminal = socket.firstTerminal
        for interface in interfaces {
            let path = "\(socket.devicePath)/\(socket.path):1.\(interface.number)"
            parts.append(interface.part(at: path))
            guard interface.description.makesTerminal else { continue }
            let name = "\(self.terminal)\(terminal)"
            // A tty of usb-serial has a node of that bus in between.
            if self.terminal == "ttyUSB" { parts.append(MockPart("\(path)/\(name)", ["E: SUBSYSTEM=usb-serial"])) }
            let parent = self.terminal == "ttyUSB" ? "\(path)/\(name)" : path
            let rules = (properties[interface.number] ?? [:]).map { "E: \($0.key)=\($0.value)" }.sorted()
            let major = self.terminal == "ttyUSB" ? 188 : 166
            parts.append(
                MockPart(
                    "\(parent)/tty/\(name)",
                    ["N: \(name)", "E: DEVNAME=/dev/\(name)", "E: SUBSYSTEM=tty", "A: dev=\(major):\(terminal)\\n"]
                        + rules
                )
            )
            terminal += 1
        }
        if let sound {
            parts.append(
                MockPart(
                    "\(socket.devicePath)/\(socket.path):1.5/sound/card\(socket.card)",
                    ["E: SUBSYSTEM=sound", "A: id=\(sound)\\n", "A: number=\(socket.card)\\n"]
                )
            )
        }
        return parts
    }

    private func devicePart(in socket: Socket) -> MockPart {
        var lines = [
            "E: SUBSYSTEM=usb",
            "E: DEVTYPE=usb_device",
            "A: idVendor=\(id.vendor.hexadecimal(digits: 4))\\n",
            "A: idProduct=\(id.product.hexadecimal(digits: 4))\\n",
            "A: manufacturer=\(manufacturer)\\n",
            "A: product=\(product)\\n",
            "A: devnum=\(socket.number)\\n",
            "A: bNumInterfaces= \(interfaces.count)\\n",
        ]
        if let serial { lines.append("A: serial=\(serial)\\n") }
        return MockPart(socket.devicePath, lines)
    }
}

extension SampleStick.Interface {
    func part(at path: String) -> MockPart {
        var lines = [
            "E: SUBSYSTEM=usb",
            "E: DEVTYPE=usb_interface",
            "A: bInterfaceNumber=\(number.hexadecimal(digits: 2))\\n",
            "A: bInterfaceClass=\(codes.kind.hexadecimal(digits: 2))\\n",
            "A: bInterfaceSubClass=\(codes.subclass.hexadecimal(digits: 2))\\n",
            "A: bInterfaceProtocol=\(codes.protocol.hexadecimal(digits: 2))\\n",
            "A: bNumEndpoints=\(UInt8(endpoints).hexadecimal(digits: 2))\\n",
        ]
        if let driver { lines.append("L: driver=../../../../../../../bus/usb/drivers/\(driver)") }
        return MockPart(path, lines)
    }
}
