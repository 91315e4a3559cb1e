import Console
import Testing

@testable import gsmbridge

@Suite struct TableTests {
    private static let rows = [
        ["o2", "EC25", "353535011111116", "ready"], ["backup", "E3372", "353535011111117", "failed"],
    ]

    private static func table() -> Table {
        Table(heads: ["NAME", "MODEM", "IMEI", "STATE"], dispensable: ["IMEI", "MODEM"])
    }

    @Test("where the width is not known, everything is shown")
    func whole() {
        var table = Self.table()
        #expect(
            table.lines(Self.rows, width: nil) == [
                "NAME    MODEM  IMEI             STATE", "o2      EC25   353535011111116  ready",
                "backup  E3372  353535011111117  failed",
            ]
        )
    }

    @Test("a narrow terminal loses whole columns, the least important first, and never a part of a cell")
    func narrow() {
        var table = Self.table()
        #expect(table.lines(Self.rows, width: 38).first == "NAME    MODEM  IMEI             STATE")
        #expect(
            table.lines(Self.rows, width: 37) == [
                "NAME    MODEM  STATE", "o2      EC25   ready", "backup  E3372  failed",
            ]
        )
        #expect(table.lines(Self.rows, width: 15) == ["NAME    STATE", "o2      ready", "backup  failed"])
        #expect(table.lines(Self.rows, width: 3) == ["NAME    STATE", "o2      ready", "backup  failed"])
    }

    @Test("what comes later stands under the same heads, which are shown once")
    func later() {
        var table = Self.table()
        _ = table.lines(Self.rows, width: nil)
        #expect(
            table.lines([["o2", "", "353535011111116", "in_call"]], width: nil, hasHead: false)
                == ["o2      -      353535011111116  in_call"]
        )
    }
}
