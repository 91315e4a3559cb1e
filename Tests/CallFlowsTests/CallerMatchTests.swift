import CallFlows
import CallModel
import Testing

@Suite struct CallerMatchTests {
    @Test(
        "a caller is matched by the last digits",
        arguments: [
            ("+4922166966960", "+4922166966960", true),
            ("+4922166966960", "022166966960", true),
            ("+4922166966960", "22166966960", true),
            ("+4922166966960", "004922166966960", true),
            ("+4922166966960", "4922166966960", true),
            ("+4922166966960", "+022166966960", true),
            ("0221 669 669-60", "+4922166966960", true),
            ("(0221) 66966960", "022166966960", true),
            ("004922166966960", "+4922166966960", true),
            // Eight digits behind the trunk zero.
            ("+4989123456", "089123456", true),
            ("+4989123456", "89123456", true),
            ("+4989123456", "1189123456", false),
            ("+498912345", "08912345", true),
            ("+4922166966960", "+4922166966961", false),
            ("+4922166966960", "+3322166966960", false),
            ("+4922166966960", "66966960", false),
            // A national number with digits too many in front is another country's, or nobody's.
            ("+4922166966960", "1122166966960", false),
            ("+4922166966960", "9922166966960", false),
            ("+4922166966960", "0922166966960", false),
            ("022166966960", "4922166966960", true),
            ("4922166966960", "022166966960", true),
            ("+4922166966960", "60", false),
            // Country codes that end as the trunk prefix does.
            ("+902123456789", "02123456789", true),
            ("+40211234567", "0211234567", true),
            ("+3612345678", "0612345678", true),
            ("02123456789", "+902123456789", true),
            ("+902123456789", "92123456789", false),
            ("+4922166966960", "", false),
            ("+4922166966960", "+", false),
            ("+4922166966960", "0", false),
            ("+4922166966960", "00", false),
            ("+4922166966960", "+++4922166966960", false),
            ("+4922166966960", "*31#22166966960", false),
            ("+4922166966960", "Office", false),
            // Internal numbers.
            ("42", "42", true),
            ("42", "042", false),
            ("42", "142", false),
            ("42", "4922166966942", false),
            ("123456", "123456", true),
            ("123456", "0123456", false),
            ("1234567", "01234567", true),
            ("", "", false),
            ("-", "022166966960", false),
        ]
    )
    func matches(_ configured: String, _ caller: String, _ expected: Bool) {
        #expect(CallerMatch([configured]).matches(caller) == expected)
    }

    @Test("a withheld caller matches nothing, and nothing matches no numbers")
    func nothing() {
        #expect(!CallerMatch(["+4922166966960"]).matches(nil))
        #expect(!CallerMatch([]).matches("+4922166966960"))
        #expect(CallerMatch(["+4930123456", "+4922166966960"]).matches("022166966960"))
    }
}
