package import DialPlan
package import Settings

extension Configuration.PBX {
    /// The way into this PBX by tones, for ``Route``; nil when it has no callthrough.
    ///
    /// - Parameter pin: the secret for `{pin}`, from ``Configuration/Callthrough/readPIN(in:)``.
    package func access(pin: Secret?) -> Route.Access? {
        guard let callthrough else { return nil }
        return Route.Access(
            pbx: name,
            number: callthrough.accessNumber,
            script: callthrough.script,
            pin: pin?.reveal(),
            format: callthrough.numberFormat,
            settle: callthrough.settle,
            tone: callthrough.tone,
            gap: callthrough.gap
        )
    }
}
