import Testing

/// The table in `docs/architecture.md`, `Package.swift` and the sources say the same.
@Suite struct ImportTests {
    private static let table = ImportTable(page: ThisPackage.text("docs/architecture.md"))
    private static let manifest = Manifest(text: ThisPackage.text("Package.swift"))

    /// What comes with the toolchain: no dependency in `Package.swift`.
    private static let toolchain: Set = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing",
    ]

    @Test("each room has a row in the table, and each row a room")
    func rows() {
        #expect(ThisPackage.rooms.contains("CallModel") && ThisPackage.names.contains("ArchitectureTests"))
        #expect(Self.table.imports.keys.sorted() == ThisPackage.rooms)
    }

    @Test("the files of a room import what its row names, and nothing else", arguments: ThisPackage.rooms)
    func imports(room: String) throws {
        let imported = ThisPackage.imports(room)
        let named = try #require(Self.table.imports[room])
        #expect(imported.subtracting(named).sorted() == [], "docs/architecture.md does not let \(room) import these")
        guard !ThisPackage.files(room).isEmpty else { return }
        #expect(named.subtracting(imported).sorted() == [], "docs/architecture.md names these, no file of \(room) does")
    }

    @Test("a target depends on what its files import, and on nothing else", arguments: ThisPackage.names)
    func dependencies(target: String) throws {
        let files = ThisPackage.files(target)
        // A program can be imported, or be run by its name.
        let imported = ThisPackage.imports(target).subtracting(Self.toolchain)
        let run = files.reduce(into: Set<String>()) { $0.formUnion($1.literals) }
        let declared = try #require(Self.manifest.dependencies[target], "Package.swift does not name it")
        let modules = Set(declared.map(Self.module(of:)))
        #expect(imported.subtracting(modules).sorted() == [], "\(target) imports these, Package.swift does not say so")
        let unused = declared.filter { !imported.contains(Self.module(of: $0)) && !run.contains($0) }
        #expect(unused.sorted() == [], "Package.swift lets \(target) depend on these, no file imports them")
    }

    private static func module(of target: String) -> String { String(target.map { $0 == "-" ? "_" : $0 }) }

    @Test("the folders of a room use each other in one direction only", arguments: ThisPackage.rooms)
    func folders(room: String) {
        #expect(FolderUses(of: ThisPackage.files(room)).cycle == [], "a type of each folder is used in the next")
    }

    @Test("a cycle of folders is found, and what only looks like one is not")
    func cycleIsFound() {
        func cycle(_ files: KeyValuePairs<String, String>) -> [String] {
            FolderUses(of: files.map { SourceFile(path: $0.key, text: $0.value) }).cycle
        }
        #expect(cycle(["A/a.swift": "struct One { var two: Two }", "B/b.swift": "struct Two {}"]) == [])
        #expect(
            cycle(["A/a.swift": "struct One { var two: Two }", "B/b.swift": "struct Two { let it: [One] }"])
                == ["A", "B"]
        )
        #expect(
            cycle(["a.swift": "enum One { func f() -> Two }", "B/b.swift": "struct Two {}\nextension One {}"])
                == [".", "B"]
        )
        #expect(
            cycle([
                "A/a.swift": "struct One { var two: Two }", "B/b.swift": "/// See One.\nstruct Two { let x = \"One\" }",
            ])
                == []
        )
        #expect(
            cycle(["A/a.swift": "struct One { var it: Two.One }", "B/b.swift": "struct Two { enum One {} }"]) == []
        )
    }

    @Test("the parts of an import, a row and a target are read")
    func reading() {
        let text = "@testable import One\n@preconcurrency package import struct Two.Thing\n// import Three\nlet x = 1"
        #expect(SourceFile(path: "a.swift", text: text).imports == ["One", "Two"])
        let table = ImportTable(page: "| `A` | x | `B`, `C` | `D` | y |\n| `E` | `F` |\n| `G` | x | – | – | `H` |")
        #expect(table.imports == ["A": ["B", "C", "D"], "G": []])
        let manifest = Manifest(text: "library(\"A\"),\n tests(\n  \"B\",\n [\n \"A\", \"C\",\n ]\n)")
        #expect(manifest.dependencies == ["A": [], "B": ["A", "C"]])
    }
}
