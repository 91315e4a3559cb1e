/// What calls cost by one contract, of a SIM or of a PBX.
package struct Tariff: Sendable, Equatable {
    /// Its name in the configuration.
    package var name: String
    /// The price of each class of numbers that may have one; the price of a class without an entry is not known.
    package var prices: [NumberClass: CallPrice]
    /// What a call costs whose receiver pays, as abroad; nothing unless set.
    package var incoming: CallPrice
    /// Minutes that are paid for already, in the order in which they are used.
    package var buckets: [FreeMinutes]

    package init(
        name: String,
        prices: [NumberClass: CallPrice],
        incoming: CallPrice = .free,
        buckets: [FreeMinutes] = []
    ) {
        self.name = name
        self.prices = prices
        self.incoming = incoming
        self.buckets = buckets
    }

    /// The price of a number of a class; nil when it is not known.
    ///
    /// Emergency and toll-free numbers cost nothing unless set.
    package func price(of numberClass: NumberClass) -> CallPrice? {
        if let price = prices[numberClass] { return price }
        switch numberClass {
        case .emergency, .tollFree: return .free
        case .home, .international, .premium, .sharedCost, .satellite, .short, .callByCall: return nil
        }
    }
}

/// How a call is billed.
package struct CallPrice: Sendable, Hashable, Codable {
    /// Costs nothing.
    package static let free = CallPrice(perMinute: .zero)

    /// What a minute costs.
    package var perMinute: Money
    /// What an answered call costs on top.
    package var setup: Money
    /// The seconds that are billed at least, 1 to 3600.
    package var first: Int
    /// The seconds in which further time is billed, 1 to 3600.
    package var step: Int

    /// Creates a price; billed by the minute unless told otherwise, which is the dearer way.
    package init(perMinute: Money, setup: Money = .zero, first: Int = 60, step: Int = 60) {
        self.perMinute = perMinute
        self.setup = setup
        self.first = max(1, min(3600, first))
        self.step = max(1, min(3600, step))
    }

    /// The seconds that are billed for an answered call.
    package func billed(_ seconds: Int) -> Int {
        guard seconds > 0 else { return 0 }
        guard seconds > first else { return first }
        let (steps, rest) = (seconds - first).quotientAndRemainder(dividingBy: step)
        return first + (steps + (rest > 0 ? 1 : 0)) * step
    }

    /// Cost of a call after its free seconds; the set-up fee falls due unless all of its seconds are free.
    package func cost(_ seconds: Int, free: Int) -> Money {
        let paid = billed(seconds) - free
        guard paid > 0 else { return .zero }
        let (product, overflow) = perMinute.micros.multipliedReportingOverflow(by: Int64(paid))
        // Rounded up: a limit that is kept to the millionth is kept.
        return setup + (overflow ? Money(micros: .max) : Money(micros: product / 60 + (product % 60 > 0 ? 1 : 0)))
    }
}

extension CallPrice: CustomStringConvertible {
    /// The price without its currency: `0.09/min 60/60`, and `+0.05` for a set-up fee.
    package var description: String {
        guard perMinute > .zero || setup > .zero else { return "0.00/min" }
        return "\(perMinute)/min \(first)/\(step)" + (setup > .zero ? " +\(setup)" : "")
    }
}

/// Minutes that are paid for already, until they are renewed on a day of each month.
package struct FreeMinutes: Sendable, Hashable {
    /// The name in the configuration.
    package var name: String
    /// How many seconds there are in a period.
    package var seconds: Int
    /// The classes of numbers that they hold for.
    package var classes: Set<NumberClass>
    /// The day of the month on which they are renewed, 1 to 31; in shorter months the last one.
    package var resetDay: Int

    package init(name: String, seconds: Int, classes: Set<NumberClass> = [.home], resetDay: Int = 1) {
        self.name = name
        self.seconds = seconds
        self.classes = classes
        self.resetDay = resetDay
    }
}
