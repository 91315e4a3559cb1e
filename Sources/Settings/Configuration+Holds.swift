package import DialPlan

extension Configuration {
    /// The PBX whose callers this box holds at an account; nil where it takes them as every other call.
    package func holder(at account: String) -> PBX? {
        guard let name = sip.accounts.first(where: { $0.name == account })?.pbx else { return nil }
        return pbx.first { $0.name == name && $0.reverse?.hold == .agent }
    }

    /// The numbers of this box's own SIMs, as far as they are set.
    package var ownNumbers: [PhoneNumber] { modems.compactMap(\.number) + pbx.compactMap(\.ownNumber) }

    /// Looks whether callers whom this box is to hold can come to it, and be fetched.
    static func checkHolds(_ reader: inout ConfigurationReader, _ configuration: Configuration) {
        for pbx in configuration.pbx where pbx.reverse?.hold == .agent {
            let key = "pbx.\(pbx.name).reverse.hold"
            let line = reader.line(of: key)
            if !configuration.sip.accounts.contains(where: { $0.pbx == pbx.name }) {
                reader.report(
                    "no account is this PBX's, so that no caller comes to this box",
                    "write 'pbx: \(pbx.name)' at the account of sip.accounts that the PBX sends them to",
                    key: key,
                    line: line
                )
            }
            if pbx.callthrough == nil {
                reader.report(
                    "there is no number to call that leads to the account",
                    "add 'callthrough: { access_number: \"+49...\" }' to pbx.\(pbx.name)",
                    key: key,
                    line: line
                )
            }
        }
    }
}
