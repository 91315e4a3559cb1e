import CallModel
import TestSupport
import Testing

@testable import CallFlows

@Suite("The sound of one call") struct CallSoundMachineTests {
    private typealias Machine = CallSoundMachine

    private static let socket = AudioSpec.audioSocket(host: "127.0.0.1", port: 9092, uuid: nil)
    private static let wave = AudioSpec.wave(playing: "/a.wav", recording: nil)

    private func report(_ state: SoundReport.State, _ of: String, _ reason: String? = nil) -> Machine.Step {
        .report(SoundReport(state, endpoint: of, reason: reason))
    }

    /// A machine whose sides are joined.
    private func joined(_ spec: AudioSpec) -> Machine {
        var machine = Machine(spec)
        _ = machine.handle(.answered)
        _ = machine.handle(.legOpened)
        _ = machine.handle(.inProgress)
        _ = machine.handle(.endpointOpened)
        return machine
    }

    @Test("a party is there from the answer on, a file from when the target is handed over")
    func order() {
        var party = Machine(Self.socket)
        #expect(party.handle(.answered) == [.openLeg])
        #expect(party.handle(.legOpened) == [.openEndpoint])
        #expect(party.handle(.endpointOpened) == [.join, report(.started, Self.socket.description)])
        var file = Machine(Self.wave)
        #expect(file.handle(.answered) == [.openLeg])
        #expect(file.handle(.legOpened).isEmpty)
        #expect(file.handle(.inProgress) == [.openEndpoint])
        #expect(file.handle(.endpointOpened) == [.join, report(.started, Self.wave.description)])
        #expect(file.handle(.over) == [report(.ended, Self.wave.description), .part])
        #expect(file.handle(.over).isEmpty)
    }

