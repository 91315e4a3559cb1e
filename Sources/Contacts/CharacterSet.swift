internal import Glibc

/// A character set that a vCard names, decoded by the C library (iconv(3)).
///
/// Only the usual ones: a file from outside shall not choose among the library's hundreds of converters.
struct CharacterSet: Equatable {
    /// The set of a text that names none (RFC 6350 §3.1).
    static let utf8 = CharacterSet(converter: "UTF-8")
    /// Text that is not UTF-8, even if it says so, is most likely from an old program of Western Europe.
    static let western = CharacterSet(converter: "CP1252")

    /// The C library's name for it.
    let converter: String

    private init(converter: String) { self.converter = converter }

    /// Finds one by a name of IANA's list, however that is written; nil for one that is not decoded.
    init?(_ label: String) {
        let name = label.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        if let known = Self.names[name] {
            converter = known
        } else if name.hasPrefix("iso8859"), let part = Int(name.dropFirst(7)), Self.parts.contains(part) {
            converter = "ISO-8859-\(part)"
        } else if let page = ["windows", "cp"].lazy
            .compactMap({ name.hasPrefix($0) ? Int(name.dropFirst($0.count)) : nil })
            .first, (1250...1258).contains(page)
        {
            converter = "CP\(page)"
        } else {
            return nil
        }
    }

    private static let parts: Set<Int> = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16]

    // What says Latin-1 is Windows-1252 as a rule, and has quotes and dashes where Latin-1 has control characters
    // (WHATWG Encoding §4.2). Microsoft's Shift_JIS keeps the backslash, by which vCards escape.
    private static let names = [
        "utf8": "UTF-8", "usascii": "UTF-8", "ascii": "UTF-8", "iso88591": "CP1252", "latin1": "CP1252", "l1": "CP1252",
        "ansi": "CP1252", "latin2": "ISO-8859-2", "latin9": "ISO-8859-15", "shiftjis": "CP932", "sjis": "CP932",
        "xsjis": "CP932", "windows31j": "CP932", "cp932": "CP932", "eucjp": "EUC-JP", "iso2022jp": "ISO-2022-JP",
        "euckr": "CP949", "ksc56011987": "CP949", "cp949": "CP949", "gb2312": "GB18030", "gbk": "GB18030",
        "gb18030": "GB18030", "cp936": "GB18030", "big5": "BIG5", "koi8r": "KOI8-R", "koi8u": "KOI8-U",
        "macintosh": "MACINTOSH", "xmacroman": "MACINTOSH", "tis620": "CP874", "windows874": "CP874",
    ]

    /// The text of some bytes, each that is none of this set replaced by U+FFFD; nil where the C library lacks the set.
    func text(_ bytes: [UInt8]) -> (text: String, isWhole: Bool)? {
        guard let converter = iconv_open("UTF-8", converter),
            converter != UnsafeMutableRawPointer(bitPattern: -1)
        else { return nil }
        defer { iconv_close(converter) }
        var input = bytes.map { CChar(bitPattern: $0) }
        // No character of these sets takes more than three bytes of UTF-8 for each of its own.
        var output = [CChar](repeating: 0, count: 4 * bytes.count + 64)
        var room = output.count
        var isWhole = true
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var (source, left, target) = (input.baseAddress, input.count, output.baseAddress)
                // Each round ends it, or takes at least one byte.
                while left > 0, iconv(converter, &source, &left, &target, &room) == -1 {
                    isWhole = false
                    guard left > 0, room >= 3, errno == EILSEQ || errno == EINVAL else { break }
                    for byte in [0xEF, 0xBF, 0xBD] as [UInt8] {
                        target?.pointee = CChar(bitPattern: byte)
                        target = target?.advanced(by: 1)
                    }
                    room -= 3
                    source = source?.advanced(by: 1)
                    left -= 1
                }
                _ = iconv(converter, nil, nil, &target, &room)
            }
        }
        let text = output.prefix(output.count - room).map { UInt8(bitPattern: $0) }
        return (String(decoding: text, as: UTF8.self), isWhole)
    }
}
