/// Comparisons whose duration says nothing about what is compared.
package enum ConstantTime {
    /// Whether two byte strings are the same; the time depends on their lengths alone.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}
