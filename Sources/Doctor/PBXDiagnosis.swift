internal import Calls
internal import ConfigurationText
internal import DialPlan
internal import Logging
internal import PBX
internal import PBXLinks
internal import Settings

/// Asks PBXs how they are, in the way that the service reaches them; no call is made by it.
enum PBXDiagnosis {
    /// Asks one PBX.
    static func ask(
        _ pbx: Configuration.PBX,
        _ configuration: Configuration,
        environment: ConfigurationEnvironment
    ) async -> DoctorFacts.PBX {
        let connection: PBXConnection
        do throws(SecretError) {
            connection = try PBXConnection(pbx, region: configuration.gateway.region, environment: environment)
        } catch {
            return withoutSecret(pbx, error)
        }
        let answer: DoctorFacts.PBX
        do throws(PBXError) {
            let health = try await connection.health()
            let milliseconds = "\(Int(health.roundTrip / .milliseconds(1))) ms"
            answer = DoctorFacts.PBX(
                name: pbx.name,
                trouble: nil,
                remedy: nil,
                detail: [health.version, milliseconds].compactMap(\.self).joined(separator: ", ")
            )
        } catch {
            answer = judge(error, of: pbx)
        }
        do { try await connection.close() } catch {
            // The answer is there; the process ends soon and takes the connection with it.
            Logger(label: "gsmbridge").debug("the connection to \(pbx.name) could not be closed: \(error)")
        }
        return answer
    }

    /// What an error means for the doctor's findings.
    static func judge(_ error: PBXError, of pbx: Configuration.PBX) -> DoctorFacts.PBX {
        guard error.kind == .unsupported else {
            return DoctorFacts.PBX(name: pbx.name, trouble: error.message, remedy: error.remedy)
        }
        let why =
            pbx.profile == .dtmf
            ? "works by tones alone, so there is nothing to ask over HTTP"
            : "there is no request for its health, so it was not asked"
        return DoctorFacts.PBX(name: pbx.name, trouble: why, remedy: nil, isAsked: false)
    }

    private static func withoutSecret(_ pbx: Configuration.PBX, _ error: SecretError) -> DoctorFacts.PBX {
        guard error.isOutsideService else {
            return DoctorFacts.PBX(name: pbx.name, trouble: error.problem.message, remedy: error.problem.remedy)
        }
        // systemd.exec(5): the credentials of a running unit, which root may read.
        return DoctorFacts.PBX(
            name: pbx.name,
            trouble: "not asked: its secrets are credentials that only the service gets",
            remedy: "sudo CREDENTIALS_DIRECTORY=/run/credentials/gsmbridge.service gsmbridge doctor --pbx \(pbx.name)",
            isAsked: false
        )
    }
}
