import CLinux
import ServiceRig

/// A pseudo-terminal that only takes a number away from others.
final class SpareTerminal {
    private let master: Int32
    private let slave: Int32

    init() throws(RigFailure) {
        var ends: (Int32, Int32) = (-1, -1)
        var path = [CChar](repeating: 0, count: 64)
        guard clinux_open_pty(&ends.0, &ends.1, &path, path.count) == 0 else {
            throw RigFailure("can't open a pseudo-terminal")
        }
        (master, slave) = ends
    }

    deinit {
        _ = clinux_close(slave)
        _ = clinux_close(master)
    }
}