    @Test("without an endpoint the leg is opened when something is wanted of it, and joined with who comes later")
    func later() {
        var machine = Machine(.none)
        #expect(machine.handle(.answered).isEmpty && machine.handle(.inProgress).isEmpty)
        #expect(machine.handle(.wanted) == [.openLeg])
        let second = AudioSpec.modem("m1", number: "+4930123456")
        // Before the leg has sound nobody can be joined.
        #expect(machine.handle(.endpointCame(second)).isEmpty)
        #expect(machine.handle(.legOpened).isEmpty)
        #expect(machine.handle(.endpointCame(second)) == [.join, report(.started, second.description)])
        let left = "the other end has left"
        #expect(
            machine.handle(.seen(.endpoint, .gone)) == [
                report(.ended, second.description, left), .leave, .hangUp(left),
            ]
        )
        #expect(machine.handle(.over) == [.part])
    }

    @Test("an endpoint that can't be had ends the call, which was no success; a call for help goes on")
    func missing() {
        for (spec, outcome) in [
            (Self.socket, CallOutcome.pbxUnreachable), (.audioSocketCall, .pbxUnreachable),
            (.modem("m1", number: "1"), .lost),
            (.alsa(device: nil), .lost), (.record("/a.wav"), .lost),
        ] {
            for isForHelp in [false, true] {
                var machine = Machine(spec, isForHelp: isForHelp)
                _ = machine.handle(.answered)
                _ = machine.handle(.legOpened)
                _ = machine.handle(.inProgress)
                let steps = machine.handle(.endpointFailed("no"))
                let ends: [Machine.Step] = isForHelp ? [] : [.fail(outcome), .hangUp("no")]
                #expect(steps == [report(.ended, spec.description, "no")] + ends)
                #expect(machine.handle(.endpointOpened).isEmpty)
            }
        }
    }

    @Test("a leg without sound is told once; a call that is nothing without sound is hung up, and was no success")
    func deaf() {
        for (spec, hangsUp) in [
            (Self.socket, true), (.play("/a.wav"), true), (Self.wave, false), (.phone("desk"), false),
        ] {
            var machine = Machine(spec)
            _ = machine.handle(.answered)
            let steps = machine.handle(.legFailed("no sound"))
            #expect(steps.first == report(.ended, spec.description, "no sound"))
            #expect(steps.contains(.fail(.lost)) == hangsUp && steps.count == (hangsUp ? 3 : 1))
            #expect(machine.handle(.legFailed("no sound")).isEmpty)
        }
    }

    @Test("a leg that stands still is repaired once, and told of each time; its device gone is the same")
    func repair() {
        var machine = joined(Self.socket)
        let silent = report(.stalled, Machine.modem, "nothing has come from it for 2 s")
        #expect(machine.handle(.seen(.leg, .silent)) == [silent, .repairLeg])
        let sound = LegSound.tty(path: "/dev/ttyUSB1", rate: 8000)
        #expect(machine.handle(.leg(.repaired(sound))) == [.openLegAgain(sound)])
        #expect(machine.handle(.seen(.leg, .resumed)) == [report(.resumed, Machine.modem)])
        #expect(machine.handle(.seen(.leg, .silent)) == [silent])
        var gone = joined(Self.socket)
        #expect(
            gone.handle(.seen(.leg, .gone)) == [report(.stalled, Machine.modem, "its device is gone"), .repairLeg]
        )
        #expect(gone.handle(.leg(.lost("no"))) == [report(.ended, Machine.modem, "no")])
        #expect(gone.handle(.seen(.leg, .gone)) == [report(.ended, Machine.modem, "its device is gone")])
    }

    @Test("both halves have to move again before it counts as going on")
    func halves() {
        var machine = joined(Self.socket)
        _ = machine.handle(.seen(.leg, .silent))
        _ = machine.handle(.seen(.leg, .blocked))
        #expect(machine.handle(.seen(.leg, .resumed)).isEmpty)
        #expect(machine.handle(.seen(.leg, .resumed)) == [report(.resumed, Machine.modem)])
        #expect(machine.handle(.seen(.leg, .resumed)).isEmpty)
    }

    @Test("a file that is to end the call does so at its end, any other does not")
    func played() {
        var last = joined(.play("/a.wav"))
        #expect(last.handle(.seen(.endpoint, .played)) == [.hangUp(nil)])
        var on = joined(Self.wave)
        #expect(on.handle(.seen(.endpoint, .played)).isEmpty)
    }

    @Test("the modem's word that it takes no more pauses it")
    func pause() {
        var machine = joined(Self.socket)
        #expect(machine.handle(.leg(.uplink(isPaused: true))) == [.pauseLeg(true)])
        #expect(machine.handle(.leg(.uplink(isPaused: false))) == [.pauseLeg(false)])
    }

    @Test(
        "under random events: one at a time is joined, parted once, and nothing after that",
        arguments: 0..<400 as Range<UInt64>
    )
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let specs: [AudioSpec] = [
            .none, Self.wave, .play("/a.wav"), Self.socket, .modem("m1", number: "1"), .phone("desk"),
        ]
        var machine = Machine(specs[Int(seed) % specs.count])
        let sound = LegSound.tty(path: "/dev/ttyUSB1", rate: 8000)
        let events: [Machine.Event] = [
            .answered, .inProgress, .wanted, .legOpened, .legFailed("no"), .leg(.repaired(sound)), .leg(.lost("no")),
            .leg(.uplink(isPaused: true)), .endpointOpened, .endpointFailed("no"),
            .endpointCame(.modem("m2", number: "2")),
            .seen(.leg, .silent), .seen(.leg, .gone), .seen(.endpoint, .gone), .seen(.endpoint, .played),
            .seen(.leg, .resumed),
        ]
        var steps: [Machine.Step] = []
        for _ in 0..<60 { steps += machine.handle(events[Int.random(in: 0..<events.count, using: &random)]) }
        #expect(
            steps.count { $0 == .join } <= 1 + steps.count { $0 == .leave } && steps.count { $0 == .repairLeg } <= 1
                && !steps.contains(.part)
        )
        #expect(machine.handle(.over).last == .part)
        for event in events + [.over] {
            // Sound that lies elsewhere now is closed, as nobody wants it any more.
            let expected: [Machine.Step] = event == .leg(.repaired(sound)) ? [.discard(sound)] : []
            #expect(machine.handle(event) == expected)
        }
    }
}
