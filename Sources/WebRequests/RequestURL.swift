internal import TextCoding

/// Where a request goes: the configured base, a path below it, and a query; a value can't leave its place.
package struct RequestURL: Sendable {
    /// One part of a query.
    package struct Item: Sendable {
        package let name: String
        package let value: String
    }

    package let base: WebAddress
    private(set) var path: String
    private(set) var query: [Item] = []
    /// A query that is encoded already.
    private var encodedQuery = ""

    /// The base itself.
    package init(_ base: WebAddress) {
        self.base = base
        self.path = base.path
    }

    /// Adds path segments; each is encoded, so that a `/` in a value stays a value.
    package func appending(_ segments: String...) -> RequestURL {
        var copy = self
        for segment in segments { copy.path += "/" + PercentCoding.encode(segment) }
        return copy
    }

    /// Adds a path, and a query behind a `?`, both encoded already; the path begins with `/`.
    package func appending(encoded target: String) -> RequestURL {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var copy = self
        copy.path += parts.first.map(String.init) ?? ""
        copy.encodedQuery = parts.count > 1 ? String(parts[1]) : ""
        return copy
    }

    /// Adds parts of the query; those without a value are left out.
    package func with(_ items: [(String, String?)]) -> RequestURL {
        var copy = self
        for (name, value) in items {
            if let value { copy.query.append(Item(name: name, value: value)) }
        }
        return copy
    }

    /// What goes after the host on the wire.
    package var target: String {
        var items = query.map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }
        if !encodedQuery.isEmpty { items.insert(encodedQuery, at: 0) }
        return (path.isEmpty ? "/" : path) + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    /// The whole URL; only for the wire.
    package var wire: String { base.origin + target }
}

extension RequestURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without the values of its query, which may be secrets or numbers, and with numbers masked in its path.
    package var description: String {
        let shown = Printable.text(path.isEmpty ? "/" : path, limit: 200)
        let names = (encodedQuery.isEmpty ? [] : ["..."]) + query.map { $0.name + "=..." }
        return base.origin + shown + (names.isEmpty ? "" : "?" + names.joined(separator: "&"))
    }

    package var debugDescription: String { description }

    /// A mirror without children, so that a dump shows no secrets.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
