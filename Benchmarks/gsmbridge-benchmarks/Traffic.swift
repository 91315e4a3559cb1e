/// What modems say in a day, in small: start-up, noise, calls out and in, polls, digits, refusals, and their bad manners.
enum Traffic {
    /// Utterances drawn at random, line ends included, always the same ones in the same order.
    ///
    /// Long and without a pattern, because a processor learns the branches of a short text by heart.
    static let bytes: [UInt8] = {
        let pieces = (answers + noise + calls + manners).map { Array($0.utf8) }
        var random: UInt64 = 0x9E37_79B9_7F4A_7C15
        var bytes: [UInt8] = []
        while bytes.count < 256 * 1024 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            bytes += pieces[Int(random % UInt64(pieces.count))]
        }
        return bytes
    }()

    /// Errors carry numbers, as they do on a modem that was brought up (`AT+CMEE=1`).
    private static let answers = [
        "\r\nOK\r\n",
        "\r\nOK\r\n",
        "\r\nOK\r\n",
        "\r\nERROR\r\n",
        "ATE0\r\r\nOK\r\n",
        "\r\nhuawei\r\n\r\nOK\r\n",
        "\r\n11.126.13.00.00\r\n\r\nOK\r\n",
        "\r\n353501112222333\r\n\r\nOK\r\n",
        "\r\n+CPIN: READY\r\n\r\nOK\r\n",
        "\r\n+CREG: 2,1,\"0B4C\",\"01007A1F\",2\r\n\r\nOK\r\n",
        "\r\n+CME ERROR: 100\r\n",
        "\r\n+CSQ: 20,99\r\n\r\nOK\r\n",
        "\r\n+COPS: 0,0,\"o2 - de\",2\r\n\r\nOK\r\n",
        "\r\n+CLCC: 1,0,2,0,0,\"+4922166966966\",145\r\n\r\nOK\r\n",
        "\r\n+CLCC: 1,0,3,0,0,\"+4922166966966\",145\r\n\r\nOK\r\n",
        "\r\n+CLCC: 1,0,0,0,0,\"+4922166966966\",145\r\n\r\nOK\r\n",
        "\r\n+CLCC: 1,0,0,0,0,\"+4922166966966\",145\r\n\r\nOK\r\n",
        "\r\n+CEER: 16\r\n\r\nOK\r\n",
    ]

    private static let noise = [
        "\r\n^RSSI:20\r\n",
        "\r\n^RSSI:19\r\n",
        "\r\n^RSSI:99\r\n",
        "\r\n^HCSQ:\"WCDMA\",33,31,40\r\n",
        "\r\n^BOOT:20952548,0,0,0,75\r\n",
        "\r\n^MODE:5,4\r\n",
        "\r\n^DSFLOWRPT:0000000A,00000000,00000000,00000000,00000000,0003E800,0003E800\r\n",
        "\r\n+CREG: 1,\"0B4C\",\"01007A20\",2\r\n",
        "\r\n+CEREG: 1,\"7A30\",\"01A2D001\",7\r\n",
        "\r\n+QIND: \"csq\",24,99\r\n",
    ]

    private static let calls = [
        "\r\nOK\r\n\r\n^ORIG:1,0\r\n",
        "\r\n^CONF:1\r\n",
        "\r\n^CONN:1,0\r\n",
        "\r\n^CEND:1,5,29,16\r\n",
        "\r\nNO CARRIER\r\n",
        "\r\nBUSY\r\n",
        "\r\n+QIND: \"ccinfo\",1,0,3,0,0,\"+4922166966966\",145\r\n",
        "\r\n^DSCI: 2,1,4,0,030123456,129\r\n",
        "\r\n#ECAM: 0,1,1,,,\"030123456\",129\r\n",
        "\r\n+UCALLSTAT: 1,7\r\n",
        "\r\nVOICE CALL: BEGIN\r\n",
        "\r\nVOICE CALL: END: 000041\r\n",
        "\r\nRING\r\n\r\n+CLIP: \"+4930123456\",145,\"\",,\"\",0\r\n",
        "\r\nRING\r\n\r\n+CLIP: \"\",128,,,,1\r\n",
        "\r\n+CRING: VOICE\r\n",
        "\r\n^DDTMF: 5\r\n",
        "\r\n+RXDTMF: #\r\n",
        "\r\n+CMTI: \"SM\",3\r\n",
        "\r\n+CUSD: 0,\"Guthaben 9,87 EUR\",15\r\n",
        "\r\nMISSED_CALL: 11:01AM 07712345678\r\n",
    ]

    private static let manners = [
        "AT+CLCC\r",
        "\r\nERROR+CNUM: \"\",\"+4917139200\",145\r\n",
        "\r\nOK^RSSI:26\r\n",
        "\r\nOKRING\r\n",
        "+CSQ: 24,99OK\r\n",
        "+CSSI: 1^CONN:1,0\r\n",
        "\r\r\n\r\n\r\nOK\r\n",
        "\0\0\r\n  +CREG: 1\r\n",
        "\r\n+CME ERROR: 3\r\n",
    ]
}
