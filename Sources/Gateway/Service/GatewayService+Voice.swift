internal import CallModel
package import GatewayAPI
internal import LineStatuses
package import Lines
package import Modem

// Whether modems can call.
extension GatewayService {
    /// See ``VoiceControl/voiceReadiness(_:)``.
    package func voiceReadiness(_ modem: String) async throws(ControlError) -> VoiceReadiness {
        guard let found = await fleet.modem(modem) else { throw Self.unknown(modem) }
        guard let session = found.session else { throw Self.notOpen(found.status) }
        // Questions only, which a call or a ring passes: the modem is not taken for them.
        return await VoiceReadiness(found.status, session)
    }

    /// See ``VoiceControl/modemNow(_:)``.
    package func modemNow(_ modem: String) async throws(ControlError) -> ModemNow {
        guard let found = await fleet.modem(modem) else { throw Self.unknown(modem) }
        guard let session = found.session else { throw Self.notOpen(found.status) }
        let technology = await session.radioTechnology()?.rawValue
        var number = found.status.number
        if number == nil { number = await session.subscriberNumber() }
        return ModemNow(technology: technology, number: number)
    }

    /// See ``VoiceControl/enableVoice(_:)``; the modem is restarted where its family needs that.
    package func enableVoice(_ modem: String) async throws(ControlError) -> VoiceReadiness {
        guard let found = await fleet.modem(modem) else { throw Self.unknown(modem) }
        guard found.session != nil else { throw Self.notOpen(found.status) }
        let lease: ModemLease
        do throws(FleetError) {
            lease = try await fleet.lease(ModemWish(modem: modem, for: .maintenance), within: .seconds(2))
        } catch {
            throw .conflict("the modem has a call, or another command; try again when it is free")
        }
        var readiness = await VoiceReadiness(enablingOn: lease.session, lease.status)
        await lease.giveBack(clean: true)
        guard readiness.isRestarting else { return readiness }
        do throws(FleetError) { _ = try await fleet.restart(modem) } catch {
            readiness.isRestarting = false
            readiness.caveats.append("it could not be restarted, and has to be: \(error.reason)")
        }
        return readiness
    }

    static func unknown(_ modem: String) -> ControlError {
        .notFound("the service has no modem \(modem); `gsmbridge modems` lists those it has")
    }

    private static func notOpen(_ status: LineStatus) -> ControlError {
        .unavailable("the modem is not open: \(status.reason ?? ModemStatus.State(status.state).rawValue)")
    }
}

extension VoiceReadiness {
    /// Asks a modem how its calls stand.
    package init(_ line: LineStatus, _ session: ModemSession) async {
        self.init(
            line,
            await session.voiceTraits,
            await session.voiceOverLTE(),
            radio: await session.radioTechnology()
        )
    }

    /// Walks the family's steps on a modem that has no call, where that is known and needed; ``isRestarting`` then says that a
    /// restart has to follow.
    package init(enablingOn session: ModemSession, _ line: LineStatus) async {
        let traits = await session.voiceTraits
        await self.init(line, session)
        guard traits.lack == nil, traits.canEnable, enabled != .yes else { return }
        let done = await session.enableVoiceOverLTE()
        steps = done.steps.map { Step(command: $0.command, result: $0.result) }
        enabled = Self.answer(done.isOn)
        isRestarting = traits.needsRestart && enabled == .yes
    }
}
