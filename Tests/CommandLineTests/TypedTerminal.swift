import CLinux
import Glibc

/// A terminal for a program, on which a test types what a person would.
final class TypedTerminal {
    private let master: Int32
    /// Until a program has it: what is shown ends when nobody has it any more.
    private var slave: Int32?

    init() throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        let status = clinux_open_pty(&master, &slave, &name, name.count)
        guard status == 0 else { throw Program.Failure(what: "openpty", code: -status) }
        (self.master, self.slave) = (master, slave)
        // As a person's terminal is: lines are edited, and Ctrl-C is a signal.
        var mode = termios()
        guard tcgetattr(slave, &mode) == 0 else { throw Program.Failure(what: "tcgetattr", code: errno) }
        mode.c_iflag |= tcflag_t(ICRNL)
        mode.c_oflag |= tcflag_t(OPOST)
        mode.c_lflag |= tcflag_t(ICANON | ISIG | IEXTEN)
        guard tcsetattr(slave, TCSANOW, &mode) == 0 else { throw Program.Failure(what: "tcsetattr", code: errno) }
    }

    deinit {
        _ = clinux_close(master)
        if let slave { _ = clinux_close(slave) }
    }

    /// Hands over the end for a program, once, and one for who reads what it shows.
    func ends() throws -> (read: Int32, write: Int32) {
        let read = clinux_dup(master)
        guard let slave, read >= 0 else { throw Program.Failure(what: "the terminal", code: -min(read, 0)) }
        self.slave = nil
        return (read, slave)
    }

    /// Types characters; `\u{3}` is Ctrl-C, `\u{4}` Ctrl-D.
    func type(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard write(master, bytes, bytes.count) == bytes.count else {
            throw Program.Failure(what: "write", code: errno)
        }
    }
}
