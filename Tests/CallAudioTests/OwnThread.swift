import TestSupport
import Testing

/// Has each test of a suite run on a thread of its own, because it calculates or waits for programs.
struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadOfItsOwn()) { try await function() }
    }

    var isRecursive: Bool { true }
}

extension Trait where Self == OwnThread {
    static var ownThread: Self { Self() }
}
