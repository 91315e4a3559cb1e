import Testing
import TextCoding

@Suite("What is drawn and packed")
struct DrawnTests {
    @Test("a QR code is drawn module by module, as segno 1.6 draws the same text")
    func code() throws {
        let code = try #require(QRCode("http://a.b/#12345"))
        let expected = """
            111111100001001111111
            100000101100101000001
            101110100101001011101
            101110101010101011101
            101110100001001011101
            100000101000101000001
            111111101010101111111
            000000000100000000000
            111110111100110101010
            010000010101000111111
            110001110010110000110
            110011000001100011100
            011100100100101011001
            000000001011011111101
            111111101000101100110
            100000100011010011110
            101110101010101011000
            101110101100000110110
            101110101010101100100
            100000101101000110100
            111111101001001111010
            """
        let drawn = (0..<code.size)
            .map { row in (0..<code.size).map { code[row, $0] ? "1" : "0" }.joined() }
            .joined(separator: "\n")
        #expect(drawn == expected)
        #expect(code.lines.count == (21 + 8 + 1) / 2 && code.lines.allSatisfy { $0.count == 29 })
    }

    @Test(
        "a code grows with its text, and there is none for too long a one",
        arguments: [(17, 21), (78, 33), (271, 57)]
    )
    func sizes(count: Int, size: Int) {
        #expect(QRCode(String(repeating: "x", count: count))?.size == size)
        #expect(QRCode(String(repeating: "x", count: 272)) == nil)
    }

    @Test("numbers are masked, and nothing else; numbers of JSON stay numbers")
    func masks() {
        #expect(MaskedText.numbers(in: "call +4930123456 at 2026-11-29, 112") == "call +4930123••• at 2026-11-29, 112")
        let json = #"{"a":"\"0301234567\\","pid":1234567,"b":["490154203237518"]}"#
        let masked = #"{"a":"\"0301234•••\\","pid":1234567,"b":["490154203237•••"]}"#
        #expect(MaskedText.numbers(inStringsOf: json) == masked)
    }

    @Test("packed bytes have gzip's frame and are fewer; nothing has a frame as well")
    func gzip() {
        let text = Array(String(repeating: "how the box stands, at a glance. ", count: 200).utf8)
        let packed = Gzip.pack(text)
        #expect(packed.starts(with: [0x1F, 0x8B, 8]) && packed.count < text.count / 20)
        // As zlib reads it: CRC-32 of nothing is 0, and so is its length.
        #expect(Gzip.pack([]) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255, 3, 0] + [UInt8](repeating: 0, count: 8))
    }
}
