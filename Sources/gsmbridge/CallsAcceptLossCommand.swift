import ArgumentParser
import CallLog
internal import Console
import Settings

/// `gsmbridge calls accept-loss`: lets limits begin anew after a damaged log.
struct CallsAcceptLossCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-loss",
        abstract: "Let the limits begin anew after a damaged log was set aside.",
        discussion: """
            Where the log of calls is damaged, it is set aside and a new one is begun. What earlier calls used of the \
            limits is not known then, so calls for which a limit is set are refused until this is said.

            EXAMPLES
              sudo -u gsmbridge gsmbridge calls accept-loss
            """
    )

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let directory = try configuration.load().gateway.stateDirectory
        let count: Int
        do throws(CallLogError) {
            // Nothing is to be made where nothing is.
            let isThere = try CallLog.openForReading(directory: directory) != nil
            count = try isThere ? CallLog.open(directory: directory).acceptLoss() : 0
        } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
        Terminal.standardOutput(
            count == 0 ? "nothing was lost: the limits know of every call" : "accepted: the limits begin anew"
        )
    }
}
