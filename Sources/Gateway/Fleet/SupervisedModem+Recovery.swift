internal import Logging
internal import Modem

// What is done to a modem that does not work.
extension SupervisedModem {
    /// Takes one rung of the ladder, and feeds back whether it was done.
    func performing(_ rung: SupervisionMachine.Rung, _ number: UInt64) async {
        log.warning("\(rung)")
        var isDone = false
        switch rung {
        case .radio: if let session = connection?.session { isDone = await session.cycleRadio() }
        case .familyReset:
            if let session = connection?.session, let familyReset {
                isDone = await session.restart(by: familyReset)
            }
        case .restart:
            if let session = connection?.session {
                isDone = await session.restart()
            } else if let lastTTY {
                await closing?.value
                if let connection = await tools.source.openUnheard(lastTTY, log: log) {
                    await connection.session.restartUnheard()
                    await connection.close()
                    isDone = true
                }
            }
        case .usb:
            // Every descriptor has to be closed before the stick leaves the bus.
            close()
            await closing?.value
            if let stick = place.stick { isDone = await tools.source.reconnect(stick) }
        }
        guard number == workNumber else { return }
        handle(.rungDone(isDone))
    }
}
