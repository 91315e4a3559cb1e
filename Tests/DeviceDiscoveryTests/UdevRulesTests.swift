import FoundationEssentials
import Testing

@testable import DeviceDiscovery

@Suite("The udev rules")
struct UdevRulesTests {
    private let rules: UdevRules

    init() throws {
        var path = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        path.removeLast(3)
        let file = path.joined(separator: "/") + "/udev-rules/70-gsmbridge.rules"
        rules = try UdevRules(try String(contentsOfFile: file, encoding: .utf8))
    }

    // MARK: Devices as udev shows them

    private static let hub = ["subsystem": "usb", "idVendor": "1d6b", "idProduct": "0002", "power/control": "auto"]

    private func attributes(_ id: USBID) -> [String: String] {
        [
            "subsystem": "usb", "idVendor": id.vendor.hexadecimal(digits: 4),
            "idProduct": id.product.hexadecimal(digits: 4), "power/control": "auto",
        ]
    }

    private func stick(_ id: USBID) -> UdevRules.Device {
        UdevRules.Device(
            subsystem: "usb",
            properties: ["DEVTYPE": "usb_device"],
            attributes: [attributes(id), Self.hub]
        )
    }

    private func child(_ subsystem: String, of id: USBID, interface: UInt8) -> UdevRules.Device {
        let number = interface.hexadecimal(digits: 2)
        return UdevRules.Device(
            subsystem: subsystem,
            attributes: [
                ["subsystem": subsystem], ["subsystem": "usb", "bInterfaceNumber": number], attributes(id), Self.hub,
            ]
        )
    }

    private static let taken = KnownStick.all.filter { $0.form == .modem }
    private static let others = KnownStick.all.filter { $0.form != .modem }

    // MARK: Tests

    @Test("keep ModemManager off every stick of the table, and the stick awake", arguments: ["add", "change", "bind"])
    func sticks(action: String) throws {
        for known in Self.taken {
            let (properties, assigned) = try rules.run(action: action, on: stick(known.id))
            #expect(properties["ID_MM_DEVICE_IGNORE"] == "1", "\(known.id)")
            #expect(properties["GSMBRIDGE_STICK"] == "1", "\(known.id)")
            #expect(assigned == ["ATTR{power/control}": "on"], "\(known.id)")
        }
    }

    @Test("give every port the role that the table has for it, and no other")
    func ports() throws {
        for known in Self.taken {
            for interface in 0..<UInt8(14) {
                let tty = child("tty", of: known.id, interface: interface)
                let (properties, assigned) = try rules.run(action: "add", on: tty)
                #expect(
                    properties["GSMBRIDGE_PORT"] == known.roles[interface]?.rawValue,
                    "\(known.id), interface \(interface)"
                )
                #expect(assigned == ["GROUP": "dialout", "MODE": "0660"])
            }
        }
    }

    @Test("only name roles that the program knows")
    func roles() throws {
        for role in PortRole.allCases { #expect(PortRole(rawValue: role.rawValue) == role) }
        for known in Self.taken {
            for interface in known.roles.keys {
                let (properties, _) = try rules.run(
                    action: "add",
                    on: child("tty", of: known.id, interface: interface)
                )
                #expect(PortRole(rawValue: try #require(properties["GSMBRIDGE_PORT"])) != nil)
            }
        }
    }

    @Test("keep sound servers off a modem's sound card")
    func sound() throws {
        let id = USBID(vendor: 0x2C7C, product: 0x0125)
        let (properties, assigned) = try rules.run(action: "add", on: child("sound", of: id, interface: 5))
        #expect(properties["PULSE_IGNORE"] == "1")
        #expect(properties["ACP_IGNORE"] == "1")
        #expect(assigned == [:])
    }

    @Test("leave data cards, discs, routers, receivers and everything else alone")
    func strangers() throws {
        let ids =
            Self.others.map(\.id) + [USBID(vendor: 0x046D, product: 0xC52B), USBID(vendor: 0x2341, product: 0x0043)]
        for id in ids {
            for device in [stick(id), child("tty", of: id, interface: 2), child("sound", of: id, interface: 2)] {
                let (properties, assigned) = try rules.run(action: "add", on: device)
                #expect(properties == device.properties, "\(id)")
                #expect(assigned == [:], "\(id)")
            }
        }
    }

    @Test("touch nothing of a stick but itself, its ttys and its sound card")
    func otherParts() throws {
        let id = USBID(vendor: 0x12D1, product: 0x1436)
        var interface = stick(id)
        interface.properties["DEVTYPE"] = "usb_interface"
        for device in [interface, child("net", of: id, interface: 1), child("block", of: id, interface: 5)] {
            let (properties, assigned) = try rules.run(action: "add", on: device)
            #expect(properties == device.properties)
            #expect(assigned == [:])
        }
    }

    @Test("do nothing when a stick goes")
    func removal() throws {
        let device = stick(USBID(vendor: 0x12D1, product: 0x1436))
        #expect(try rules.run(action: "remove", on: device).properties == device.properties)
    }

    @Test("give way to what the user's own rules say")
    func ownRules() throws {
        let id = USBID(vendor: 0x2C7C, product: 0x0125)
        var left = stick(id)
        left.properties["GSMBRIDGE_IGNORE"] = "1"
        #expect(try rules.run(action: "add", on: left).properties == left.properties)
        var named = child("tty", of: id, interface: 2)
        named.properties["GSMBRIDGE_PORT"] = "ignore"
        #expect(try rules.run(action: "add", on: named).properties["GSMBRIDGE_PORT"] == "ignore")
        var added = stick(USBID(vendor: 0xABCD, product: 0x0123))
        added.properties["GSMBRIDGE_STICK"] = "1"
        #expect(try rules.run(action: "add", on: added).properties["ID_MM_DEVICE_IGNORE"] == "1")
    }

    @Test(
        "are refused by these tests when they hold what is never meant",
        arguments: [
            "SUBSYSTEMS!=\"usb\", GOTO=\"end\"\nLABEL=\"end\"", "ATTRS{idVendor}!=\"12d1\", ENV{A}=\"1\"",
            "ENV{A}=\"1\" ENV{B}=\"2\"", "ACTION==\"add\", GOTO=\"nowhere\"", "ACTION=\"add\"",
        ]
    )
    func traps(text: String) {
        #expect(throws: UdevRules.Failure.self) {
            _ = try UdevRules(text).run(action: "add", on: stick(USBID(vendor: 0x12D1, product: 0x1436)))
        }
    }
}
