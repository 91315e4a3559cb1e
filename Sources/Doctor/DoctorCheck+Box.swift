internal import ConfigurationText
internal import Settings

extension DoctorCheck {
    /// What concerns the box: configuration, secrets, clock, data, service, PBX.
    static let box: [DoctorCheck] = ofConfiguration + [clock, stateDirectory, disk, service, pbx]

    /// What concerns the configuration alone.
    static let ofConfiguration: [DoctorCheck] = [configuration, secrets, credentials]

    /// Whether there is a configuration to work with.
    static let configuration = DoctorCheck("configuration") { facts in
        guard let state = facts.configuration else { return [] }
        guard state.problems.isEmpty else { return state.problems.map { .error(problem: $0) } }
        guard let file = state.file else {
            return [.ok("configuration", "there is no file, everything has its default")]
        }
        return [.ok(file, "valid")]
    }

    /// Whether the secrets can be read, by us and by no other user.
    static let secrets = DoctorCheck("secrets") { facts in
        (facts.configuration?.secretProblems ?? []).map { .error(problem: $0) }
    }

    /// Whether the service is given the credentials that the configuration refers to.
    static let credentials = DoctorCheck("credentials") { facts in
        (facts.configuration?.credentials ?? [])
            .map { credential in
                let subject = "credential \(credential.name)"
                guard let path = credential.path else {
                    let line = "LoadCredential=\(credential.name):/etc/gsmbridge/credentials/\(credential.name)"
                    return .warning(
                        subject,
                        "\(credential.key) wants it, and no unit file loads it",
                        do: "sudo systemctl edit gsmbridge   # [Service] \(line)"
                    )
                }
                if credential.isAbsent {
                    return .error(
                        subject,
                        "the unit loads it from \(path), which does not exist, so that the service can't start",
                        do: "sudo install -m 600 /dev/stdin \(path)   # type it, then Ctrl-D"
                    )
                }
                if let mode = credential.mode, mode & 0o077 != 0 {
                    return .error(subject, "others can read \(path)", do: "sudo chmod 600 \(path)")
                }
                return .ok(subject, "loaded from \(path)")
            }
    }

    /// Whether times mean anything: call log, certificates and tokens depend on them.
    static let clock = DoctorCheck("clock") { facts in
        guard let clock = facts.clock else { return [] }
        if clock.year < 2025 {
            return [
                .error("clock", "it says that this is the year \(clock.year)", do: "sudo timedatectl set-ntp true")
            ]
        }
        switch clock.isSynchronised {
        case false?:
            return [
                .warning(
                    "clock",
                    "nothing keeps it right: it is not synchronised by NTP",
                    do: "sudo timedatectl set-ntp true   # or: sudo apt install systemd-timesyncd"
                )
            ]
        case true?: return [.ok("clock", "synchronised")]
        case nil: return []
        }
    }

    /// Whether call log and ledgers can be written.
    static let stateDirectory = DoctorCheck("state_directory") { facts in
        guard let directory = facts.stateDirectory else { return [] }
        if !directory.foreignFiles.isEmpty {
            let files = directory.foreignFiles.map { directory.path + "/" + $0 }.joined(separator: " ")
            let owner = directory.owner ?? "its owner"
            return [
                .error(
                    directory.path,
                    "\(owner) can't write all of its files: \(directory.foreignFiles.joined(separator: ", "))",
                    do: "sudo chown --reference=\(directory.path) \(files)"
                )
            ]
        }
        if directory.isWritable {
            return [.ok(directory.path, directory.exists ? "writable" : "will be created")]
        }
        // Seen by a user of the service who is not its owner.
        if directory.exists, directory.owner == serviceUser, facts.user.name != serviceUser {
            return [.ok(directory.path, "belongs to the service")]
        }
        let owner = directory.owner.map { ", it belongs to \($0)" } ?? ""
        let message =
            directory.exists
            ? "\(facts.user.name) can't write there\(owner)"
            : "it does not exist, and \(facts.user.name) can't create it"
        // What a service writes into stays that user's; unless it is the service that can't.
        if directory.exists, let other = directory.owner, other != "root", other != facts.user.name,
            facts.user.name != serviceUser
        {
            switch facts.service?.answer {
            case .reachable: return [.ok(directory.path, "belongs to \(other); a service answers")]
            case .denied(let group):
                return [.error(directory.path, message, do: joining(group ?? other, facts.user))]
            case .absent, .deserted, .failed, nil:
                return [
                    .error(
                        directory.path,
                        message,
                        do: "sudo -u \(other) gsmbridge doctor   # and all else as \(other)"
                    )
                ]
            }
        }
        let who = facts.service?.hasUnit == true ? serviceUser : facts.user.name
        return [.error(directory.path, message, do: "sudo install -d -o \(who) -m 750 \(directory.path)")]
    }

