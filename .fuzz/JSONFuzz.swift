/// Reads arbitrary bytes as JSON, looks into it by pointers, and reads them as the fields of a form.
///
/// What is written again is read as the same; a pointer finds what it is made from.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    if let value = try? JSONValue(parsing: bytes) {
        demand((try? JSONValue(parsing: Array(value.text.utf8))) == value, "JSON is read differently the second time")
        walk(value, [], in: value)
    }
    // The first line is a pointer, the rest what it is used on.
    let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, let pointer = JSONPointer(String(decoding: parts[0], as: UTF8.self)) {
        demand(JSONPointer(pointer.description) == pointer, "a pointer is read differently the second time")
        if let value = try? JSONValue(parsing: Array(parts[1])) { _ = pointer.value(in: value) }
    }
    if let form = FormFields(body: bytes) {
        demand(form.fields.count <= FormFields.most, "more fields than the limit")
        demand(FormFields(body: form.body) == form || form.fields.contains { $0.name.isEmpty }, "a form changes")
    }
    return 0
}

/// Finds every place of a value by its pointer; of a name that stands there twice, the last counts.
private func walk(_ value: JSONValue, _ path: [String], in root: JSONValue) {
    let text = path.map { "/" + escape($0) }.joined()
    if text.utf8.count <= 256, let pointer = JSONPointer(text) {
        demand(pointer.value(in: root) == value, "a pointer finds something else")
    }
    switch value {
    case .null, .bool, .number, .string: break
    case .array(let list):
        for (index, element) in list.enumerated() { walk(element, path + [String(index)], in: root) }
    case .object(let members):
        for member in members where value[member.name] == member.value {
            walk(member.value, path + [member.name], in: root)
        }
    }
}

private func escape(_ name: String) -> String {
    name.unicodeScalars.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
}

private func demand(_ isTrue: Bool, _ message: StaticString) {
    if !isTrue { fatalError("\(message)") }
}
