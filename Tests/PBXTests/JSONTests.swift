import Testing
import WebRequests

@testable import PBX

@Suite("JSON and pointers")
struct JSONTests {
    private static func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test(
        "a value is written as it was read",
        arguments: [
            "null", "true", "[]", "{}", "[1,-2.5e10,\"a\"]", #"{"a":{"b":[null,false]},"c":"\"\\\n"}"#, "\"ä€😀\"",
            "12345678901234567890123",
        ]
    )
    func roundTrip(_ text: String) throws {
        #expect(try Self.parse(text).text == text)
    }

    @Test("escapes are understood, surrogate pairs too")
    func escapes() throws {
        #expect(try Self.parse(#""\u00e4\ud83d\ude00\/\b\f\t""#) == .string("ä😀/\u{8}\u{c}\t"))
        #expect(JSONValue.string("\u{1}\"").text == #""\u0001\"""#)
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "1.", "1e", "-", "+1", "tru", "nulll", "\"",
            "\"\u{1}\"",
            #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"[{"b":{"x":1,"y":2,"x":3}}]"#, #""\x""#, #""\ud800""#,
            #""\ud800\u0041""#, "[1] 2", "'a'", "<html>", String(repeating: "[", count: 40),
        ]
    )
    func refused(_ text: String) {
        #expect(throws: JSONError.self) { try Self.parse(text) }
    }

    @Test("bytes that are not UTF-8 are refused")
    func notUTF8() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    }

    // The values of RFC 6901 section 5.
    private static let sample = #"""
        {"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}
        """#

    @Test(
        "a pointer leads where RFC 6901 says",
        arguments: [
            ("/foo/0", "\"bar\""), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"), ("/g|h", "4"),
            ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"), ("/foo", #"["bar","baz"]"#),
        ]
    )
    func pointers(_ text: String, _ expected: String) throws {
        let pointer = try #require(JSONPointer(text))
        #expect(pointer.value(in: try Self.parse(Self.sample))?.text == expected)
        #expect(pointer.description == text)
    }

    @Test(
        "a pointer that leads nowhere gives nothing",
        arguments: ["/foo/2", "/foo/00", "/foo/-", "/x", "/foo/0/1", "/foo/01"]
    )
    func nowhere(_ text: String) throws {
        #expect(try #require(JSONPointer(text)).value(in: try Self.parse(Self.sample)) == nil)
    }

    @Test("what is no pointer is refused", arguments: ["foo", "/a~", "/a~2"])
    func noPointer(_ text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test(
        "a combining mark behind a slash does not hide the slash, and a pointer is written as it was read",
        arguments: ["/a/\u{301}b", "/\u{734}/x", "/\u{301}", "/~1\u{301}/\u{20D0}"]
    )
    func combiningMarks(text: String) throws {
        let pointer = try #require(JSONPointer(text))
        #expect(pointer.tokens.count == text.unicodeScalars.count { $0 == "/" })
        #expect(JSONPointer(pointer.description) == pointer)
    }
}
