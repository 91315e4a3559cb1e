// Linked for what it does when the tests' process starts: it bounds how many tests run at once.
internal import CTestWidth

/// Waits until something holds, where nothing can tell: real terminals, sockets and other processes.
///
/// - Parameter limit: far more than a busy machine needs; a test fails by it, and measures nothing.
/// - Returns: whether it held in time.
package func waits(
    _ limit: Duration = .seconds(180),
    until condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
