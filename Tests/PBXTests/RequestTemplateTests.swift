import Testing
import WebRequests

@testable import PBX

@Suite("Templates of requests")
struct RequestTemplateTests {
    private static let nasty = "a\"b\\c/d?e&f=g#h\r\n..%ä"

    private static func fill(_ text: String, _ place: RequestTemplate.Place, _ value: String = nasty) throws -> String {
        try RequestTemplate(text, in: place).fill { _ throws(PBXError) in value }
    }

    @Test("a value can't leave its place in a path")
    func path() throws {
        #expect(
            try Self.fill("/calls/{target}?x={call}", .path)
                == "/calls/a%22b%5Cc%2Fd%3Fe%26f%3Dg%23h%0D%0A..%25%C3%A4?x=a%22b%5Cc%2Fd%3Fe%26f%3Dg%23h%0D%0A..%25%C3%A4"
        )
    }

    @Test("a value can't leave its place in JSON")
    func json() throws {
        let text = try Self.fill(#"{"to": "{target}", "a": {"b": []}}"#, .json)
        #expect(try JSONValue(parsing: Array(text.utf8))["to"] == .string(Self.nasty))
    }

    @Test(
        "what is not known is null in JSON where it is a whole value, and nothing everywhere else",
        arguments: [
            (#"{"to": "{target}", "x": 1}"#, #"{"to": null, "x": 1}"#), (#"["{target}","{call}"]"#, "[null,null]"),
            (#"{"to": "tel:{target}"}"#, #"{"to": "tel:"}"#), (#"{"{target}" : 1}"#, #"{"" : 1}"#),
            (#"{"to": "\"{target}\""}"#, #"{"to": "\"\""}"#), (#"{"to": "\\\\{target}"}"#, #"{"to": "\\\\"}"#),
            (#"{"to": "{target}{call}"}"#, #"{"to": ""}"#),
        ]
    )
    func unknown(_ template: String, _ text: String) throws {
        #expect(try RequestTemplate(template, in: .json).fill { _ throws(PBXError) in nil } == text)
        #expect(throws: Never.self) { try JSONValue(parsing: Array(text.utf8)) }
        #expect(try RequestTemplate("to={target}", in: .form).fill { _ throws(PBXError) in nil } == "to=")
    }

    @Test("a value can't leave its place in a form")
    func form() throws {
        let text = try Self.fill("To={target}&X=1", .form)
        let fields = try #require(FormFields(body: Array(text.utf8)))
        #expect(fields.fields.map(\.name) == ["To", "X"])
        #expect(fields["To"] == Self.nasty)
    }

    @Test("a value with line breaks can't get into a header")
    func header() {
        #expect(throws: PBXError.self) { try Self.fill("Bearer {password}", .header) }
        #expect(throws: Never.self) { try Self.fill("Bearer {password}", .header, "abc") }
    }

    @Test(
        "what is no template is refused",
        arguments: [
            ("/x/{tarmac}", RequestTemplate.Place.path), ("x", .path), ("//x", .path), ("/a b", .path),
            ("/a/../b", .path),
            ("/a#b", .path), ("/a?key={password}", .path), ("{target}x", .json), (#"{"a":"{target}"#, .json),
            ("a\nb", .header),
        ]
    )
    func refused(_ text: String, _ place: RequestTemplate.Place) {
        #expect(throws: RequestTemplate.Problem.self) { try RequestTemplate(text, in: place) }
    }

    @Test("a template is shown without values")
    func shown() throws {
        let template = try RequestTemplate(#"{"p":"{password}","to":"{target}"}"#, in: .json)
        #expect(template.description == #"{"p":"{password}","to":"{target}"}"#)
        #expect(template.placeholders == [.password, .target])
    }

    @Test("the requests of the project's own contract can be read")
    func standard() {
        let requests = GenericRequests.standard
        #expect(requests.callthrough != nil && requests.callback != nil && requests.claim != nil)
        #expect(requests.release != nil && requests.hangUp != nil && requests.status != nil && requests.health != nil)
    }
}
