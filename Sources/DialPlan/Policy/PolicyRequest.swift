/// What the policy is asked: one call, before anything is dialled.
package struct PolicyRequest: Sendable {
    /// Who asks.
    package enum Origin: String, Sendable, Hashable, CaseIterable {
        /// A person at this box, or a command of theirs.
        case local
        /// Anybody who reaches this box over a network: a webhook, the TCP interface.
        case remote
    }

    /// The call's id.
    package var call: String
    /// Whom the call shall reach.
    package var number: PhoneNumber
    /// How that number goes on the wire.
    package var format: NumberFormat
    /// Who asks.
    package var origin: Origin
    /// The modem, by its name in the configuration or as it was given.
    package var modem: String
    /// What is paid for.
    package var legs: [CostLeg]
    /// How long the call shall last at most, in seconds; never longer than the limits say.
    package var seconds: Int

    package init(
        call: String,
        number: PhoneNumber,
        format: NumberFormat = .plusE164,
        origin: Origin = .local,
        modem: String,
        legs: [CostLeg] = [],
        seconds: Int
    ) {
        self.call = call
        self.number = number
        self.format = format
        self.origin = origin
        self.modem = modem
        self.legs = legs
        self.seconds = seconds
    }
}

/// One leg of a call that is paid for.
package struct CostLeg: Sendable, Equatable {
    /// Who pays.
    package enum Payer: String, Sendable, Hashable {
        /// The contract of the SIM.
        case sim = "SIM"
        /// The contract of the PBX.
        case pbx = "PBX"
    }

    /// Who pays.
    package var payer: Payer
    /// Whose minutes it uses: the modem's or the PBX's name.
    package var account: String
    /// The tariff; nil when none is configured.
    package var tariff: Tariff?
    /// The class of the number that is called on this leg.
    package var numberClass: NumberClass
    /// Whether the payer is the one who is called.
    package var isIncoming: Bool

    package init(
        payer: Payer,
        account: String,
        tariff: Tariff?,
        numberClass: NumberClass,
        isIncoming: Bool = false
    ) {
        self.payer = payer
        self.account = account
        self.tariff = tariff
        self.numberClass = numberClass
        self.isIncoming = isIncoming
    }

    /// What this leg costs; nil when it is not known.
    package var price: CallPrice? {
        guard let tariff else { return nil }
        return isIncoming ? tariff.incoming : tariff.price(of: numberClass)
    }

    /// The buckets that hold for this leg, with the seconds that are left in each.
    package func freeSeconds(_ usage: Usage, on day: LocalDate) -> [ReservedLeg.FreeUse] {
        guard let tariff, !isIncoming else { return [] }
        return tariff.buckets.filter { $0.classes.contains(numberClass) }
            .map { bucket in
                let used = usage.used(bucket, account: account, on: day)
                return ReservedLeg.FreeUse(bucket: bucket.name, seconds: max(0, bucket.seconds - max(0, used)))
            }
    }

    /// What is reserved for a call of so many seconds.
    func reserved(_ seconds: Int, free: [ReservedLeg.FreeUse]) -> ReservedLeg {
        ReservedLeg(price: price, account: account, free: price == nil ? [] : free).settled(answered: seconds)
    }
}
