/// What `ATH` and a dropped DTR line do to a voice call: the answer to `AT+CVHU?` (27.007 §6.20).
package enum HangUpControl: Int, Sendable, Hashable {
    /// `ATH` ends the call, DTR does not matter.
    case hangsUpIgnoringDTR = 0
    /// Neither ends the call, although `ATH` is answered with `OK`.
    case ignoresBoth = 1
    /// `ATH` ends the call, DTR does what `AT&D` says.
    case hangsUpFollowingDTR = 2

    /// Reads one `+CVHU: <n>` line; nil for other lines and for the range with which ZTE answers everything.
    package init?(cvhu line: ATLine) {
        guard let value = line.withBytes({ $0.body(of: "+CVHU").flatMap { Fields($0)[0].int } }) else { return nil }
        self.init(rawValue: value)
    }
}
