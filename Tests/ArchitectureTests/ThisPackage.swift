import FoundationEssentials

/// What the tests of the architecture read of this package.
enum ThisPackage {
    /// The targets with Swift in them, by the folder they are in and by name.
    static let targets: [String: [String: [SourceFile]]] = {
        var targets: [String: [String: [SourceFile]]] = [:]
        for folder in ["Benchmarks", "Sources", "Tests"] {
            for name in names(in: folder) {
                let files = paths(below: "\(folder)/\(name)").filter { $0.hasSuffix(".swift") }
                    .map { SourceFile(path: $0, text: text("\(folder)/\(name)/\($0)")) }
                if !files.isEmpty { targets[folder, default: [:]][name] = files }
            }
        }
        return targets
    }()

    /// The rooms: all targets in `Sources`, those in C too.
    static let rooms = names(in: "Sources")

    /// The targets in Swift of all folders, without their files.
    static let names = targets.values.flatMap(\.keys).sorted()

    /// What the files of a target import.
    static func imports(_ target: String) -> Set<String> {
        files(target).reduce(into: []) { $0.formUnion($1.imports) }
    }

    /// The files of a target.
    static func files(_ target: String) -> [SourceFile] {
        targets.values.compactMap { $0[target] }.first ?? []
    }

    /// A file's text; empty for one that is not there.
    static func text(_ path: String) -> String {
        (try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)) ?? ""
    }

    private static func names(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return names.filter { !paths(below: "\(folder)/\($0)").isEmpty }.sorted()
    }

    private static func paths(below folder: String) -> [String] {
        ((try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")) ?? []).sorted()
    }

    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")
}
