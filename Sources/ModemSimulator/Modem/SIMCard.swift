/// A SIM card with its counters (3GPP TS 31.101).
struct SIMCard: Sendable {
    enum State: Sendable, Equatable {
        case absent
        case busy
        case pinRequired
        case pukRequired
        case ready
    }

    private(set) var state: State
    /// Tries left for the PIN, 3 at most.
    private(set) var pinTries = 3
    private var code: String?
    /// Every PIN that was tried, for tests; bounded.
    private(set) var attempts: [String] = []

    init(_ condition: SIMCondition) {
        switch condition {
        case .ready: state = .ready
        case .pin(let code, let tries):
            pinTries = min(max(tries, 0), 3)
            state = tries > 0 ? .pinRequired : .pukRequired
            self.code = code
        case .puk:
            state = .pukRequired
            pinTries = 0
        case .absent: state = .absent
        case .busy: state = .busy
        }
    }

    /// The 27.007 error that a command meets which needs the SIM; nil when the card is ready.
    var failure: Int? {
        switch state {
        case .absent: 10
        case .busy: 14
        case .pinRequired: 11
        case .pukRequired: 12
        case .ready: nil
        }
    }

    /// Tries a PIN; returns nil when it was right, else a 27.007 error.
    mutating func enter(_ pin: String) -> Int? {
        if attempts.count < 1000 { attempts.append(pin) }
        switch state {
        case .absent: return 10
        case .busy: return 14
        case .pukRequired: return 12
        case .ready: return 3
        case .pinRequired:
            if pin == code {
                pinTries = 3
                state = .ready
                return nil
            }
            pinTries -= 1
            if pinTries == 0 { state = .pukRequired }
            return pinTries == 0 ? 12 : 16
        }
    }

    mutating func becomeReady() {
        if state == .busy { state = .ready }
    }

    mutating func becomeBusy() {
        if state == .ready { state = .busy }
    }

    /// Power was lost: the PIN is wanted again, the counters stay.
    mutating func restart() {
        if code != nil, state == .ready || state == .busy { state = .pinRequired }
        becomeBusy()
    }
}
