import ConfigurationText
import Testing

@testable import Doctor
@testable import Settings

@Suite struct DoctorBoxTests {
    private static let box: [DoctorRow] = [
        DoctorRow("no clock was looked at", nil) { _ in },
        DoctorRow("a clock without a battery", (.error, "clock", "the year 1970; do: sudo timedatectl set-ntp true")) {
            $0.clock = DoctorFacts.Clock(year: 1970, isSynchronised: true)
        },
        DoctorRow("a clock that nothing keeps", (.warning, "clock", "not synchronised")) {
            $0.clock = DoctorFacts.Clock(year: 2026, isSynchronised: false)
        },
        DoctorRow("a clock that can't be asked", nil) { $0.clock = DoctorFacts.Clock(year: 2026, isSynchronised: nil) },
        DoctorRow("a good clock", (.ok, "clock", "synchronised")) {
            $0.clock = DoctorFacts.Clock(year: 2025, isSynchronised: true)
        },
    ]

    @Test("the clock", arguments: box) func clock(_ row: DoctorRow) { row.expect(in: .clock) }

    private static func directory(
        exists: Bool = true,
        isWritable: Bool,
        owner: String? = "root",
        free: UInt64? = 5_000_000_000
    ) -> DoctorFacts.StateDirectory {
        DoctorFacts.StateDirectory(
            path: "/var/lib/gsmbridge",
            exists: exists,
            isWritable: isWritable,
            owner: owner,
            freeBytes: free
        )
    }

    private static let directories: [DoctorRow] = [
        DoctorRow("not looked at", nil) { _ in },
        DoctorRow("writable", (.ok, "state_directory", "writable")) { $0.stateDirectory = directory(isWritable: true) },
        DoctorRow("to be made", (.ok, "state_directory", "will be created")) {
            $0.stateDirectory = directory(exists: false, isWritable: true)
        },
        DoctorRow("can't be made", (.error, "state_directory", "sudo install -d -o anna -m 750 /var/lib/gsmbridge")) {
            $0.stateDirectory = directory(exists: false, isWritable: false, owner: nil)
        },
        DoctorRow("somebody else's", (.error, "state_directory", "it belongs to root")) {
            $0.stateDirectory = directory(isWritable: false)
        },
        DoctorRow("the service's, seen by somebody else", (.ok, "state_directory", "belongs to the service")) {
            $0.stateDirectory = directory(isWritable: false, owner: "gsmbridge")
        },
        DoctorRow("the service's, and it can't write", (.error, "state_directory", "gsmbridge can't write there")) {
            $0.user = DoctorFacts.User(name: "gsmbridge", id: 990)
            $0.stateDirectory = directory(isWritable: false, owner: "gsmbridge")
        },
        DoctorRow(
            "another user's, whose service may not be asked",
            (.error, "state_directory", "do: sudo adduser anna pbx ")
        ) {
            $0.stateDirectory = directory(isWritable: false, owner: "berta")
            $0.service = DoctorFacts.Service(socket: "/s", answer: .denied(group: "pbx"), hasUnit: false)
        },
        DoctorRow("another user's, whose service answers", (.ok, "state_directory", "belongs to berta")) {
            $0.stateDirectory = directory(isWritable: false, owner: "berta")
            $0.service = DoctorFacts.Service(socket: "/s", answer: .reachable, hasUnit: true)
        },
        DoctorRow("another user's, and no service runs", (.error, "state_directory", "do: sudo -u berta gsmbridge")) {
            $0.stateDirectory = directory(isWritable: false, owner: "berta")
            $0.service = DoctorFacts.Service(socket: "/s", answer: .absent, hasUnit: true)
        },
        DoctorRow(
            "files that root has made in it",
            (
                .error, "state_directory",
                "sudo chown --reference=/var/lib/gsmbridge /var/lib/gsmbridge/calls.lock /var/lib/gsmbridge/calls.sqlite"
            )
        ) {
            $0.stateDirectory = directory(isWritable: true, owner: "gsmbridge")
            $0.stateDirectory?.foreignFiles = ["calls.lock", "calls.sqlite"]
        },
        DoctorRow("not the service's", (.error, "state_directory", "install -d -o gsmbridge")) {
            $0.stateDirectory = directory(isWritable: false)
            $0.service = DoctorFacts.Service(socket: "/s", answer: .absent, hasUnit: true)
        },
    ]

    @Test("the state directory", arguments: directories)
    func stateDirectory(_ row: DoctorRow) { row.expect(in: .stateDirectory) }

    @Test(
        "the disk",
        arguments: [
            (nil, nil), (0, .error), (19_999_999, .error), (20_000_000, .warning), (199_999_999, .warning),
            (200_000_000, .ok),
        ] as [(UInt64?, DoctorFinding.Severity?)]
    )
    func disk(_ free: UInt64?, _ severity: DoctorFinding.Severity?) {
        var facts = DoctorFacts(user: DoctorFacts.User(name: "anna", id: 1000))
        facts.stateDirectory = Self.directory(isWritable: true, free: free)
        #expect(DoctorCheck.disk.findings(facts).map(\.severity) == [severity].compactMap(\.self))
    }

    private static func service(_ answer: DoctorFacts.Service.Answer, hasUnit: Bool = true) -> DoctorFacts.Service {
        DoctorFacts.Service(socket: "/run/gsmbridge/control.sock", answer: answer, hasUnit: hasUnit)
    }

