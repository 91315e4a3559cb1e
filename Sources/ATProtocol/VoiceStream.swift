/// The audio format of a Huawei stick: the answer to `AT^CVOICE?`, `^CVOICE:<state>,<rate>,<bits>,<period>`.
package struct VoiceStream: Sendable, Hashable {
    /// Whether the firmware has voice calls and they are on (state 0).
    package var isEnabled: Bool
    /// Samples in a second; nil when the modem did not say.
    package var sampleRate: Int?
    /// Bits in a sample; nil when the modem did not say.
    package var bitsPerSample: Int?
    /// Milliseconds in a frame; nil when the modem did not say.
    package var frameMilliseconds: Int?

    /// Creates a format from its parts.
    package init(isEnabled: Bool, sampleRate: Int? = nil, bitsPerSample: Int? = nil, frameMilliseconds: Int? = nil) {
        self.isEnabled = isEnabled
        self.sampleRate = sampleRate
        self.bitsPerSample = bitsPerSample
        self.frameMilliseconds = frameMilliseconds
    }

    /// Reads one `^CVOICE:` line; nil for other lines.
    package init?(cvoice line: ATLine) {
        let stream = line.withBytes { bytes -> VoiceStream? in
            guard let fields = bytes.body(of: "^CVOICE").map({ Fields($0) }), let state = fields[0].int else {
                return nil
            }
            return VoiceStream(
                isEnabled: state == 0,
                sampleRate: fields[1].int,
                bitsPerSample: fields[2].int,
                frameMilliseconds: fields[3].int
            )
        }
        guard let stream else { return nil }
        self = stream
    }
}
