import Testing

extension CommandLineTests {
    /// A short turn of the tool that kills services; the long one is for people (`docs/reliability.md`).
    @Suite("a service that is killed") struct ReliabilityTests {
        @Test("ten kills at random points of calls leave no call up, and no record that is missing or untrue")
        func kills() async throws {
            let tool = Program.path(of: "gsmbridge-reliability")
            let arguments = ["kill", "--kills", "10", "--rigs", "5", "--seed", "7"]
            let result = try await Program(arguments, path: tool, limit: .seconds(600)).end()
            #expect(result.status == 0, "\(result)")
            #expect(result.output.contains { $0.hasPrefix("kill -9 at 10 points  held") }, "\(result)")
        }

        @Test("wrong use is said, with the status of wrong use")
        func wrongUse() async throws {
            let tool = Program.path(of: "gsmbridge-reliability")
            for arguments in [
                ["explode"], ["kill", "--kills"], ["kill", "--kills", "0"], ["--gsmbridge", "/nowhere"],
            ] {
                let result = try await Program(arguments, path: tool).end()
                #expect(result.status == 64, "\(arguments): \(result)")
                #expect(result.output == [], "\(arguments): \(result)")
            }
        }
    }
}
