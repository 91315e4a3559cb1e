/// A line of the directory that the simulator prints for people.
package struct DirectoryEntry: Sendable, Equatable {
    /// The number in international format.
    package let number: String
    /// Whether it is an access number, to be given to `--access-number`, or a target.
    package let isAccessNumber: Bool
    /// What happens when it is called, in a few words.
    package let outcome: String
}

extension SimulatedNetwork {
    /// The network with the numbers of ``standardDirectory``.
    package static let standard: SimulatedNetwork = {
        var network = SimulatedNetwork()
        for row in accessRows { network.accessNumbers[row.number] = row.access }
        for row in subscriberRows { network.subscribers[row.number] = row.behaviour }
        network.voices = [
            "+493023125008": .echo(after: .milliseconds(200)),
            "+493023125009": .digits("1234567890*#ABCD", after: .milliseconds(500)),
        ]
        return network
    }()

    /// The numbers of ``standard`` and what each does.
    package static let standardDirectory: [DirectoryEntry] =
        accessRows.map { DirectoryEntry(number: $0.number, isAccessNumber: true, outcome: $0.outcome) }
        + subscriberRows.map { DirectoryEntry(number: $0.number, isAccessNumber: false, outcome: $0.outcome) }

    private static let accessRows: [(number: String, access: AccessNumber, outcome: String)] = [
        ("+4922166966966", AccessNumber(), "rings, answers, takes digits until #, dials on"),
        ("+4922166966967", AccessNumber(pin: "4711"), "the same, wants the PIN 4711# first"),
        (
            "+4922166966968",
            AccessNumber(promptDelay: .milliseconds(1200)),
            "the same, deaf for the first 1.2 s after the answer"
        ),
        ("+4922166966970", AccessNumber(behaviour: .busy(after: .milliseconds(700))), "busy"),
        (
            "+4922166966971",
            AccessNumber(behaviour: .noAnswer(alerting: .milliseconds(500), givesUpAfter: .seconds(90))),
            "rings for 90 s, nobody answers"
        ),
        (
            "+4922166966972",
            AccessNumber(
                behaviour: .reject(alerting: .milliseconds(500), after: .milliseconds(1500), cause: 21)
            ),
            "rings, then rejects (cause 21)"
        ),
        (
            "+4922166966973",
            AccessNumber(hangsUpAfterDigits: 0),
            "answers and hangs up half a second later"
        ),
        ("+4922166966974", AccessNumber(hangsUpAfterDigits: 3), "answers and hangs up after three digits"),
        (
            "+4922166966975",
            AccessNumber(behaviour: .alertThenAnswer(alerting: .milliseconds(500), answer: .seconds(8))),
            "answers after 8 s"
        ),
        (
            "+4922166966976",
            AccessNumber(behaviour: .immediateAnswer),
            "answers at once, is never seen ringing"
        ),
        (
            "+4922166966977",
            AccessNumber(
                behaviour: .announcementThenAnswer(announcement: .milliseconds(500), answer: .seconds(4))
            ),
            "announcement (no answer yet) for 3.5 s, then answers"
        ),
        (
            "+4922166966978",
            AccessNumber(behaviour: .unreachable(after: .milliseconds(900), cause: 20)),
            "not reachable (cause 20)"
        ),
        (
            "+4922166966979",
            AccessNumber(behaviour: .unreachable(after: .milliseconds(600), cause: 1)),
            "no such number (cause 1)"
        ),
        (
            "+4922166966980",
            AccessNumber(behaviour: .unreachable(after: .milliseconds(600), cause: 34)),
            "network congested (cause 34)"
        ),
        (
            "+4922166966981",
            AccessNumber(
                behaviour: .noAnswer(alerting: .milliseconds(500), givesUpAfter: .seconds(6))
            ),
            "rings for 6 s, then the network gives up (cause 19)"
        ),
    ]

    private static let subscriberRows: [(number: String, behaviour: NumberBehaviour, outcome: String)] = [
        ("+4930123456", .ordinary, "answers, talks until somebody hangs up"),
        (
            "+493012345678",
            .hangUp(alerting: .milliseconds(500), answer: .milliseconds(1200), afterAnswered: .seconds(5)),
            "answers, hangs up after 5 s"
        ),
        ("+493023125001", .busy(after: .milliseconds(700)), "busy"),
        (
            "+493023125002",
            .noAnswer(alerting: .milliseconds(500), givesUpAfter: .seconds(90)),
            "rings for 90 s, nobody answers"
        ),
        (
            "+493023125003",
            .reject(alerting: .milliseconds(500), after: .milliseconds(1500), cause: 21),
            "rings, then rejects (cause 21)"
        ),
        ("+493023125004", .unreachable(after: .milliseconds(900), cause: 20), "not reachable (cause 20)"),
        ("+493023125005", .immediateAnswer, "answers at once"),
        (
            "+493023125006",
            .announcementThenAnswer(announcement: .milliseconds(500), answer: .seconds(4)),
            "announcement for 3.5 s, then answers"
        ),
        (
            "+493023125007",
            .hangUp(alerting: .milliseconds(500), answer: .milliseconds(1200), afterAnswered: .seconds(1)),
            "answers, hangs up after 1 s"
        ),
        ("+493023125008", .ordinary, "answers, and lets the caller hear himself, 200 ms late"),
        ("+493023125009", .ordinary, "answers, and says the 16 digits of DTMF once"),
        ("110", .alertThenAnswer(alerting: .milliseconds(300), answer: .milliseconds(900)), "emergency"),
        ("112", .alertThenAnswer(alerting: .milliseconds(300), answer: .milliseconds(900)), "emergency"),
    ]
}
