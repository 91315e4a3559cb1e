internal import CallAudio
internal import CallFlows
internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import Modem
internal import Synchronization

/// A caller who calls on through the box: does what the machine says, in the order in which things happen.
final class DISACaller: Sendable {
    private enum Input: Sendable {
        case begin
        case event(DISAMachine.Event)
        /// The time is up that was armed with this number.
        case timer(Int)
        /// All that was to be said has been said.
        case said
        /// The call's sound can't be had; why.
        case deaf(String)
        case over
    }

    /// How long the last words may take before the call is hung up all the same.
    private static let saysWithin = Duration.seconds(10)

    private let access: DISAAccess
    private let wards: PINWard
    private let caller: String
    private let log: Logger
    private let inbox: AsyncStream<Input>
    private let post: AsyncStream<Input>.Continuation
    private let hidesKeys = Atomic(true)

    init(_ access: DISAAccess, _ wards: PINWard, caller: String, log: Logger) {
        self.access = access
        self.wards = wards
        self.caller = caller
        self.log = log
        // A caller has few keys; who sent thousands would lose the last ones.
        (inbox, post) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(256))
    }

    /// Whether what is keyed now may be a part of the PIN.
    var keysAreSecret: Bool { hidesKeys.load(ordering: .acquiring) }

    /// Begins, once the call is answered.
    func begin() { post.yield(.begin) }

    /// Takes what is heard in the call.
    func take(_ event: LegEvent) {
        guard case .heard(let heard) = event else { return }
        switch heard {
        case .digit(let digit): post.yield(.event(.digit(digit)))
        case .announced: post.yield(.said)
        case .unavailable(let reason): post.yield(.deaf(reason))
        case .prompt: break
        }
    }

    /// Ends it with its call.
    func end() {
        post.yield(.over)
        post.finish()
    }

    // MARK: Running

    /// What is under way beside the machine.
    private struct Work {
        var armed = 0
        var timer: Task<Void, Never>?
        var placing: Task<Void, Never>?
        /// Why the call is hung up once what is being said is heard.
        var lastWords: String?
    }

    /// Follows the call to its end.
    func run(_ call: Call) async {
        var machine = DISAMachine()
        var work = Work()
        for await input in inbox {
            let now = ContinuousClock.now
            var steps: [DISAMachine.Step]
            switch input {
            case .begin: steps = machine.start(at: now)
            case .event(let event): steps = machine.handle(event, at: now)
            case .timer(let number) where number == work.armed:
                if let reason = work.lastWords { call.finish(reason) }
                steps = machine.handle(.timer, at: now)
            case .said:
                if let reason = work.lastWords { call.finish(reason) }
                steps = []
            case .timer: steps = []
            case .deaf(let reason):
                call.finish("the caller can't be asked: \(reason)")
                steps = machine.handle(.gone, at: now)
            case .over: steps = machine.handle(.gone, at: now)
            }
            while !steps.isEmpty { steps = perform(steps, machine: &machine, &work, call) }
            hidesKeys.store(machine.keysAreSecret, ordering: .releasing)
            if case .over = input { break }
        }
        work.timer?.cancel()
        work.placing?.cancel()
    }

    /// Does the steps, and returns what follows at once.
    private func perform(
        _ steps: [DISAMachine.Step],
        machine: inout DISAMachine,
        _ work: inout Work,
        _ call: Call
    ) -> [DISAMachine.Step] {
        var next: [DISAMachine.Step] = []
        var isSpeaking = false
        for step in steps {
            switch step {
            case .say(let words, let repeats):
                isSpeaking = !words.isEmpty
                let command: SoundCommand = words.isEmpty ? .hush : .announce(words, repeats: repeats)
                call.perform(command) { [weak self] in self?.take($0) }
            case .check(let keyed):
                let (isRight, isLocked) = wards.check(keyed, against: access.pin, caller: caller)
                if isLocked {
                    log.warning("a caller is locked for an hour after three wrong PINs", metadata: call.label)
                }
                next += machine.handle(.checked(isRight: isRight, isLocked: isLocked), at: .now)
            case .place(let number):
                work.placing?.cancel()
                work.placing = Task { [weak self] in await self?.place(number, call) }
            case .arm(let instant): arm(instant, &work)
            case .hangUp(let reason):
                guard isSpeaking else {
                    call.finish(reason)
                    continue
                }
                work.lastWords = reason
                arm(.now.advanced(by: Self.saysWithin), &work)
            }
        }
        return next
    }

    private func arm(_ instant: ContinuousClock.Instant, _ work: inout Work) {
        work.timer?.cancel()
        work.armed += 1
        work.timer = Task { [post, number = work.armed] in
            // Cancelled means that something else is waited for.
            guard (try? await Task.sleep(until: instant)) != nil else { return }
            post.yield(.timer(number))
        }
    }

    private func place(_ number: String, _ call: Call) async {
        do {
            let order = try await access.order(number)
            guard let sound = call.sound as? CallSound else { throw AudioPortError("the call has no sound") }
            try await sound.bring { hooks throws(AudioPortError) in
                try SecondLeg.begin(order, for: call.id, call.tools, hooks)
            }
            post.yield(.event(.joined))
        } catch {
            // Not what was keyed, which stands in the reason of a refusal, and may be the PIN.
            let why = (error as? ControlError)?.word ?? "\(error)"
            log.notice("the caller is not connected: \(why)", metadata: call.label)
            post.yield(.event(.refused))
        }
    }
}

extension Call {
    fileprivate var label: Logger.Metadata { ["call": "\(id.name)"] }
}
