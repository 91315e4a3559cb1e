/// A tone by which a line tells what goes on: dial tone, ringback, busy, congestion.
///
/// Frequencies and cadences differ by country (ITU-T E.180, supplement 2: "Various tones used in national networks").
package struct CallProgressTone: Sendable, Equatable {
    /// What a tone says.
    package enum Meaning: String, Sendable, CaseIterable {
        /// Dial now.
        case dial
        /// The far side rings.
        case ringback
        /// The far side is busy.
        case busy
        /// The way is blocked, or the number can't be reached.
        case congestion
    }

    /// One step of the cadence.
    package struct Step: Sendable, Equatable {
        /// Hz, added up; none is silence.
        package var frequencies: [Double]
        /// Milliseconds; 0 is without end.
        package var milliseconds: Int

        init(_ frequencies: [Double], _ milliseconds: Int) {
            self.frequencies = frequencies
            self.milliseconds = milliseconds
        }
    }

    /// The steps, repeated without end.
    package let steps: [Step]

    /// Finds the tone of a country.
    ///
    /// - Parameters:
    ///   - meaning: What it has to say.
    ///   - region: The country's two letters (ISO 3166); one that is not in the table gets 425 Hz, as ITU-T E.180 advises.
    package init(_ meaning: Meaning, region: String) {
        let plan = Self.plans[region] ?? Plan()
        let on: [Double]
        let cadence: [Int]
        switch meaning {
        case .dial: (on, cadence) = (plan.dial, [])
        case .ringback: (on, cadence) = (plan.ringback, plan.ringbackCadence)
        case .busy: (on, cadence) = (plan.busy, plan.busyCadence)
        case .congestion: (on, cadence) = (plan.congestion ?? plan.busy, plan.congestionCadence)
        }
        steps =
            cadence.isEmpty
            ? [Step(on, 0)] : cadence.enumerated().map { Step($0.offset.isMultiple(of: 2) ? on : [], $0.element) }
    }

    private struct Plan: Sendable {
        var dial: [Double] = [425]
        var ringback: [Double] = [425]
        var ringbackCadence = [1000, 4000]
        var busy: [Double] = [425]
        var busyCadence = [500, 500]
        var congestion: [Double]?
        var congestionCadence = [250, 250]
    }

    private static let plans: [String: Plan] = [
        "AT": Plan(
            dial: [420],
            ringback: [420],
            ringbackCadence: [1000, 5000],
            busy: [420],
            busyCadence: [400, 400],
            congestionCadence: [200, 200]
        ),
        "CH": Plan(congestionCadence: [200, 200]),
        "DE": Plan(busyCadence: [480, 480], congestionCadence: [240, 240]),
        "ES": Plan(
            ringbackCadence: [1500, 3000],
            busyCadence: [200, 200],
            congestionCadence: [200, 200, 200, 200, 200, 600]
        ),
        "FR": Plan(dial: [440], ringback: [440], ringbackCadence: [1500, 3500], busy: [440]),
        "GB": Plan(
            dial: [350, 440],
            ringback: [400, 450],
            ringbackCadence: [400, 200, 400, 2000],
            busy: [400],
            busyCadence: [375, 375],
            congestion: [400],
            congestionCadence: [400, 350, 225, 525]
        ),
        "IT": Plan(busyCadence: [500, 500], congestionCadence: [200, 200]),
        "NL": Plan(),
        "PL": Plan(busyCadence: [500, 500], congestionCadence: [500, 500]),
        "US": Plan(
            dial: [350, 440],
            ringback: [440, 480],
            ringbackCadence: [2000, 4000],
            busy: [480, 620],
            congestion: [480, 620]
        ),
        "CA": Plan(
            dial: [350, 440],
            ringback: [440, 480],
            ringbackCadence: [2000, 4000],
            busy: [480, 620],
            congestion: [480, 620]
        ),
    ]
}

/// Makes the sound of a call-progress tone, 20 ms at a time.
package struct ToneGenerator: Sendable {
    /// The level of the whole tone in dBFS.
    package static let level = -16.0

    private struct Step: Sendable {
        var oscillators: [Oscillator]
        var samples: Int
    }

    private var steps: [Step]
    private var index = 0
    private var left: Int

    /// Creates a generator at the begin of the cadence.
    package init(_ tone: CallProgressTone) {
        steps = tone.steps.map { step in
            // Two tones of a pair share the level: 6 dB less each keeps the peak of the sum where one would have it.
            let level = step.frequencies.count > 1 ? Self.level - 6 : Self.level
            return Step(
                oscillators: step.frequencies.map { Oscillator(frequency: $0, level: level) },
                samples: step.milliseconds * AudioFrame.rate / 1000
            )
        }
        left = steps.first?.samples ?? 0
    }

    /// Makes the next 20 ms.
    package mutating func next() -> AudioFrame {
        var frame = AudioFrame()
        guard !steps.isEmpty else { return frame }
        for position in 0..<AudioFrame.count {
            var sum = 0.0
            for oscillator in steps[index].oscillators.indices {
                sum += steps[index].oscillators[oscillator].next()
            }
            frame.samples[position] = Int16(max(-32_768, min(32_767, sum.rounded())))
            guard steps[index].samples > 0 else { continue }
            left -= 1
            if left == 0 {
                index = (index + 1) % steps.count
                left = steps[index].samples
            }
        }
        return frame
    }
}
