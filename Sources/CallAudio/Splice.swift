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

    /// Fills `frame` from 160 + `lag` samples.
    static func shorten(_ samples: UnsafePointer<Int16>, by lag: Int, into frame: inout AudioFrame) {
        for index in 0..<AudioFrame.count {
            if index < fade {
                frame.samples[index] = mix(samples[index], samples[index + lag], index)
            } else {
                frame.samples[index] = samples[index + lag]
            }
        }
    }

    /// Fills `frame` from 160 - `lag` samples.
    static func lengthen(_ samples: UnsafePointer<Int16>, by lag: Int, into frame: inout AudioFrame) {
        for index in 0..<AudioFrame.count {
            if index < lag {
                frame.samples[index] = samples[index]
            } else if index < lag + fade {
                frame.samples[index] = mix(samples[index], samples[index - lag], index - lag)
            } else {
                frame.samples[index] = samples[index - lag]
            }
        }
    }

    private static func mix(_ old: Int16, _ new: Int16, _ position: Int) -> Int16 {
        let weight = Int32(position) * 256 / Int32(fade)
        return Int16((Int32(old) * (256 - weight) + Int32(new) * weight) >> 8)
    }
}
