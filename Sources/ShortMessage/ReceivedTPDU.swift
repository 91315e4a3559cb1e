/// What a modem hands over of the network: a message, or the report of one that was sent (3GPP TS 23.040 §9.2.2).
package enum ReceivedTPDU: Sendable, Hashable {
    case deliver(Deliver)
    case statusReport(StatusReport)

    /// One part of a message to us: SMS-DELIVER (§9.2.2.1).
    package struct Deliver: Sendable, Hashable {
        /// The number of the service centre.
        package var centre: String?
        /// Who sent it.
        package var sender: Address
        /// When the service centre took it; nil where that is no time.
        package var at: TimeStamp?
        /// How it is written.
        package var coding: DataCoding
        /// What is in it.
        package var userData: UserData
    }

    /// What became of a message of ours: SMS-STATUS-REPORT (§9.2.2.3).
    package struct StatusReport: Sendable, Hashable {
        /// What became of it (§9.2.3.15).
        package enum Outcome: Sendable, Hashable {
            /// The far phone has it.
            case delivered
            /// The service centre still tries.
            case trying
            /// It gave up.
            case failed
        }

        /// The reference that the modem told when it sent the message.
        package var reference: UInt8
        /// To whom it was sent.
        package var recipient: Address
        /// When the outcome was reached, as the service centre says.
        package var at: TimeStamp?
        /// The octet TP-Status.
        package var status: UInt8

        /// What the status means; what is reserved is read as its group.
        package var outcome: Outcome {
            switch status {
            case 0x00...0x1F: .delivered
            case 0x20...0x3F: .trying
            default: .failed
            }
        }
    }

    /// Reads the hexadecimal line that `+CMGL`, `+CMGR`, `+CMT` and `+CDS` give in PDU mode (27.005 §3.1), with the service
    /// centre's number in front.
    package init(line: String) throws(TPDUError) {
        guard let octets = [UInt8](hex: line) else { throw .malformed("it is not made of pairs of hexadecimal digits") }
        var reader = OctetReader(octets)
        let centre = try Address.readCentre(&reader)
        let first = try reader.octet("the first octet")
        switch first & 0x03 {
        case 0x00: self = .deliver(try Self.deliver(&reader, first: first, centre: centre))
        case 0x02: self = .statusReport(try Self.statusReport(&reader))
        default: throw .malformed("it is of type \(first & 0x03), which nobody sends to a phone")
        }
    }

    private static func deliver(
        _ reader: inout OctetReader,
        first: UInt8,
        centre: String?
    ) throws(TPDUError) -> Deliver {
        let sender = try Address.read(&reader)
        _ = try reader.octet("the protocol")
        let coding = DataCoding(try reader.octet("the data coding"))
        let at = TimeStamp(try reader.octets(7, "the time"))
        let hasHeader = first & 0x40 != 0
        let data = try UserData(&reader, coding: coding, hasHeader: hasHeader)
        return Deliver(centre: centre, sender: sender, at: at, coding: coding, userData: data)
    }

    private static func statusReport(_ reader: inout OctetReader) throws(TPDUError) -> StatusReport {
        let reference = try reader.octet("the reference")
        let recipient = try Address.read(&reader)
        _ = try reader.octets(7, "the time")
        let at = TimeStamp(try reader.octets(7, "the time of the outcome"))
        let status = try reader.octet("the status")
        return StatusReport(reference: reference, recipient: recipient, at: at, status: status)
    }
}
