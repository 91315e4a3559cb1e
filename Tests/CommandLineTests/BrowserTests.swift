import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// What the page is tried in.
private enum Chromium {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A Python that has playwright.
    static let python: String? = {
        // Made when all of it is installed.
        guard access(root.appending(path: ".build/browser/ready").path, F_OK) == 0 else { return nil }
        return root.appending(path: ".build/browser/bin/python3").path
    }()
}

/// The page in Debian's chromium, driven by playwright: `Browser/checks.py` does it, and says what came of each check.
@Suite(
    "The page in a browser",
    .timeLimit(.minutes(50)),
    .enabled(if: Installed.program("chromium") != nil, "chromium is not installed"),
    .enabled(if: Chromium.python != nil, "playwright is not installed; see .ci/browser")
)
struct BrowserTests {
    @Test("what a person does with it works, looks right in every width, and no browser complains")
    func checks() async throws {
        let python = try #require(Chromium.python)
        let script = Chromium.root.appending(path: "Tests/CommandLineTests/Browser/checks.py").path
        let pictures = try TemporaryDirectory()
        // They take 7 minutes on two cores that have other work; a machine may be several times slower.
        let checks = try Program([script, Program.path, pictures.path], path: python, limit: .seconds(2400))
        let result = await checks.end()
        #expect(result.output.count { $0.hasPrefix("ok ") } >= 10, "\(result)")
        #expect(result.output.filter { $0.hasPrefix("failed ") } == [])
        #expect(result.status == 0, "\(result)")
    }
}
