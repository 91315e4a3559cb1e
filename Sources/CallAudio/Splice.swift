/// Makes sound shorter or longer by one period of its pitch, so that the ear does not notice.
///
/// That is how two clocks are kept together: 200 ppm are one period of 10 ms in 50 s. A whole frame taken out clicks
/// wherever it is not quiet. The period is where the sound is most like itself, 2.5 to 10 ms on; the seam is faded over
/// 5 ms (waveform-similarity overlap-add, as in Verhelst and Roelands, ICASSP 1993).
enum Splice {
    /// Shortest and longest period in samples: 400 and 100 Hz.
    static let periods = 20...80
    /// Samples of the fade.
    static let fade = 40
    /// Samples that have to be there: what is played, a period more, and the fade.
    static let reach = AudioFrame.count + periods.upperBound + fade

    /// The period of `samples`, whose first `reach` are looked at.
    static func period(of samples: UnsafePointer<Int16>) -> Int {
        var best = periods.upperBound
        var bestScore = -Double.infinity
        for lag in periods {
            var product = 0.0
            var energy = 1.0
            for index in 0..<80 {
                let (a, b) = (Double(samples[index]), Double(samples[index + lag]))
                product += a * b
                energy += b * b
            }
            let score = product <= 0 ? -1 : product * product / energy
            if score > bestScore {
                bestScore = score
                best = lag
            }
        }
        return best
    }

    /// The sample at `index` of what was longer by `lag`.
    ///
    /// - Parameter scale: 2 for samples at 16 kHz.
    static func shortened(_ samples: UnsafePointer<Int16>, by lag: Int, scale: Int = 1, at index: Int) -> Int16 {
        let lag = lag * scale
        guard index < fade * scale else { return samples[index + lag] }
        return mix(samples[index], samples[index + lag], index, of: fade * scale)
    }

    /// The sample at `index` of what was shorter by `lag`.
    static func lengthened(_ samples: UnsafePointer<Int16>, by lag: Int, scale: Int = 1, at index: Int) -> Int16 {
        let lag = lag * scale
        guard index >= lag else { return samples[index] }
        guard index < lag + fade * scale else { return samples[index - lag] }
        return mix(samples[index], samples[index - lag], index - lag, of: fade * scale)
    }

    private static func mix(_ old: Int16, _ new: Int16, _ position: Int, of length: Int) -> Int16 {
        let weight = Int32(position) * 256 / Int32(length)
        return Int16((Int32(old) * (256 - weight) + Int32(new) * weight) >> 8)
    }
}
