internal import Glibc

/// A sine of one frequency, computed by turning a pointer, without a table or a call of `sin` for each sample.
struct Oscillator: Sendable {
    private var real: Double
    private var imaginary = 0.0
    private let cosine: Double
    private let sine: Double

    /// Creates a sine of `frequency` Hz whose height is `level` dBFS (0: full scale).
    init(frequency: Double, level: Double) {
        let angle = 2 * Double.pi * frequency / Double(AudioFrame.rate)
        cosine = cos(angle)
        sine = sin(angle)
        real = 32_767 * pow(10, level / 20)
    }

    /// The next sample.
    mutating func next() -> Double {
        let value = imaginary
        (real, imaginary) = (real * cosine - imaginary * sine, real * sine + imaginary * cosine)
        return value
    }
}
