import FoundationEssentials
import Testing

/// A line of JSON, looked into by key.
enum Document: Decodable, Sendable, Hashable {
    case object([String: Document])
    case list([Document])
    case text(String)
    case number(Double)
    case flag(Bool)
    case null

    init(_ line: String) throws { self = try JSONDecoder().decode(Document.self, from: Data(line.utf8)) }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Document].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: Document].self))
        }
    }

    /// The value behind a key; nil where there is no such key.
    subscript(key: String) -> Document? { if case .object(let fields) = self { fields[key] } else { nil } }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var list: [Document]? { if case .list(let list) = self { list } else { nil } }
    /// The name of an event.
    var event: String { self["event"]?.text ?? "" }
}

/// Whether a line is an event with this name, and these values in it.
func isEvent(_ name: String, _ fields: [String: Document] = [:]) -> (String) -> Bool {
    { line in
        guard let document = try? Document(line), document.event == name else { return false }
        return fields.allSatisfy { document[$0.key] == $0.value }
    }
}

/// The events of one call, checked against section 3 of the contract.
struct CallEvents {
    let all: [Document]

    /// The names, in order, hand-over reduced to one.
    var names: [String] {
        var names: [String] = []
        for name in all.map(\.event) where names.last != name { names.append(name) }
        return names
    }

    var end: Document? { all.last { $0.event == "call.ended" } }
    subscript(name: String) -> Document? { all.first { $0.event == name } }

    /// Reads a program's standard output, and expects what holds for every call.
    init(_ result: Program.Result, _ comment: Comment? = nil, _ location: SourceLocation = #_sourceLocation) throws {
        all = try result.output.map { try Document($0) }
        let order = [
            "call.requested", "call.dialing", "call.alerting", "call.ringing", "call.connected", "call.handover",
            "call.in_progress",
            "call.ended",
        ]
        let places = names.map { order.firstIndex(of: $0) ?? -1 }
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 }, "\(names)", sourceLocation: location)
        #expect(names.first == "call.requested", comment, sourceLocation: location)
        #expect(names.last == "call.ended", comment, sourceLocation: location)
        #expect(Set(all.map { $0["call"] }).count == 1, comment, sourceLocation: location)
        #expect(all.allSatisfy { UUID(uuidString: $0["call"]?.text ?? "") != nil }, comment, sourceLocation: location)
        let times = all.map { $0["at"]?.text ?? "" }
        for time in times {
            #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, sourceLocation: location)
        }
        #expect(times == times.sorted(), comment, sourceLocation: location)
        for event in all {
            for field in Self.fields[event.event] ?? [] {
                #expect(event[field] != nil, "\(event.event) has no \(field)", sourceLocation: location)
            }
        }
        #expect(end?["exit"]?.number == Double(result.status), comment, sourceLocation: location)
        // What connects the two ways in which the outcome is told.
        let statuses: [String: Int32] = [
            "completed": 0, "busy": 10, "no_answer": 11, "rejected": 12, "lost": 13, "no_modem": 20, "modem_failed": 21,
            "no_service": 22, "sim": 23, "policy": 30, "pbx_unreachable": 40, "pbx_refused": 41, "interrupted": 130,
        ]
        #expect(end?["outcome"]?.text.flatMap { statuses[$0] } == result.status, comment, sourceLocation: location)
        #expect(["local", "remote", "network"].contains(end?["by"]?.text), comment, sourceLocation: location)
    }

    private static let fields: [String: [String]] = [
        "call.requested": ["method", "direction", "target", "pbx", "modem"],
        "call.dialing": ["number"],
        "call.connected": ["setup_ms"],
        "call.handover": ["digits", "sent", "total"],
        "call.ended": ["outcome", "by", "seconds", "exit"],
    ]
}
