extension SimulatedModem {
    /// Switches the sound of the call on or off, as far as the faults allow; false where it is refused.
    mutating func switchVoice(on isOn: Bool, _ now: Instant) -> Bool {
        guard isOn else {
            settings.flags["voice"] = 0
            voice = nil
            return true
        }
        guard let call = calls.first(where: { $0.status == .active }), !faults.contains(.refused) else { return false }
        if let late = faults.voiceIsLateBy, let since = call.connectedAt, since.duration(to: now) < late {
            return false
        }
        if faults.contains(.worn), voiceIsWorn, settings.flags["voice was refused"] != 1 {
            settings.flags["voice was refused"] = 1
            return false
        }
        settings.flags["voice"] = 1
        // What stuck begins anew.
        if voice?.isStuck == true { voice = nil }
        voiceHasStuck = voiceHasStuck || voice == nil && settings.flags["voice began"] == 1
        settings.flags["voice began"] = 1
        return true
    }

    /// The call is over: its sound is off, and has to be asked for again.
    mutating func endVoice() {
        if settings.flags["voice"] == 1, faults.contains(.worn) { voiceIsWorn = true }
        settings.flags["voice"] = 0
        settings.flags["voice began"] = 0
        settings.flags["voice was refused"] = 0
        voice = nil
        voiceHasStuck = false
    }
}
