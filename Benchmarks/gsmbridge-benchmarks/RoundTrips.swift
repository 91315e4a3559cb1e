import CAllocationCount

/// What a client has done, and what that has cost this whole process.
struct RoundTrips: Sendable {
    private(set) var count = 0
    private(set) var cpuSeconds = 0.0
    private(set) var allocations = 0

    private var cpuAtStart = Machine.processTime
    private var allocationsAtStart = allocation_count()

    var cpuMicrosecondsEach: Double { cpuSeconds * 1e6 / Double(count) }
    var allocationsEach: Double { Double(allocations) / Double(count) }

    /// Takes the costs since this value was made.
    mutating func finish(_ count: Int) {
        self.count = count
        cpuSeconds = Machine.processTime - cpuAtStart
        allocations = allocation_count() - allocationsAtStart
    }

    mutating func add(_ other: RoundTrips) {
        count += other.count
        cpuSeconds += other.cpuSeconds
        allocations += other.allocations
    }
}
