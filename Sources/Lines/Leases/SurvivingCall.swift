/// A call that a modem still had when it was set up, and that goes on.
package protocol SurvivingCall: AnyObject, Sendable {
    /// Goes on, on the modem that is lent to it.
    func begin(on lease: ModemLease)
    /// Lets go: the modem was lost before that.
    func drop()
    /// Ends the call, because the modem is needed for help. It must hold only what lives as long as the call does.
    var makeWay: @Sendable () -> Void { get }
}
