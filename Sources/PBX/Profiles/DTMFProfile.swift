extension PBXProfile {
    /// Any PBX by tones alone: it has no HTTP interface that this program uses.
    ///
    /// The scripts for well-known ones are ``DTMFPreset``.
    package static let dtmf = PBXProfile(
        name: "dtmf",
        interface: .none,
        capabilities: { account in PBXCapabilities(reverse: account.ringsUs ? .ringOnly : .none) },
        begin: { action, _ throws(PBXError) in
            throw .unsupported(action, "the profile dtmf has no HTTP interface; choose the profile of the PBX")
        }
    )
}

/// A ready-made script of tones for a PBX whose callthrough is known.
package struct DTMFPreset: Sendable, Equatable {
    /// Its name in the configuration.
    package let name: String
    /// The script, in the language of `callthrough.script`.
    package let script: String
    /// The pause between the answer and the first tone.
    package let settle: Duration
    /// How many digits the PIN must have; nil when the PBX leaves it open.
    package let pinDigits: Int?

    /// Every preset.
    ///
    /// Asterisk: passcode and `#`, a second dial tone, the number and `#` (`apps/app_disa.c`; docs.asterisk.org). FreePBX:
    /// the same with a module of its own. FRITZ!Box: four digits, a tone, the number (AVM's help; whether `#` ends it is not
    /// confirmed, so the pause after the last digit ends it). Auerswald: six digits and `*`, then the number and `#`
    /// (manuals of COMpact and COMmander).
    package static let all: [DTMFPreset] = [
        DTMFPreset(name: "asterisk_disa", script: "{pin}#,{target}#", settle: .milliseconds(1500), pinDigits: nil),
        DTMFPreset(name: "asterisk_disa_open", script: "{target}#", settle: .milliseconds(1500), pinDigits: nil),
        DTMFPreset(name: "freepbx_disa", script: "{pin}#,{target}#", settle: .seconds(2), pinDigits: nil),
        DTMFPreset(name: "fritzbox", script: "{pin},{target}", settle: .seconds(2), pinDigits: 4),
        DTMFPreset(name: "auerswald", script: "{pin}*,{target}#", settle: .seconds(2), pinDigits: 6),
    ]

    package static func named(_ name: String) -> DTMFPreset? { all.first { $0.name == name } }
}
