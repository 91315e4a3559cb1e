@testable import DialPlan

extension PhoneNumber {
    /// Whether both reach the same line, however they were written; false where that can't be told.
    func isSameNumber(as other: PhoneNumber) -> Bool {
        switch (form, other.form) {
        case (.full(let e164, _), .full(let another, _)): e164 == another
        case (.nationalOnly(let digits), .nationalOnly(let others)): digits == others && region == other.region
        case (.full, .nationalOnly), (.nationalOnly, .full): false
        }
    }
}
