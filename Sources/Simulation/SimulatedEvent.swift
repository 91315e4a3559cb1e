import FoundationEssentials
import ModemSimulator
internal import NetworkSimulator

/// Something that happened at the far side, with what is needed to understand it by itself.
struct SimulatedEvent: Sendable {
    let event: FarSideEvent
    let at: Date
    /// The modem whose call it is, also where the PBX dials on for it.
    let modem: Int?
    let family: ModemFamily?
    /// Whether the PBX made this call in order to dial on.
    let isLegOfPBX: Bool
    /// Every digit that was heard in the call so far.
    let digits: String

    /// What happened, in a few words.
    var text: String {
        switch event {
        case .arrived(_, let number, let caller, _):
            "\(number) is called by \(isLegOfPBX ? "the PBX, " : "")\(caller.isEmpty ? "a withheld number" : caller)"
        case .answered(_, let number): "\(number) answers"
        case .digit(_, let number, let digit, _): "\(number) hears \(digit), so far \(digits)"
        case .ignoredDigit(_, let number, let digit): "\(number) does not listen yet, \(digit) is lost"
        case .sound(_, let number, let seconds): "\(number) has heard \(seconds) s of sound"
        case .joined(_, let number, let target): "\(number) joins the caller with \(target)"
        case .ended(_, let number, let party, let cause):
            "\(number): the call was ended by the \(party.rawValue), cause \(cause)"
                + (digits.isEmpty ? "" : ", heard \(digits)")
        case .serviceCode(_, let code): "the modem sends the service code \(code)"
        case .message(let part):
            "a message to \(part.number), part \(part.place) of \(part.count): \(part.text)"
        case .pbx(let news): "\(news)"
        }
    }
}

extension SimulatedEvent: Encodable {
    private enum Key: String, CodingKey {
        case event
        case at
        case call
        case modem
        case family
        case leg
        case number
        case caller
        case digit
        case digits
        case target
        case by
        case cause
        case code
        case text
        case part
        case parts
        case id
        case reason
        case seconds
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)), forKey: .at)
        try fields.encodeIfPresent(modem, forKey: .modem)
        try fields.encodeIfPresent(family?.rawValue, forKey: .family)
        switch event {
        case .arrived(let call, let number, let caller, _):
            try encode("arrived", call, number, in: &fields)
            try fields.encode(caller, forKey: .caller)
        case .answered(let call, let number):
            try encode("answered", call, number, in: &fields)
        case .digit(let call, let number, let digit, _):
            try encode("digit", call, number, in: &fields)
            try fields.encode(String(digit), forKey: .digit)
        case .ignoredDigit(let call, let number, let digit):
            try encode("ignored_digit", call, number, in: &fields)
            try fields.encode(String(digit), forKey: .digit)
        case .sound(let call, let number, let seconds):
            try encode("sound", call, number, in: &fields)
            try fields.encode(seconds, forKey: .seconds)
        case .joined(let call, let number, let target):
            try encode("joined", call, number, in: &fields)
            try fields.encode(target, forKey: .target)
        case .ended(let call, let number, let party, let cause):
            try encode("ended", call, number, in: &fields)
            try fields.encode(party == .farSide ? "far_side" : party.rawValue, forKey: .by)
            try fields.encode(cause, forKey: .cause)
        case .serviceCode(_, let code):
            try fields.encode("sim.service_code", forKey: .event)
            try fields.encode(code, forKey: .code)
        case .message(let part):
            try fields.encode("sim.message", forKey: .event)
            try fields.encode(part.number, forKey: .number)
            try fields.encode(part.text, forKey: .text)
            try fields.encode(part.place, forKey: .part)
            try fields.encode(part.count, forKey: .parts)
        case .pbx(let news):
            try fields.encode("sim.pbx.\(news.name)", forKey: .event)
            try encode(news, in: &fields)
        }
    }

    private func encode(_ news: SimulatedPBX.Event, in fields: inout KeyedEncodingContainer<Key>) throws {
        switch news {
        case .incoming(let id, let from, let to), .held(let id, let from, let to, _):
            try fields.encode(id, forKey: .id)
            try fields.encode(from, forKey: .caller)
            try fields.encode(to, forKey: .number)
        case .ringing(let id, let call, let number, let from), .parked(let id, let call, let number, let from):
            try fields.encode(id, forKey: .id)
            try fields.encode(call, forKey: .call)
            try fields.encode(number, forKey: .number)
            try fields.encode(from, forKey: .caller)
        case .unanswered(let id, let cause):
            try fields.encode(id, forKey: .id)
            try fields.encode(cause, forKey: .cause)
        case .claimed(let id, let ticket):
            try fields.encode(id, forKey: .id)
            try fields.encode(ticket, forKey: .by)
        case .joined(let id, let call, let caller, let target):
            try fields.encode(id, forKey: .id)
            try fields.encode(call, forKey: .call)
            try fields.encode(caller, forKey: .caller)
            try fields.encode(target, forKey: .target)
        case .released(let id, let reason):
            try fields.encode(id, forKey: .id)
            try fields.encode(reason, forKey: .reason)
        case .turnedAway(let call, let number):
            try fields.encode(call, forKey: .call)
            try fields.encode(number, forKey: .number)
        case .answered(let id), .gaveUp(let id), .expired(let id), .ended(let id, _):
            try fields.encode(id, forKey: .id)
        }
    }

    private func encode(
        _ name: String,
        _ call: Int,
        _ number: String,
        in fields: inout KeyedEncodingContainer<Key>
    ) throws {
        try fields.encode("sim.\(name)", forKey: .event)
        try fields.encode(call, forKey: .call)
        try fields.encode(isLegOfPBX ? "pbx" : "modem", forKey: .leg)
        try fields.encode(number, forKey: .number)
        try fields.encode(digits, forKey: .digits)
    }
}

