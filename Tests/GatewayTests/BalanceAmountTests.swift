import DialPlan
import Testing

@testable import Messages

/// What stands in the answers of networks.
@Suite("Amounts in answers")
struct BalanceAmountTests {
    @Test(
        "the decimal sign is told by the places behind it, of which some currencies have three",
        arguments: [
            ("Guthaben: 12,34 EUR", "EUR", "12.34"), ("1.234,56", "EUR", "1234.56"), ("1,234.5", "EUR", "1234.5"),
            ("1.250", "EUR", "1250"), ("1.250", "KWD", "1.25"), ("12,5", "kwd", "12.5"),
            ("1,250.750", "BHD", "1250.75"),
            ("-5,00", "EUR", "-5.00"), ("7", "EUR", "7"),
        ]
    )
    func amounts(_ text: String, _ currency: String, _ expected: String) throws {
        let amount = MessageDesk.amount(in: text, "[0-9][0-9.,]*", places: MessageDesk.places(of: currency))
        let wanted = try #require(Money(text: expected.filter { $0 != "-" }))
        #expect(amount?.micros == (expected.hasPrefix("-") ? -wanted.micros : wanted.micros))
    }
}
