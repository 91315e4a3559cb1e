extension Region {
    /// Every region that is known, in the order of their codes.
    ///
    /// The table needs no library, so that an emergency number is known as one even if all else fails.
    package static let all: [Region] = {
        let detailed = Dictionary(uniqueKeysWithValues: Region.detailed.map { ($0.code, $0) })
        return world.split(separator: "\n").compactMap { Region(row: $0, detailed: detailed) }
    }()

    /// The region that stands for a country code: the only one, or the largest of those that share it.
    static let byCountryCode: [String: Region] = {
        let leading = Set(world.split(separator: "\n").filter { $0.contains("*") }.map { String($0.prefix(2)) })
        return Dictionary(all.map { ($0.countryCode, $0) }) { first, second in
            leading.contains(second.code) ? second : first
        }
    }()

    private init?(row: Substring, detailed: [String: Region]) {
        let columns = row.split(separator: " ").map { $0 == "-" ? "" : String($0) }
        guard columns.count == 5 else { return nil }
        let emergency = columns[4].split(separator: ",").map(String.init)
        if var known = detailed[columns[0]] {
            known.emergencyNumbers += emergency.filter { !known.emergencyNumbers.contains($0) }
            self = known
            return
        }
        let countryCode = columns[1].filter { $0 != "*" }
        let isNorthAmerican = countryCode == "1"
        self.init(
            columns[0],
            countryCode,
            trunk: columns[2],
            international: columns[3],
            fullLength: isNorthAmerican ? 10 : nil,
            longestLocal: isNorthAmerican ? 7 : 0,
            emergency: emergency,
            isNorthAmerican ? .northAmerica : [],
            short: isNorthAmerican ? .northAmericaShort : [],
            // Where no rules of our own are known, those of the library's tables count.
            readByLibrary: !isNorthAmerican
        )
    }

    // Code of ISO 3166-1; country code of ITU-T E.164, with a star where it is the largest of several regions; trunk
    // prefix; international prefix (where carriers have their own, that of the largest); emergency numbers besides 112
    // and
    // 911. As published in the ITU's national numbering plans and its list of emergency numbers, and compared with
    // libphonenumber's metadata by a test.
    private static let world = """
        AC 247 - 00 999
        AD 376 - 00 110,116,118
        AE 971 0 00 997,998,999
        AF 93 0 00 100,102,119
        AG 1 1 011 999
        AI 1 1 011 -
        AL 355 0 00 127,128,129
        AM 374 0 00 101,102,103
        AO 244 - 00 113,115
        AR 54 0 00 100,101,107
        AS 1 1 011 -
        AT 43 0 00 122,133,144
        AU 61* 0 0011 000,106
        AW 297 - 00 100
        AX 358 0 00 -
        AZ 994 0 00 101,102,103
        BA 387 0 00 122,123,124
        BB 1 1 011 211,311,511
        BD 880 0 00 100,101,102,199,999
        BE 32 0 00 100,101
        BF 226 - 00 17,18
        BG 359 0 00 150,160,166
        BH 973 - 00 199,999
        BI 257 - 00 113,117
        BJ 229 - 00 117,118
        BL 590 0 00 18
        BM 1 1 011 -
        BN 673 - 00 991,993,995
        BO 591 0 00 110,118,119
        BQ 599 - 00 -
        BR 55 0 0021 128,190,192,193
        BS 1 1 011 919
        BT 975 - 00 110,113
        BW 267 - 00 997,998,999
        BY 375 8 810 101,102,103
        BZ 501 - 00 90,990
        CA 1 1 011 -
        CC 61 0 0011 000
        CD 243 0 00 113,114,118,177,188
        CF 236 - 00 117,118,1220
        CG 242 - 00 117,118
        CH 41 0 00 117,118,144
        CI 225 - 00 110,111,170,180
        CK 682 - 00 996,998,999
        CL 56 - 00 131,132,133
        CM 237 - 00 13,17,113,117
        CN 86 0 00 110,119,120
        CO 57 0 009 119,123,132,156
        CR 506 - 00 -
        CU 53 0 119 104,105,106
        CV 238 - 0 130,131,132
        CW 599* - 00 -
        CX 61 0 0011 000
        CY 357 - 00 199
        CZ 420 - 00 150,155,156,158
        DE 49 0 00 110
        DJ 253 - 00 17,18
        DK 45 - 00 114
        DM 1 1 011 333,999
        DO 1 1 011 -
        DZ 213 0 00 14,17
        EC 593 0 00 101,102
        EE 372 - 00 110
        EG 20 0 00 122,123,180
        EH 212 0 00 15,19,177
        ER 291 0 00 113,114,116
        ES 34 - 00 085,088
        ET 251 0 00 91,92,93,939,991,997
        FI 358* 0 00 -
        FJ 679 - 00 917
        FK 500 - 00 999
        FM 691 - 00 -
        FO 298 - 00 114
        FR 33 0 00 15,17,18
        GA 241 - 00 18,1300,1730
        GB 44* 0 00 999
        GD 1 1 011 -
        GE 995 0 00 011,022,033,111,113,122
        GF 594 0 00 15,17,18
        GG 44 0 00 999
        GH 233 0 00 191,192,193,999
        GI 350 - 00 190,199
        GL 299 - 00 -
        GM 220 - 00 16,17,18,116,117,118
        GN 224 - 00 117,118
        GP 590* 0 00 15,17,18
        GQ 240 - 00 113
        GR 30 - 00 100,166,199
        GT 502 - 00 110,120,123
        GU 1 1 011 -
        GW 245 - 00 113,117,118
        GY 592 - 001 912,913
        HK 852 - 00 992,999
        HN 504 - 00 199
        HR 385 0 00 93,94,192,193,194
        HT 509 - 00 114,118
        HU 36 06 00 104,105,107
        ID 62 0 008 110,113,118,119
        IE 353 0 00 999
        IL 972 0 00 100,101,102
        IM 44 0 00 999
        IN 91 0 00 100,101,102,108,1298,2611
        IO 246 - 00 999
        IQ 964 0 00 100,104,115,122
        IR 98 0 00 110,115,125
        IS 354 - 00 -
        IT 39* - 00 113,115,118
        JE 44 0 00 999
        JM 1 1 011 110,119
        JO 962 0 00 191,192,197
        JP 81 0 010 110,119
        KE 254 0 000 114,999
        KG 996 0 00 101,102,103
        KH 855 0 001 117,118,119,666
        KI 686 0 00 192,193,194,195,992,993,994
        KM 269 - 00 17,18
        KN 1 1 011 333,999
        KP 850 0 00 119,819
        KR 82 0 001 119
        KW 965 - 00 -
        KY 1 1 011 -
        KZ 7 8 810 101,102,103
        LA 856 0 00 190,191,195
        LB 961 0 00 140,175,999
        LC 1 1 011 999
        LI 423 0 00 117,118,144
        LK 94 0 00 110,116,118,119
        LR 231 0 00 355
        LS 266 - 00 115,117
        LT 370 8 00 01,02,03,011,022,033,101,102,103
        LU 352 - 00 113
        LV 371 - 00 01,02,03,110,113
        LY 218 0 00 190,191,193
        MA 212* 0 00 15,19,177
        MC 377 0 00 15,17,18
        MD 373 0 00 901,902,903
        ME 382 0 00 122,123,124
        MF 590 0 00 15,17,18
        MG 261 0 00 17,18,117,118
        MH 692 1 011 -
        MK 389 0 00 192,193,194
        ML 223 - 00 15,17,18
        MM 95 0 00 199
        MN 976 0 001 100,101,102,103,105
        MO 853 - 00 999
        MP 1 1 011 -
        MQ 596 0 00 15,17,18
        MR 222 - 00 17,18
        MS 1 1 011 999
        MT 356 - 00 -
        MU 230 - 020 114,115,995,999
        MV 960 - 00 102,118,119
        MW 265 0 00 199,997,998,999
        MX 52 01 00 060,065,066,068,080
        MY 60 0 00 999
        MZ 258 - 00 117,119,197,198
        NA 264 0 00 10111
        NC 687 - 00 15,16,17,18
        NE 227 - 00 15,17,18,118
        NF 672 - 00 955,977
        NG 234 0 009 199
        NI 505 - 00 115,118,120,128
        NL 31 0 00 -
        NO 47* - 00 110,113
        NP 977 0 00 100,101,102,103
        NR 674 - 00 110,111
        NU 683 - 00 999
        NZ 64 0 00 111
        OM 968 - 00 1444,9999
        PA 507 - 00 -
        PE 51 0 00 105,116,117
        PF 689 - 00 15,17,18
        PG 675 - 00 000,110,111
        PH 63 0 00 117
        PK 92 0 00 15,16,115,1122
        PL 48 - 00 997,998,999
        PM 508 0 00 15,17,18
        PR 1 1 011 -
        PS 970 0 00 100,101,102
        PT 351 - 00 115
        PW 680 - 011 -
        PY 595 0 00 128
        QA 974 - 00 999
        RE 262* 0 00 15,17,18
        RO 40 0 00 -
        RS 381 0 00 92,93,94
        RU 7* 8 810 01,02,03,101,102,103
        RW 250 0 00 111
        SA 966 0 00 997,999
        SB 677 - 00 999
        SC 248 - 00 999
        SD 249 0 00 999
        SE 46 0 00 90000
        SG 65 - 001 993,995,999
        SH 290* - 00 999
        SI 386 0 00 113
        SJ 47 - 00 110,113
        SK 421 0 00 150,155,158
        SL 232 0 00 019,999
        SM 378 - 00 113,115,118
        SN 221 - 00 17,18
        SO 252 0 00 555,888,999
        SR 597 - 00 115
        SS 211 0 00 999
        ST 239 - 00 -
        SV 503 - 00 913
        SX 1 1 011 919
        SY 963 0 00 110,113
        SZ 268 - 00 999
        TA 290 - 00 999
        TC 1 1 011 999
        TD 235 - 00 17,18
        TG 228 - 00 117,118,171,172,177
        TH 66 0 001 191,199,1669
        TJ 992 - 810 101,102,103
        TK 690 - 00 999
        TL 670 - 00 115
        TM 993 8 810 01,02,03
        TN 216 - 00 190,197,198
        TO 676 - 00 922,933,999
        TR 90 0 00 110,155
        TT 1 1 011 990,999
        TV 688 - 00 -
        TW 886 0 002 110,119
        TZ 255 0 000 110,111,114,115,999
        UA 380 0 00 101,102,103
        UG 256 0 000 999
        US 1* 1 011 -
        UY 598 0 00 128
        UZ 998 8 810 01,02,03,001,002,003,050
        VA 39 - 00 113,115,118
        VC 1 1 011 999
        VE 58 0 00 171
        VG 1 1 011 999
        VI 1 1 011 -
        VN 84 0 00 113,114,115
        VU 678 - 00 -
        WF 681 - 00 15,17,18
        WS 685 - 0 994,995,996,999
        XK 383 0 00 192,193,194
        YE 967 0 00 191,194,195,199
        YT 262 0 00 15
        ZA 27 0 00 10111,10177
        ZM 260 0 00 991,993,999
        ZW 263 0 00 993,994,995,999
        """
}
