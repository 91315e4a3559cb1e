package import CallModel
package import DeviceDiscovery
package import Modem

extension SoundPlaces {
    /// Where the sound of a stick may lie; its card is found by its place on the bus, never by its name.
    package init(_ choice: ModemSound, on stick: USBModem) {
        let unknown = stick.ports.compactMap { port -> (Int, String)? in
            guard port.role == .candidate, let number = port.interface?.number else { return nil }
            return (Int(number), port.path)
        }
        self.init(
            choice: choice,
            tty: stick.voicePort?.path,
            device: stick.sound.map { "hw:\($0.number)" },
            interfaces: Dictionary(unknown) { first, _ in first }
        )
    }
}
