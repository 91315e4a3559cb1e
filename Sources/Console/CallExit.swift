/// The exit statuses that a command gives without a call.
package enum CallExit {
    package static let internalFailure: Int32 = 1
    package static let noModem: Int32 = 20
    package static let modemFailed: Int32 = 21
    package static let sim: Int32 = 23
}
