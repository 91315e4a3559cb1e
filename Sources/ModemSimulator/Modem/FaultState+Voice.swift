extension FaultState {
    var voiceFaults: [VoiceFault] {
        faults.compactMap { if case .voice(let fault) = $0 { fault } else { nil } }
    }

    func contains(_ fault: VoiceFault) -> Bool { voiceFaults.contains(fault) }

    /// How many millionths the voice clock is too slow.
    var voiceDrift: Int {
        for case .drift(let ppm) in voiceFaults { return ppm }
        return 0
    }

    var voiceIsLateBy: Duration? {
        for case .late(let duration) in voiceFaults { return duration }
        return nil
    }

    var voiceStall: Duration? {
        for case .stall(let duration) in voiceFaults { return duration }
        return nil
    }

    var staleVoice: Duration? {
        for case .stale(let duration) in voiceFaults { return duration }
        return nil
    }

    var voiceUnplug: Duration? {
        for case .unplug(let duration) in voiceFaults { return duration }
        return nil
    }

    var voiceReplug: Duration? {
        for case .replug(let duration) in voiceFaults { return duration }
        return nil
    }
}
