/// A maker of modems, by the vendor number of its USB devices.
struct ModemVendor {
    /// Huawei, whose interfaces tell by their codes what they are.
    static let huawei: UInt16 = 0x12D1
    /// Who makes it.
    var name: String
    /// Whether a device that shows a disc is a modem in disguise; false for makers of phones, cards and chips.
    var disguisesAsStorage: Bool

    /// The makers whose devices are looked at even when neither the table of known sticks nor a driver knows them.
    ///
    /// Vendor numbers: USB-IF list as in the kernel's `drivers/usb/serial/option.c`, `sierra.c` and `qcserial.c`.
    static let all: [UInt16: ModemVendor] = [
        huawei: ModemVendor(name: "Huawei", disguisesAsStorage: true),
        0x2C7C: ModemVendor(name: "Quectel", disguisesAsStorage: true),
        0x1E0E: ModemVendor(name: "SIMCom", disguisesAsStorage: true),
        0x19D2: ModemVendor(name: "ZTE", disguisesAsStorage: true),
        0x1199: ModemVendor(name: "Sierra Wireless", disguisesAsStorage: true),
        0x1BC7: ModemVendor(name: "Telit", disguisesAsStorage: true),
        0x1546: ModemVendor(name: "u-blox", disguisesAsStorage: false),
        0x1E2D: ModemVendor(name: "Cinterion", disguisesAsStorage: false),
        0x05C6: ModemVendor(name: "Qualcomm", disguisesAsStorage: false),
        0x2CB7: ModemVendor(name: "Fibocom", disguisesAsStorage: true),
        0x0AF0: ModemVendor(name: "Option", disguisesAsStorage: true),
        0x1410: ModemVendor(name: "Novatel Wireless", disguisesAsStorage: true),
        0x0BDB: ModemVendor(name: "Ericsson", disguisesAsStorage: false),
        0x1BBB: ModemVendor(name: "Alcatel", disguisesAsStorage: false),
        0x1C9E: ModemVendor(name: "Longcheer", disguisesAsStorage: true),
        0x2DEE: ModemVendor(name: "MeiG", disguisesAsStorage: true),
        0x2949: ModemVendor(name: "Neoway", disguisesAsStorage: true),
        0x305A: ModemVendor(name: "Gosuncn", disguisesAsStorage: true),
        0x1A8D: ModemVendor(name: "BandRich", disguisesAsStorage: true),
        0x3566: ModemVendor(name: "Brovi (Huawei)", disguisesAsStorage: true),
    ]
}
