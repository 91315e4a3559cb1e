/// Everything that is present of one USB device, and what it amounts to.
struct StickParts: Sendable, Equatable {
    var device: DeviceNode.Device
    /// By sysfs path.
    var nodes: [String: DeviceNode] = [:]

    init(_ device: DeviceNode.Device) { self.device = device }

    var interfaces: [USBInterface] {
        nodes.values
            .compactMap { node in
                guard case .interface(let interface) = node.content else { return nil }
                return interface
            }
            .sorted { $0.number < $1.number }
    }

    var sound: SoundCard? {
        nodes.values
            .compactMap { node in
                guard case .sound(let card) = node.content else { return nil }
                return card
            }
            .min { $0.number < $1.number }
    }

    /// The ttys with their roles, by interface number.
    ///
    /// Where the table of known sticks has another purpose for every one of them, the stick is in a mode that the table
    /// does not know: one that answers is better than none, so they are asked.
    func ports(known: KnownStick?) -> [USBPort] {
        let ports = namedPorts(known: known)
        guard ports.allSatisfy({ $0.rank == nil }) else { return ports }
        return ports.map { port in
            guard port.roleSource == .table, port.role == .diag || port.role == .gps else { return port }
            var port = port
            port.role = .candidate
            port.roleSource = .unknown
            port.rank = RoleDecision.lastResort + Int(port.interface?.number ?? 0)
            return port
        }
    }

    private func namedPorts(known: KnownStick?) -> [USBPort] {
        nodes.values
            .compactMap { node in
                guard case .terminal(let path, let interface) = node.content else { return nil }
                let decision = RoleDecision(
                    interface: interface,
                    properties: node.properties,
                    id: device.id,
                    known: known
                )
                return USBPort(
                    path: path,
                    interface: interface,
                    role: decision.role,
                    roleSource: decision.source,
                    rank: decision.rank
                )
            }
            .sorted { ($0.interface?.number ?? 0, $0.path) < ($1.interface?.number ?? 0, $1.path) }
    }
}

// MARK: What it is

extension StickParts {
    /// The modem that the parts are, or will be after some remedy; nil for everything that has nothing to do with
    /// modems.
    var modem: USBModem? {
        let known = KnownStick.known(as: device.id)
        if case .other = known?.form { return nil }
        let ports = self.ports(known: known)
        guard let condition = condition(known: known, ports: ports) else { return nil }
        return USBModem(
            path: device.path,
            sysPath: device.sysPath,
            id: device.id,
            name: known?.name,
            manufacturer: device.manufacturer,
            product: device.product,
            serial: device.serial,
            ports: ports,
            sound: sound,
            condition: condition
        )
    }

    private func condition(known: KnownStick?, ports: [USBPort]) -> Condition? {
        let vendor = ModemVendor.all[device.id.vendor]
        let interfaces = self.interfaces
        let seen = interfaces + ports.compactMap(\.interface)
        let promised =
            device.properties["GSMBRIDGE_STICK"] == "1"
            || nodes.values.contains { RoleDecision.promisesCommands($0.properties) }
        let hasModemDriver = seen.contains { $0.driver.map(USBInterface.modemDrivers.contains) ?? false }
        let isPCIe = ports.contains { $0.interface == nil }

        guard known != nil || vendor != nil || promised || hasModemDriver || isPCIe else {
            return ports.isEmpty ? nil : .serialAdapter
        }
        if device.properties["GSMBRIDGE_IGNORE"] == "1" { return .excluded }
        if ports.contains(where: { $0.rank != nil }) {
            if case .dataOnly(let reason) = known?.form { return .dataOnly(reason) }
            return .usable
        }
        if !ports.isEmpty { return .noCommandPort }
        guard !interfaces.isEmpty else { return nil }
        if interfaces.allSatisfy(\.isStorage) {
            return known?.form == .storage || vendor?.disguisesAsStorage == true ? .storage : nil
        }
        if interfaces.contains(where: { expectsDriver($0, known: known) }) { return .driverMissing }
        if interfaces.contains(where: \.isNetwork) { return .networkOnly }
        return nil
    }

    /// Whether an interface ought to be a tty and has no driver.
    private func expectsDriver(_ interface: USBInterface, known: KnownStick?) -> Bool {
        guard interface.driver == nil, !interface.isNetwork, !interface.isDebugBridge else { return false }
        if let role = known?.roles[interface.number] { return role != .ignore }
        // The commands of a CDC ACM device; what is vendor specific may be anything, but on a modem it is serial.
        return interface.codes.kind == 0xFF || (interface.codes.kind == 0x02 && interface.codes.subclass == 0x02)
    }

    // MARK: Whether all of it is there

    /// Whether all is here that the table, the descriptor and the drivers promise, so that there is nothing to wait
    /// for.
    var isComplete: Bool {
        guard let known = KnownStick.known(as: device.id), !known.essentialInterfaces.isEmpty else { return false }
        let ports = self.ports(known: known)
        let served = Set(ports.compactMap { $0.interface?.number })
        guard known.essentialInterfaces.allSatisfy(served.contains) else { return false }
        let interfaces = self.interfaces
        if let count = device.interfaceCount, interfaces.count < count { return false }
        if interfaces.contains(where: \.isAudio), sound == nil { return false }
        return interfaces.allSatisfy { !$0.makesTerminal || served.contains($0.number) }
    }
}
