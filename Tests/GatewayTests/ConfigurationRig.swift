import ConfigurationText
import Glibc
import Testing

@testable import Settings

/// What the tests of the configuration share: an environment that does not depend on the machine, and files.
enum ConfigurationRig {
    static func environment(
        _ variables: [String: String] = [:],
        user: UInt32 = 0,
        systemFile: String = "/nowhere/gsmbridge.yaml"
    ) -> ConfigurationEnvironment {
        ConfigurationEnvironment(
            variables: variables,
            userID: user,
            homeDirectory: "/home/anna",
            hostName: "box.example.net",
            systemFile: systemFile
        )
    }

    static func read(_ text: String, _ environment: ConfigurationEnvironment = environment()) throws -> Configuration {
        try Configuration(contents: Array(text.utf8), file: "gsmbridge.yaml", environment: environment)
    }

    /// What is wrong with a file; empty when nothing is.
    static func problems(_ bytes: [UInt8]) -> [ConfigurationProblem] {
        do throws(ConfigurationError) {
            _ = try Configuration(contents: bytes, file: "gsmbridge.yaml", environment: environment())
            return []
        } catch {
            return error.problems
        }
    }

    static func problems(_ text: String) -> [ConfigurationProblem] { problems(Array(text.utf8)) }

    /// The contract's example, word for word.
    static let contract = """
        gateway:
          name: cabin
          region: DE                     # how national numbers are read
          state_dir: /var/lib/gsmbridge
          socket: /run/gsmbridge/control.sock
        modems:                          # optional: every usable modem is taken, these give names, PINs and settings
          o2:
            match: { imei: "353535011111116" }      # or iccid, usb_path, tty: a tty named here is opened as it is, known to udev or not
            pin: { credential: sim-pin }
        pbx:
          office:
            profile: asterisk_ari        # fonial placetel sipgate asterisk_ari fritzbox twilio generic dtmf
            url: https://pbx.example.net:8089/ari
            user: gsmbridge
            password: { credential: ari-password }
            callthrough:
              access_number: "+4922166966966"
              settle: 1500ms             # pause between answer and the first digit
              script: "{pin}# ,, {target}#"   # digits; ',' pauses 2 s; placeholders pin, target, token
              pin: { credential: office-pin }
              number_format: national    # e164 | plus_e164 | 00 | national
            reverse:
              ring_from: ["+4922166966960"]
              mode: answer               # answer | dial_back
            callback:
              ring_from: ["+4922166966961"]
              expect_within: 30s
        policy:
          allow: [home]                  # home = fixed and mobile numbers of gateway.region
          deny: [premium, shared_cost, satellite, international]
          max_duration: 60m
          max_calls_per_hour: 20

        """
}