    private static let services: [DoctorRow] = [
        DoctorRow("not looked at", nil) { _ in },
        DoctorRow("running", (.ok, "service", "running")) { $0.service = service(.reachable) },
        DoctorRow("not installed", (.ok, "service", "not installed")) { $0.service = service(.absent, hasUnit: false) },
        DoctorRow("not running", (.warning, "service", "systemctl enable --now gsmbridge")) {
            $0.service = service(.absent)
        },
        DoctorRow("dead", (.error, "service", "systemctl restart gsmbridge")) { $0.service = service(.deserted) },
        DoctorRow("not for us", (.error, "service", "do: sudo adduser anna phone ")) {
            $0.service = service(.denied(group: "phone"))
        },
        DoctorRow("not for us, group unknown", (.error, "service", "do: sudo adduser anna gsmbridge ")) {
            $0.service = service(.denied(group: nil))
        },
        DoctorRow("something else", (.error, "service", "(errno 40)")) { $0.service = service(.failed(errno: 40)) },
    ]

    @Test("the service", arguments: services) func service(_ row: DoctorRow) { row.expect(in: .service) }

    private static let problem = ConfigurationProblem(
        file: "/etc/g.yaml",
        line: 7,
        key: "pbx.office.url",
        message: "it is no address",
        remedy: "write it as https://…"
    )

    private static let configurations: [DoctorRow] = [
        DoctorRow("not looked at", nil) { _ in },
        DoctorRow("no file", (.ok, "configuration", "there is no file")) {
            $0.configuration = DoctorFacts.ConfigurationState(file: nil)
        },
        DoctorRow("valid", (.ok, "configuration", "/etc/g.yaml: valid")) {
            $0.configuration = DoctorFacts.ConfigurationState(file: "/etc/g.yaml")
        },
        DoctorRow("wrong", (.error, "configuration", "/etc/g.yaml:7: pbx.office.url: it is no address; do: write it")) {
            $0.configuration = DoctorFacts.ConfigurationState(file: nil, problems: [problem])
        },
    ]

    @Test("the configuration", arguments: configurations)
    func configuration(_ row: DoctorRow) { row.expect(in: .configuration) }

    private static func credential(
        path: String? = "/etc/c/pin",
        mode: UInt32? = nil,
        isAbsent: Bool = false
    ) -> DoctorFacts.ConfigurationState {
        let credential = DoctorFacts.Credential(
            name: "pin",
            key: "modems.o2.pin",
            path: path,
            mode: mode,
            isAbsent: isAbsent
        )
        return DoctorFacts.ConfigurationState(file: "/etc/g.yaml", credentials: [credential])
    }

    private static let credentialRows: [DoctorRow] = [
        DoctorRow("none", nil) { $0.configuration = DoctorFacts.ConfigurationState(file: nil) },
        DoctorRow("no unit loads it", (.warning, "credentials", "LoadCredential=pin:/etc/gsmbridge/credentials/pin")) {
            $0.configuration = credential(path: nil)
        },
        DoctorRow("its file is missing", (.error, "credentials", "/etc/c/pin, which does not exist")) {
            $0.configuration = credential(isAbsent: true)
        },
        DoctorRow("others can read it", (.error, "credentials", "do: sudo chmod 600 /etc/c/pin")) {
            $0.configuration = credential(mode: 0o644)
        },
        DoctorRow("private", (.ok, "credentials", "loaded from /etc/c/pin")) {
            $0.configuration = credential(mode: 0o600)
        },
        DoctorRow("not to be seen", (.ok, "credentials", "loaded from /etc/c/pin")) { $0.configuration = credential() },
    ]

    @Test("credentials", arguments: credentialRows) func credentials(_ row: DoctorRow) {
        row.expect(in: .credentials)
    }

    @Test("secrets that can't be read are errors")
    func secrets() {
        let state = DoctorFacts.ConfigurationState(file: "/etc/g.yaml", secretProblems: [Self.problem])
        let row = DoctorRow("secret", (.error, "secrets", "it is no address; do:")) { $0.configuration = state }
        row.expect(in: .secrets)
    }

    @Test("PBXs are judged by whoever has asked them")
    func pbx() {
        let rows = [
            DoctorRow("asked nobody", nil) { _ in },
            DoctorRow("reachable", (.ok, "pbx", "PBX office: reachable")) {
                $0.pbx = [DoctorFacts.PBX(name: "office", trouble: nil, remedy: nil)]
            },
            DoctorRow("says what it is", (.ok, "pbx", "PBX office: reachable, Asterisk 22.1.0, 34 ms")) {
                let detail = "Asterisk 22.1.0, 34 ms"
                $0.pbx = [DoctorFacts.PBX(name: "office", trouble: nil, remedy: nil, detail: detail)]
            },
            DoctorRow("can't be asked", (.ok, "pbx", "PBX office: it has no HTTP interface")) {
                let trouble = "it has no HTTP interface"
                $0.pbx = [DoctorFacts.PBX(name: "office", trouble: trouble, remedy: nil, isAsked: false)]
            },
            DoctorRow("not asked for want of a secret", (.warning, "pbx", "PBX office: no password; do: sudo")) {
                $0.pbx = [DoctorFacts.PBX(name: "office", trouble: "no password", remedy: "sudo", isAsked: false)]
            },
            DoctorRow("not", (.error, "pbx", "PBX office: no route; do: ping pbx")) {
                $0.pbx = [DoctorFacts.PBX(name: "office", trouble: "no route", remedy: "ping pbx")]
            },
        ]
        for row in rows { row.expect(in: .pbx) }
    }
}
