/// How a serial port is set up: always raw, eight data bits, no parity, one stop bit, no hang-up on close.
package struct SerialSettings: Sendable, Hashable {
    /// Speed in bits per second; one of those that termios knows, 300 to 4 000 000.
    ///
    /// USB sticks ignore it.
    package var baud: UInt32
    /// Whether RTS and CTS pace the line; off by default, because most sticks leave CTS unwired.
    package var hardwareFlowControl: Bool
    /// How long opening may take before the attempt is given up: some kernel drivers never come back from `open`.
    package var openTimeLimit: Duration
    /// How long closing may wait for the kernel driver before the descriptor is left to a thread of its own.
    package var closeTimeLimit: Duration
    /// How many unsent bytes may pile up before the port counts as stuck and is hung up; a command line has fifty, and each
    /// write of its own takes some hundred bytes of memory while it waits.
    package var unsentLimit: Int

    /// Settings that suit a USB stick.
    package init(
        baud: UInt32 = 115_200,
        hardwareFlowControl: Bool = false,
        openTimeLimit: Duration = .seconds(5),
        closeTimeLimit: Duration = .milliseconds(500),
        unsentLimit: Int = 64 * 1024
    ) {
        self.baud = baud
        self.hardwareFlowControl = hardwareFlowControl
        self.openTimeLimit = openTimeLimit
        self.closeTimeLimit = closeTimeLimit
        self.unsentLimit = unsentLimit
    }
}
