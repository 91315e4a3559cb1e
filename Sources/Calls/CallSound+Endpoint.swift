internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import Synchronization

// The endpoint: opened, joined with the leg, moved, left.
extension CallSound {
    func openEndpoint() async {
        do throws(AudioPortError) {
            let port = try await endpointPort()
            listen(to: port.id, .endpoint)
            let isLate = state.withLock { state in
                guard !state.isOver, !state.isGivenAway else { return true }
                state.waiting = port
                return false
            }
            guard !isLate else {
                desk.listen(to: port.id, nil)
                return port.abandon()
            }
            tell(.endpointOpened)
            // A second call may have ended in between, when nobody listened.
            if state.withLock({ $0.second })?.outcome != nil { tell(.seen(.endpoint, .gone)) }
        } catch {
            if !state.withLock({ $0.isGivenAway }) { tell(.endpointFailed("\(error)")) }
        }
    }

    func moveEndpoint() {
        let isFirst = state.withLock { state in
            defer { (state.wantsEndpoint, state.isReopeningEndpoint) = (true, true) }
            return !state.isReopeningEndpoint
        }
        guard isFirst else { return }
        open { this in
            while this.takeNextEndpoint() { await this.reopenEndpoint() }
        }
    }

    private func takeNextEndpoint() -> Bool {
        state.withLock { state in
            defer { state.wantsEndpoint = false }
            if !state.wantsEndpoint { state.isReopeningEndpoint = false }
            return state.wantsEndpoint
        }
    }

    private func reopenEndpoint() async {
        do throws(AudioPortError) {
            _ = seat(try await endpointPort())
        } catch {
            log.notice("the sound of our end can't be moved: \(error)", metadata: metadata)
        }
    }

    /// Has a port take the place of our end; false where there is none yet, or no more, and then the port is closed.
    func seat(_ port: AudioPort) -> Bool {
        enum Place {
            case none
            case waits(insteadOf: AudioPort?)
            case replaces(AudioPort.ID)
        }
        let place = state.withLock { state -> Place in
            guard !state.isOver, state.lack == nil else { return .none }
            guard state.isJoined, let old = state.endPort else {
                // Our end's own sound may never come.
                defer { (state.waiting, state.isGivenAway) = (port, true) }
                return .waits(insteadOf: state.waiting)
            }
            state.endPort = port.id
            return .replaces(old)
        }
        switch place {
        case .none:
            port.abandon()
            return false
        case .waits(let old):
            if let old { desk.listen(to: old.id, nil) }
            listen(to: port.id, .endpoint)
            if let old { old.abandon() } else { tell(.endpointOpened) }
            return true
        case .replaces(let old):
            guard let loop = try? desk.loop() else {
                port.abandon()
                return false
            }
            desk.listen(to: old, nil)
            listen(to: port.id, .endpoint)
            return loop.replace(old, by: port)
        }
    }

    private func endpointPort() async throws(AudioPortError) -> AudioPort {
        if let second = state.withLock({ $0.second }) { return try await second.movedPort() }
        switch endpoint.spec {
        case .wave, .play, .record: return try await endpoint.wavePort(desk.name())
        case .audioSocket(let host, let port, let uuid):
            let uuid = uuid.flatMap { UUID(uuidString: $0) } ?? call
            let bytes = withUnsafeBytes(of: uuid.uuid) { Array($0) }
            return try await endpoint.socketPort(desk.name(), host: host, port: port, telling: bytes)
        case .audioSocketCall:
            let id = desk.name()
            guard let socket = await desk.connection(for: call, within: .seconds(60)) else {
                throw AudioPortError("no Asterisk came for the call within 60 s")
            }
            return AudioSocketPort(id: id, socket: socket)
        case .alsa(let device): return try await AudioPort.open(card: device, id: desk.name())
        case .modem, .account:
            guard let begin = hooks.second else { throw AudioPortError("a second call can't be made here") }
            let second = try begin(
                SecondLeg.Hooks(
                    left: { [weak self] in self?.tell(.seen(.endpoint, .gone)) },
                    moved: { [weak self] in self?.moveEndpoint() }
                )
            )
            let isLate = state.withLock { state in
                state.second = second
                return state.isOver
            }
            if isLate { second.hangUp() }
            return try await reached(second)
        case .phone, .sip: return try await desk.phonePort(of: call)
        case .browser:
            guard await desk.browserComes(to: call) else { throw AudioPortError("nobody came to speak at the page") }
            guard let port = desk.sit(in: call) else { throw AudioPortError("nobody is at the page") }
            return port
        case .none: throw AudioPortError("there is nobody")
        }
    }

    func join() {
        let (port, old) = state.withLock { state -> (AudioPort?, AudioPort.ID?) in
            defer {
                if let port = state.waiting { (state.endPort, state.isJoined) = (port.id, true) }
                state.waiting = nil
            }
            return (state.waiting, state.endPort)
        }
        guard let port, let old, let loop = try? desk.loop() else { return }
        _ = loop.replace(old, by: port)
        if case .record = endpoint.spec, !hooks.notice.isEmpty {
            perform(.announce(hooks.notice, repeats: false)) { _ in }
        }
        guard let second = state.withLock({ $0.second }) else { return }
        // It has heard the second one ring.
        perform(.hush) { _ in }
        hooks.report(.joined(with: second.name))
    }

    func leave() {
        let nobody = SilentPort(id: desk.name())
        let old = state.withLock { state -> AudioPort.ID? in
            defer { state.endPort = nobody.id }
            return state.endPort
        }
        guard let old, let loop = try? desk.loop() else { return }
        desk.listen(to: old, nil)
        _ = loop.replace(old, by: nobody)
    }
}
