package import CallAudio
internal import DialPlan
package import Settings

extension Configuration {
    /// Where announcements are found: the user's own first, then those that come with the program, in the language of the region.
    package var announcements: AnnouncementShelf {
        let isGerman = ["AT", "CH", "DE", "LI"].contains(gateway.region.code)
        return AnnouncementShelf(
            directories: ["\(gateway.stateDirectory)/announcements", "/usr/share/gsmbridge/announcements"],
            language: isGerman ? "de" : "en",
            region: gateway.region.code
        )
    }
}

extension Configuration {
    /// Where messages lie that callers left.
    package var voicemailDirectory: String { "\(gateway.stateDirectory)/voicemail" }
}