/// The calls that are up, so that each event can be told with its modem and the digits so far.
struct SimulatedCallBook {
    private struct Entry {
        let modem: Int?
        let isLegOfPBX: Bool
        var digits = ""
    }

    private let families: [ModemFamily]
    private var calls: [Int: Entry] = [:]

    /// Creates an empty book; `families` are those of the modems, by index.
    init(families: [ModemFamily]) { self.families = families }

    /// Takes an event; `peer` tells the call with which another one is, or is about to be, joined.
    mutating func enter(_ event: FarSideEvent, at: Date = Date(), peer: (Int) -> Int?) -> SimulatedEvent {
        let entry: Entry
        switch event {
        case .arrived(let call, _, _, let modem):
            let owner = modem ?? peer(call).flatMap { calls[$0]?.modem }
            entry = Entry(modem: owner, isLegOfPBX: modem == nil)
            calls[call] = entry
        case .digit(let call, _, _, let digits):
            calls[call]?.digits = digits
            entry = entryOf(call)
        case .answered(let call, _), .ignoredDigit(let call, _, _), .joined(let call, _, _), .sound(let call, _, _):
            entry = entryOf(call)
        case .ended(let call, _, _, _):
            entry = entryOf(call)
            calls[call] = nil
        case .message(let part):
            entry = Entry(modem: part.modem, isLegOfPBX: false)
        case .serviceCode(let modem, _):
            entry = Entry(modem: modem, isLegOfPBX: false)
        case .pbx(.ringing(_, let call, _, _)), .pbx(.parked(_, let call, _, _)), .pbx(.joined(_, let call, _, _)),
            .pbx(.turnedAway(let call, _)):
            entry = entryOf(call)
        case .pbx:
            entry = Entry(modem: nil, isLegOfPBX: false)
        }
        let family = entry.modem.flatMap { families.indices.contains($0) ? families[$0] : nil }
        return SimulatedEvent(
            event: event,
            at: at,
            modem: entry.modem,
            family: family,
            isLegOfPBX: entry.isLegOfPBX,
            digits: entry.digits
        )
    }

    private func entryOf(_ call: Int) -> Entry { calls[call] ?? Entry(modem: nil, isLegOfPBX: false) }
}
