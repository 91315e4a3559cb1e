import GatewayAPI
import Settings
import Testing
import TextCoding

@testable import HTTP

extension ControlInterfaceTests {
    @Suite("The log as a file") struct LogExportTests {
        @Test("the log goes out as a file, page by page, by the filters; who may look may have it")
        func export() async throws {
            try await Rig.run(page: true) { rig in
                let browser = try await Browser.login(rig, as: .see)
                let answer = try await browser.get("/v1/log/export?missed=yes&number=030%20123456")
                #expect(answer.status == 200 && answer.contains("text/csv") && answer.contains("calls.csv"))
                let lines = answer.split(separator: "\r\n").filter { $0.contains(",") && !$0.contains(": ") }
                #expect(lines.first == "\(CallRecord.Field.contract.map(\.rawValue).joined(separator: ","))")
                // The fake's log says that there is more once, and then leads back to where it was.
                #expect(lines.dropFirst().count { $0.hasPrefix("\(Samples.record.call.name),") } == 2, "\(answer)")
                let queries = await rig.control.queries
                #expect(queries.map(\.after) == [nil, Samples.record.call.name])
                #expect(queries.allSatisfy { $0.isMissed && $0.number == "030 123456" && $0.limit == 500 })
                for wrong in ["limit=5", "after=5b", "missed=perhaps", "colour=red"] {
                    #expect(try await browser.get("/v1/log/export?\(wrong)").status == 400, "\(wrong)")
                }
                await rig.control.refuse(.unavailable("the log can't be read"))
                #expect(try await browser.get("/v1/log/export").status == 503)
            }
        }

        @Test(
            "cells are quoted by RFC 4180, and none is a formula",
            arguments: [
                ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
                ("two\nlines", "\"two\nlines\""), ("two\r\nlines", "\"two\r\nlines\""), ("=1+1", "'=1+1"),
                ("@SUM(A1)", "'@SUM(A1)"), ("-2+3", "'-2+3"), ("+4930123456", "+4930123456"),
                ("+4930123•••", "+4930123•••"),
                ("+49,=1", "\"'+49,=1\""), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("\t=1", "'\t=1"),
                ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""), ("＝1", "'＝1"),
                ("Ünïcode", "Ünïcode"),
            ]
        )
        func csv(value: String, cell: String) {
            #expect(CSV.line([value, nil, "x"]) == "\(cell),,x\r\n")
        }
    }
}