    /// Whether there is room for the call log.
    static let disk = DoctorCheck("disk") { facts in
        guard let directory = facts.stateDirectory, let free = directory.freeBytes else { return [] }
        let megabytes = free / 1_000_000
        let remedy = "df -h \(directory.path); sudo journalctl --vacuum-size=100M"
        if megabytes < 20 { return [.error("disk", "\(megabytes) MB free for \(directory.path)", do: remedy)] }
        if megabytes < 200 { return [.warning("disk", "\(megabytes) MB free for \(directory.path)", do: remedy)] }
        return [.ok("disk", "\(megabytes) MB free")]
    }

    /// Whether the service can be reached by who asks.
    static let service = DoctorCheck("service") { facts in
        guard let service = facts.service else { return [] }
        switch service.answer {
        case .reachable: return [.ok("service", "running, \(service.socket)")]
        case .absent:
            guard service.hasUnit else {
                return [.ok("service", "not installed: commands open the modem themselves")]
            }
            return [
                .warning(
                    "service",
                    "it is installed and has no socket \(service.socket): it does not run, or its socket is elsewhere",
                    do: "sudo systemctl enable --now gsmbridge; journalctl -u gsmbridge -n 50"
                )
            ]
        case .deserted:
            return [
                .error(
                    "service",
                    "nobody listens on \(service.socket): it has died or hangs",
                    do: "sudo systemctl restart gsmbridge; journalctl -u gsmbridge -n 50"
                )
            ]
        case .denied(let group):
            return [
                .error(
                    "service",
                    "\(facts.user.name) may not use \(service.socket)",
                    do: joining(group ?? serviceUser, facts.user)
                )
            ]
        case .failed(let errno):
            return [
                .error("service", "\(service.socket) can't be used (errno \(errno))", do: "ls -ld \(service.socket)")
            ]
        }
    }

    /// Whether the PBXs answer; they are asked elsewhere.
    static let pbx = DoctorCheck("pbx") { facts in
        facts.pbx.map { pbx in
            guard let trouble = pbx.trouble else {
                return .ok("PBX \(pbx.name)", "reachable" + (pbx.detail.map { ", \($0)" } ?? ""))
            }
            guard pbx.isAsked else {
                // Without anything to do there is nothing wrong: some can't be asked.
                guard let remedy = pbx.remedy else { return .ok("PBX \(pbx.name)", trouble) }
                return .warning("PBX \(pbx.name)", trouble, do: remedy)
            }
            return .error("PBX \(pbx.name)", trouble, do: pbx.remedy)
        }
    }

    private static let serviceUser = "gsmbridge"

    /// How a user gets into the group that may ask the service.
    private static func joining(_ group: String, _ user: DoctorFacts.User) -> String {
        "sudo adduser \(user.name) \(group)   # then log in again"
    }
}

extension DoctorCheck.Verdict {
    /// A problem of the configuration as a verdict.
    fileprivate static func error(problem: ConfigurationProblem) -> Self {
        let place = [problem.file.map { $0 + (problem.line.map { ":\($0)" } ?? "") }, problem.key].compactMap(\.self)
        let subject = place.isEmpty ? "configuration" : place.joined(separator: ": ")
        return .error(subject, problem.message, do: problem.remedy)
    }
}
