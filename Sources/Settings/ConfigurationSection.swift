internal import Yams

/// One block of keys of the file: `gateway`, `pbx.office`, `modems.o2.match` and so on.
struct ConfigurationSection {
    struct Entry {
        let name: String
        /// Where the key stands.
        let line: Int
        let node: Node
    }

    /// The block's own key with its sections; empty for the whole file.
    let path: String
    /// The line of the block's own key; nil where the block is not in the file.
    let line: Int?
    /// What stands in it, in the order of the file, each name once.
    let entries: [Entry]

    /// A block that is not in the file, so that everything in it has its default.
    static func absent(_ path: String) -> ConfigurationSection {
        ConfigurationSection(path: path, line: nil, entries: [])
    }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    subscript(name: String) -> Entry? { entries.first { $0.name == name } }
}

/// The keys that each block knows.
enum ConfigurationKeys {
    static let root = ["gateway", "modems", "pbx", "policy", "tariffs", "calls", "control", "webhooks"]
    static let gateway = [
        "name", "region", "state_dir", "socket", "queue_for", "grace", "modem_choice", "unknown_callers",
        "after_crash",
    ]
    static let modem = ["match", "number", "pin", "baud", "rtscts", "tariff", "roaming_tariff", "limits"]
    static let match = ["imei", "iccid", "usb_path", "tty"]
    static let secret = ["credential", "file"]
    static let pbx =
        ["profile", "url", "user", "password", "callthrough", "reverse", "callback", "tariff"] + pbxProfile
    static let callthrough = ["access_number", "settle", "script", "pin", "number_format", "tone", "gap"]
    static let reverse = ["ring_from", "mode", "accept", "token"]
    static let callback = ["ring_from", "expect_within"]
    static let limits = [
        "max_calls_per_minute", "max_calls_per_hour", "max_calls_per_day", "max_minutes_per_day",
        "max_minutes_per_month",
        "max_cost_per_day", "max_cost_per_month",
    ]
    static let policy =
        ["allow", "deny", "allow_prefixes", "deny_prefixes", "max_duration", "quiet_hours", "prefer", "currency"]
        + limits
    static let tariff = ["prices", "incoming", "free_minutes"]
    static let prices = [
        "home", "international", "premium", "shared_cost", "satellite", "toll_free", "short", "call_by_call",
    ]
    static let price = ["per_minute", "setup", "billing"]
    static let bucket = ["minutes", "classes", "reset_day"]
    static let calls = ["detail_days"]
    static let control = ["listen", "token", "read_token", "names", "expose_unencrypted"]

    /// Where each key belongs, for people who put it into another block.
    static func home(of key: String) -> String? {
        let places = [
            ("gateway", gateway), ("modems.NAME", modem), ("modems.NAME.match", match), ("pbx.NAME", pbx),
            ("pbx.NAME.callthrough", callthrough), ("pbx.NAME.reverse", reverse), ("pbx.NAME.callback", callback),
            ("policy", policy), ("calls", calls), ("control", control), ("tariffs.NAME", tariff),
            ("tariffs.NAME.prices.CLASS", price), ("tariffs.NAME.free_minutes.NAME", bucket), ("webhooks", webhooks),
            ("webhooks.notify", notify),
        ]
        return places.first { $0.1.contains(key) }?.0
    }
}
