internal import Modem

// How it is lent.
extension SupervisedModem {
    /// Lends the modem, or hands one that is lent on; nothing is done to it from here on.
    ///
    /// One that is being set up finishes that beside a talk.
    ///
    /// - Returns: its session, when one is open.
    func lend(for leaseClass: LeaseClass) -> ModemConnection? {
        guard let connection else { return nil }
        if case .leased = machine.state { return connection }
        if leaseClass == .maintenance, machine.state == .bringingUp { return connection }
        let isPreparing = machine.state == .bringingUp
        let under = work
        handle(.leased)
        guard case .leased = machine.state else { return nil }
        if isPreparing {
            preparation = Task(executorPreference: tools.loop.taskExecutor) {
                await connection.session.interruptPreparation()
                await under?.value
                await connection.session.allowPreparation()
            }
        }
        return connection
    }

    /// Waits until a preparation that was broken off has let go of the modem.
    func letGo() async {
        await preparation?.value
        preparation = nil
    }
}
