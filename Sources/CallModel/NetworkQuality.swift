/// How the way of RTP to another side was, as both ends have told each other by RTCP (RFC 3550 §6).
package struct NetworkQuality: Sendable, Hashable, Codable {
    /// Of 100 packets that should have come, those that never did.
    package var loss: Double
    /// How unevenly they came, in milliseconds: the worst there was.
    package var jitter: Double
    /// The same of what we send, as the other side says; nil where it says nothing.
    package var farLoss: Double?
    package var farJitter: Double?
    /// How long there and back takes, in milliseconds: the worst there was; nil where the other side says nothing.
    package var roundTrip: Int?

    /// Creates one.
    package init(loss: Double, jitter: Double, farLoss: Double? = nil, farJitter: Double? = nil, roundTrip: Int? = nil)
    {
        (self.loss, self.jitter, self.roundTrip) = (loss, jitter, roundTrip)
        (self.farLoss, self.farJitter) = (farLoss, farJitter)
    }

    private enum CodingKeys: String, CodingKey {
        case loss = "loss_percent"
        case jitter = "jitter_ms"
        case farLoss = "far_loss_percent"
        case farJitter = "far_jitter_ms"
        case roundTrip = "round_trip_ms"
    }

    /// Why people can't talk well over it; nil where they can.
    ///
    /// ITU-T G.114 wants less than 400 ms one way; G.711 with concealment takes 5 % of loss (ITU-T G.113, appendix I); more
    /// jitter than 60 ms is beyond what is buffered here.
    package var weakness: String? {
        let (lost, late) = (max(loss, farLoss ?? 0), max(jitter, farJitter ?? 0))
        if loss > 99 { return "nothing of what is said there comes here" }
        if let farLoss, farLoss > 99 { return "nothing of what is said here comes there" }
        if lost > 5 { return "\(Int(lost.rounded())) % of the packets are lost" }
        if late > 60 { return "packets come up to \(Int(late.rounded())) ms late" }
        if let roundTrip, roundTrip > 800 { return "sound takes \(roundTrip) ms there and back" }
        return nil
    }
}
