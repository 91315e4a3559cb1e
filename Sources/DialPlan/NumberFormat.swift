/// How a number is written on a wire; the raw values are those of `number_format`.
package enum NumberFormat: String, Sendable, Hashable, CaseIterable {
    /// Country code and number: `49221669669`.
    case e164
    /// The same behind a plus: `+49221669669`.
    case plusE164 = "plus_e164"
    /// The same behind two zeros: `0049221669669`.
    case international00 = "00"
    /// As dialled inside the region: `0221669669`; a number abroad gets the region's international prefix.
    case national
}
