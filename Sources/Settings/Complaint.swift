/// What a reading function says against one value; the reader adds file, line and key.
struct Complaint: Error {
    let message: String
    let remedy: String

    init(_ message: String, _ remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    /// Splits a sentence of the form `what is wrong; what to do`, as the errors of the pure modules are written.
    init(sentence: String) {
        guard let split = sentence.firstIndex(of: ";") else {
            self.init(sentence, "correct it")
            return
        }
        self.init(
            String(sentence[..<split]),
            String(sentence[sentence.index(after: split)...].drop { $0 == " " })
        )
    }
}
