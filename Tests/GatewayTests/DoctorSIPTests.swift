import CallModel
import ConfigurationText
import GatewayAPI
import Testing

@testable import Doctor
@testable import Settings

@Suite("What the doctor finds of SIP") struct DoctorSIPTests {
    private static func facts(_ change: (inout DoctorFacts) -> Void) -> DoctorFacts {
        var facts = DoctorFacts(user: DoctorFacts.User(name: "anna", id: 1000))
        change(&facts)
        return facts
    }

    @Test("an address that is taken, none of this machine, or open to the Internet is told with what to do")
    func listeners() {
        let found = Self.facts { facts in
            var sip = DoctorFacts.SIP()
            for (port, obstacle) in [(1, DoctorFacts.SIP.Obstacle.taken), (2, .foreign), (3, .forbidden)] {
                sip.listeners.append(
                    DoctorFacts.SIP.Listener(name: "udp:x:\(port)", port: port, obstacle: obstacle, isPublic: false)
                )
            }
            sip.listeners.append(DoctorFacts.SIP.Listener(name: "udp:x:4", port: 4, obstacle: nil, isPublic: true))
            sip.listeners.append(DoctorFacts.SIP.Listener(name: "udp:x:5", port: 5, obstacle: nil, isPublic: false))
            sip.openKeys = ["office"]
            facts.sip = sip
        }
        let findings = DoctorCheck.findings(found)
        #expect(findings.map(\.severity) == [.error, .error, .error, .warning, .ok, .warning])
        #expect(findings[0].remedy?.contains("sport = :1") == true)
        #expect(findings[5].subject == "account office")
    }

    @Test("what a machine itself says of an address is believed")
    func addresses() throws {
        var sip = Configuration.SIP()
        sip.trunks = [Configuration.SIP.Trunk(name: "a", address: SIPAddress(host: "127.0.0.1"))]
        sip.listen = [Configuration.SIP.Listener(transport: .udp, address: SIPAddress(host: "192.0.2.1", port: 5060))]
        #expect(DoctorFacts.SIP(sip, isServed: false).listeners.map(\.obstacle) == [.foreign])
        #expect(DoctorFacts.SIP(sip, isServed: true).listeners.map(\.obstacle) == [nil])
    }

    @Test(
        "an account that does not stand is told with what to do",
        arguments: [
            (AccountStatus.State.registered, nil, DoctorFinding.Severity.ok, nil),
            (.registered, "the Internet is bad: 9 % of the packets are lost", .warning, "Wi-Fi"),
            (.registered, "the Internet is bad: nothing of what is said there comes here", .warning, "SIP ALG"),
            (.refused, "the user or the password is wrong (401)", .error, "password"),
            (.refused, "the registrar refuses: 403 Forbidden", .error, "unlock"),
            (.trying, "the registrar does not answer", .warning, "ALG"),
            (.trying, "the registrar can't be reached or refuses for now: 503 DNS Error", .warning, "getent"),
        ] as [(AccountStatus.State, String?, DoctorFinding.Severity, String?)]
    )
    func accounts(
        _ state: AccountStatus.State,
        _ reason: String?,
        _ severity: DoctorFinding.Severity,
        _ remedy: String?
    ) {
        let found = Self.facts { facts in
            var service = DoctorFacts.Service(socket: "/s", answer: .reachable, hasUnit: true)
            service.accounts = [AccountStatus(name: "office", state: state, reason: reason, expires: nil, pbx: nil)]
            facts.service = service
        }
        let finding = DoctorCheck.findings(found).first { $0.check == "sip_account" }
        #expect(finding?.severity == severity && finding?.subject == "account office")
        #expect(remedy.map { finding?.remedy?.contains($0) == true } ?? (finding?.remedy == nil))
    }
}
