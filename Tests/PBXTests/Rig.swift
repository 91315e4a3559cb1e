import DialPlan
import FoundationEssentials
import Synchronization
import Testing
import TextCoding
import WebRequests

@testable import PBX

/// Values and doubles that the suites share.
enum Rig {
    static let call = CallKey(UUID(uuidString: "0F8FAD5B-D9CB-469F-A165-70867728950E") ?? UUID())

    static func region() throws -> Region { try Region(code: "DE") }

    static func number(_ text: String) throws -> PhoneNumber { try PhoneNumber(typed: text, region: region()) }

    static func account(
        _ profile: PBXProfile,
        _ address: String? = "https://pbx.example.net/api",
        change: (inout PBXAccount) -> Void = { _ in }
    ) throws -> PBXAccount {
        var account = PBXAccount(name: "office", profile: profile, region: try region())
        account.address = address.flatMap { WebAddress($0) }
        account.user = "anna"
        account.password = Secret("s3cr3t")
        account.ownNumber = try number("+4915112345678")
        account.accessNumber = try DialString(typed: "+4922166966966")
        change(&account)
        return account
    }

    static func callback(_ target: String = "030123456") throws -> CallbackRequest {
        CallbackRequest(call: call, target: try number(target), caller: nil)
    }

    static func callthrough(_ target: String = "030123456") throws -> CallthroughRequest {
        CallthroughRequest(call: call, target: try number(target), caller: nil)
    }

    static func reference(_ text: String) throws -> CallReference { try #require(CallReference(text)) }

    static func claim(_ held: String) throws -> ClaimRequest {
        ClaimRequest(call: call, held: try reference(held), caller: nil)
    }
}

extension PBXAccount {
    /// The first step of an action.
    func begin(_ action: PBXAction) throws(PBXError) -> PBXStep { try profile.begin(action, self) }

    /// Plays an action against ready-made replies; gives the requests and the result.
    func play(_ action: PBXAction, _ replies: HTTPReply...) throws -> (requests: [WebRequest], result: PBXResult) {
        var step = try begin(action)
        var requests: [WebRequest] = []
        var rest = replies[...]
        while true {
            switch step.content {
            case .finish(let result): return (requests, result)
            case .send(let request, let then):
                requests.append(request)
                let reply = rest.popFirst()
                step = try then(try #require(reply, "one more request than replies: \(request)"))
            }
        }
    }
}

extension PBXStep {
    /// The request that is to be sent.
    var request: WebRequest? {
        guard case .send(let request, _) = content else { return nil }
        return request
    }

    /// What comes after a reply.
    func after(_ reply: HTTPReply) throws -> PBXStep {
        guard case .send(_, let then) = content else {
            Issue.record("there is nothing to reply to")
            return self
        }
        return try then(reply)
    }
}

extension WebRequest {
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPReply {
    static func json(_ status: Int, _ text: String, receivedAt: UnixTime = UnixTime(seconds: 1_000)) -> HTTPReply {
        HTTPReply(
            status: status,
            headers: [("Content-Type", "application/json")],
            body: Array(text.utf8),
            receivedAt: receivedAt
        )
    }

    static func text(_ status: Int, _ text: String, _ headers: [(String, String)] = []) -> HTTPReply {
        HTTPReply(status: status, headers: headers, body: Array(text.utf8))
    }
}

/// Answers requests from a list, and notes them.
final class ScriptedTransport: HTTPTransport {
    enum Line: Sendable {
        case reply(HTTPReply)
        case failure(TransportFailure)
    }

    private let state: Mutex<(lines: [Line], requests: [WebRequest])>

    init(_ lines: [Line]) { state = Mutex((lines, [])) }

    var requests: [WebRequest] { state.withLock { $0.requests } }

    func send(_ request: WebRequest, within limit: Duration) async throws(TransportFailure) -> HTTPReply {
        let line = state.withLock { state -> Line in
            state.requests.append(request)
            return state.lines.isEmpty
                ? .failure(TransportFailure(.closed, mayHaveArrived: true)) : state.lines.removeFirst()
        }
        switch line {
        case .reply(let reply): return reply
        case .failure(let failure): throw failure
        }
    }
}

/// A clock whose time passes when somebody sleeps.
final class LeapingClock: Clock {
    typealias Duration = Swift.Duration
    typealias Instant = ContinuousClock.Instant

    private let cancels: Bool
    private let time = Mutex(ContinuousClock.now)
    private let pauses = Mutex<[Swift.Duration]>([])

    /// - Parameter cancels: whether whoever wants to sleep is cancelled instead.
    init(cancels: Bool = false) { self.cancels = cancels }

    var now: Instant { time.withLock { $0 } }
    var minimumResolution: Swift.Duration { .zero }
    var slept: [Swift.Duration] { pauses.withLock { $0 } }

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        if cancels { throw CancellationError() }
        try Task.checkCancellation()
        let from = time.withLock { time -> Instant in
            defer { time = max(time, deadline) }
            return time
        }
        pauses.withLock { $0.append(from.duration(to: deadline)) }
    }

    func leap(_ duration: Swift.Duration) { time.withLock { $0 += duration } }
}
