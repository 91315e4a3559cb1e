extension ATLine {
    /// The line as a modem would say it whose character set is not UCS2 (27.007 §5.5): what it has in quotes decoded.
    ///
    /// Only in the lines that tell of calls, numbers and the network; others have hexadecimal numbers in quotes that are no
    /// text. A number is decoded only where a number comes out, because some firmware writes numbers plainly all the same.
    package var decodedFromUCS2: ATLine {
        let isOperator = hasPrefix("+COPS:")
        guard isOperator || Self.namesWithNumbers.contains(where: hasPrefix) else { return self }
        var parts = text.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        for place in stride(from: 1, to: parts.count, by: 2) {
            guard let plain = Self.text(inUCS2: parts[place]) else { continue }
            let isNumber = plain.utf8.allSatisfy { $0.isKey || $0 == UInt8(ascii: "+") }
            if isNumber || isOperator { parts[place] = plain }
        }
        return ATLine(parts.joined(separator: "\""))
    }

    private static let namesWithNumbers = ["+CLIP:", "+CCWA:", "+CLCC:", "+COLP:", "+CNUM:", "^DSCI:", "^SLCC:"]

    /// Four hexadecimal digits for each character; nil for anything else, and for what no name or number contains.
    private static func text(inUCS2 written: String) -> String? {
        let bytes = Array(written.utf8)
        guard !bytes.isEmpty, bytes.count % 4 == 0, bytes.allSatisfy(\.isHexDigit) else { return nil }
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let unit = bytes[start..<(start + 4)]
                .reduce(UInt32(0)) { $0 << 4 | UInt32($1.isDigit ? $1 & 0x0F : ($1 & 0x0F) + 9) }
            guard unit >= 0x20, unit != 0x22, let scalar = Unicode.Scalar(unit) else { return nil }
            text.unicodeScalars.append(scalar)
        }
        return text
    }
}
