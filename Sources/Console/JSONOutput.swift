internal import GatewayAPI

/// Prints values as JSON, one object a line.
package enum JSONOutput {
    package static func line(_ value: some Encodable) {
        do {
            Terminal.standardOutput(try WireFormat.encode(value))
        } catch {
            Terminal.standardError("gsmbridge: the result could not be written: \(error)")
        }
    }
}
