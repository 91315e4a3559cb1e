internal import WebRequests

extension TransportFailure.Reason {
    /// What went wrong, in a few words.
    var words: String {
        switch self {
        case .obstacle(.name): "its name can't be resolved"
        case .obstacle(.connection): "nothing answers there"
        case .obstacle(.certificate): "its certificate is not trusted, or does not match its name"
        case .obstacle(.timeout), .late: "it did not answer in time"
        case .obstacle(.resting): "it is left alone for now"
        case .closed: "it closed the connection before its answer was complete"
        case .tooLong: "it answered with more than 64 KiB"
        case .malformed: "it did not answer in HTTP"
        case .cancelled: "it was not waited for"
        case .forbidden: "its URL is plain HTTP to another network, which needs 'plain_http: true'"
        }
    }
}
