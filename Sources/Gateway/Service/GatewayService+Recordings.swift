internal import CallEndpoints
internal import Calls
internal import FoundationEssentials
internal import Glibc
internal import Logging
internal import Settings

// The messages that callers left.
extension GatewayService {
    /// Makes their directory, where callers may leave any.
    func prepareVoicemail() {
        guard
            configuration.gateway.unknownCallers == .voicemail
                || configuration.incoming.contains(where: { $0.otherwise == .voicemail })
        else { return }
        let path = configuration.voicemailDirectory
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            log.error("\(path): \(String(cString: strerror(errno))); messages of callers can't be recorded")
        }
    }

    /// Erases messages that are older than they are kept.
    func eraseOldVoicemail() {
        let directory = configuration.voicemailDirectory
        let oldest = time(nil) - configuration.calls.messageDays * 86_400
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where name.hasSuffix(".wav")
        {
            var facts = stat()
            let path = "\(directory)/\(name)"
            guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_mtim.tv_sec < oldest else {
                continue
            }
            if unlink(path) != 0 { log.warning("\(path) could not be erased: \(String(cString: strerror(errno)))") }
        }
    }
}
