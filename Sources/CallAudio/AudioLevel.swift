internal import Glibc

/// How loud sound is, in decibels below full scale (dBFS): 0 for a square wave of full height, −3 for a sine of it.
///
/// It is the root mean square of the samples over 32,768. Speech on the telephone lies between −35 and −15.
package struct AudioLevel: Sendable, Comparable {
    /// The level of silence; nothing is told as lower.
    package static let floor = AudioLevel(decibels: -96)

    /// Decibels, −96 to 0.
    package var decibels: Double

    /// Creates a level.
    package init(decibels: Double) {
        self.decibels = decibels
    }

    /// Measures a frame.
    package init(_ frame: borrowing AudioFrame) {
        var energy: Int64 = 0
        for index in 0..<AudioFrame.count {
            let sample = Int64(frame.samples[index])
            energy += sample * sample
        }
        self.init(meanSquare: Double(energy) / Double(AudioFrame.count))
    }

    /// Measures samples as a whole.
    package init(of samples: [Int16]) {
        let energy = samples.reduce(Int64(0)) { $0 + Int64($1) * Int64($1) }
        self.init(meanSquare: samples.isEmpty ? 0 : Double(energy) / Double(samples.count))
    }

    /// Creates a level from the mean of the squared samples.
    init(meanSquare: Double) {
        decibels =
            meanSquare <= 0
            ? Self.floor.decibels : max(Self.floor.decibels, 10 * log10(meanSquare / (32_768 * 32_768)))
    }

    package static func < (a: AudioLevel, b: AudioLevel) -> Bool { a.decibels < b.decibels }
}

/// The level over time: the mean of what was heard since the last question, and the loudest frame of the call.
package struct LevelMeter: Sendable {
    private var energy = 0.0
    private var frames = 0
    /// The energy of the last half second, the latest frame most.
    private var lately = 0.0
    /// The loudest frame so far.
    package private(set) var peak = AudioLevel.floor

    /// Creates a meter that has heard nothing.
    package init() {}

    /// The mean level since `restart`.
    package var mean: AudioLevel {
        frames == 0 ? .floor : AudioLevel(meanSquare: energy / Double(frames))
    }

    /// The level of the last half second.
    package var latest: AudioLevel { AudioLevel(meanSquare: lately) }

    /// Takes a frame into the measure.
    package mutating func measure(_ frame: borrowing AudioFrame) {
        let level = AudioLevel(frame)
        let power = level == .floor ? 0 : pow(10, level.decibels / 10) * 32_768 * 32_768
        energy += power
        lately += 0.1 * (power - lately)
        frames += 1
        peak = max(peak, level)
    }

    /// Begins the mean anew.
    package mutating func restart() {
        energy = 0
        frames = 0
    }
}
