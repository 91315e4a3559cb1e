/// Which folders of a room use types of which others.
///
/// It goes by names: a type that is declared at file scope in one folder and named in another is used there. It does not
/// see what an extension adds to a type of another folder, nor a type that is used without being named.
struct FolderUses {
    private var uses: [String: Set<String>] = [:]

    /// Reads the files of one room.
    init(of files: [SourceFile]) {
        var homes: [String: Set<String>] = [:]
        for file in files { for type in file.declared { homes[type, default: []].insert(file.folder) } }
        for file in files {
            // A name that stands in two folders (private types) tells nothing.
            for type in file.named {
                guard let home = homes[type], home.count == 1, !home.contains(file.folder) else { continue }
                uses[file.folder, default: []].formUnion(home)
            }
        }
    }

    /// The folders that can be reached from themselves, in alphabetical order; empty when they stand in one order.
    var cycle: [String] { uses.keys.filter { reached(from: $0).contains($0) }.sorted() }

    private func reached(from start: String) -> Set<String> {
        var reached: Set<String> = []
        var next = uses[start] ?? []
        while let folder = next.popFirst() {
            if reached.insert(folder).inserted { next.formUnion(uses[folder] ?? []) }
        }
        return reached
    }
}
