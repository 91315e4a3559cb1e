internal import CallFlows
internal import CallModel
internal import FoundationEssentials
internal import Gateway
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTP1
internal import PBX

/// Answers requests: finds the endpoint, asks the service, writes what it says.
struct ControlResponder: Sendable {
    let control: any GatewayControl
    let origin: RequestOrigin
    /// Who must bring a token; nil where the connection itself says enough.
    let gate: TokenGate?
    let limits: ControlLimits
    let hosts: HostNames
    let streams: OpenStreams
    let metrics: ServiceMetrics
    /// What is shown of webhooks; nil for nothing.
    let webhooks: WebhookFigures?

    func respond(to request: Request, over channel: any Channel) async -> Response {
        var response: Response
        do {
            response = try await answer(request, channel)
        } catch let problem as Problem {
            response = problem.response
        } catch let error as ControlError {
            response = Problem(error).response
        } catch {
            response = Problem(.internal, "the answer could not be made: \(error)").response
        }
        if response.status.code == 413 || response.status.code == 421 { response.headers[.connection] = "close" }
        response.headers[.cacheControl] = "no-store"
        metrics.answered(origin, status: response.status.code)
        return response
    }

    private func answer(_ request: Request, _ channel: any Channel) async throws -> Response {
        guard hosts.include(request.head.authority) else {
            throw Problem(
                .misdirected,
                "this is no host of that name; a reverse proxy's name belongs into control.names"
            )
        }
        let right = try await admit(request, channel)
        guard request.uri.string.utf8.count <= limits.address else {
            throw Problem(.tooLong, "the address has more than \(limits.address) bytes")
        }
        switch Endpoint.resolve(request.method, path: request.uri.path) {
        case .unknown: throw Problem(.notFound, "there is nothing at \(request.uri.path)")
        case .wrongMethod(let allowed):
            let list = allowed.map(\.rawValue).joined(separator: ", ")
            var response = Problem(.methodNotAllowed, "\(request.uri.path) takes \(list)").response
            response.headers[.allow] = list
            return response
        case .found(let endpoint, let parameter):
            guard right == .everything || endpoint.isForLooking else {
                throw Problem(.forbidden, "this token is for status, modems, health and metrics alone")
            }
            return try await answer(endpoint, parameter ?? "", request, channel, as: right)
        }
    }

    private func answer(
        _ endpoint: Endpoint,
        _ parameter: String,
        _ request: Request,
        _ channel: any Channel,
        as right: TokenGate.Right
    ) async throws -> Response {
        switch endpoint {
        case .status: return try .json(right.shown(await status()))
        case .modems: return try .json(right.shown(await control.modems()))
        case .calls: return try .json(await control.calls())
        case .call: return try .json(try await call(parameter))
        case .dial: return try await dial(request, channel)
        case .hangUp:
            try await noBody(of: request)
            try await control.hangUp(try callID(parameter))
            return Response(status: .accepted)
        case .answer:
            try await noBody(of: request)
            try await control.answer(try callID(parameter))
            return Response(status: .accepted)
        case .tones:
            let tones = try await content(ToneRequest.self, of: request).tones
            guard !tones.isEmpty else { throw Problem(.invalid, "no tones to send") }
            try await control.sendTones(tones, in: try callID(parameter))
            return Response(status: .noContent)
        case .command:
            guard origin == .local else {
                throw Problem(.forbidden, "AT commands are taken over the Unix socket only")
            }
            let body = try await content(CommandRequest.self, of: request)
            let wait = body.waitSeconds ?? 0
            guard (0...60).contains(wait) else { throw Problem(.invalid, "wait_seconds: give 0 to 60") }
            return try .json(try await control.command(body.command, modem: parameter, wait: .seconds(wait)))
        case .order:
            guard origin == .local else {
                throw Problem(.forbidden, "modems are switched over the Unix socket only")
            }
            let order = try await content(OrderRequest.self, of: request).order
            return try .json(try await control.perform(order, modem: parameter))
        case .log, .totals, .loggedCall, .erase, .contacts, .takeContacts, .removeContacts:
            return try await answerFromRecords(endpoint, parameter, request)
        case .events: return try events(request, channel)
        case .alive: return .text("ok\n")
        case .ready:
            let status = await self.status()
            if status.isStopping { throw Problem(.unavailable, "the service is stopping") }
            guard status.isReady else { throw Problem(.unavailable, status.warnings.last ?? "no modem is ready") }
            return .text("ok\n")
        case .metrics:
            return .text(
                metrics.text(status: await status(), hub: control.events, webhooks: webhooks),
                type: "text/plain; version=0.0.4; charset=utf-8"
            )
        }
    }

    /// How the service stands, webhooks included.
    private func status() async -> GatewayStatus {
        var status = await control.status()
        status.warnings += webhooks?.warnings ?? []
        return status
    }

    // MARK: Calls

    private func call(_ parameter: String) async throws -> CallStatus {
        let id = try callID(parameter)
        guard let call = await control.calls().first(where: { $0.call == id }) else {
            throw Problem(.notFound, "there is no live call \(parameter)")
        }
        return call
    }

    private func callID(_ text: String) throws(Problem) -> UUID {
        guard let id = UUID(uuidString: text) else { throw Problem(.invalid, "a call's id is a UUID") }
        return id
    }

    private func dial(_ request: Request, _ channel: any Channel) async throws -> Response {
        let body = try await content(DialBody.self, of: request)
        let key = try request.headers[named: "Idempotency-Key"]
            .map { text in
                // Some write it as a quoted string, as structured fields are.
                try callID(text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text)
            }
        if let key, let id = body.id, key != id {
            throw Problem(.conflict, "Idempotency-Key and id name two different calls")
        }
        let id = key ?? body.id ?? UUID()
        let name = id.uuidString.lowercased()
        guard request.wantsEvents else {
            let status = try await control.dial(body.request, id: id, origin: origin)
            var response = try Response.json(status, status: .accepted)
            response.headers[.location] = "/v1/calls/\(name)"
            return response
        }
        // Heard of from its first event on, because the listener is there before the call is.
        let stream = try EventStream(
            from: nil,
            call: id,
            last: "call.ended",
            hub: control.events,
            streams: streams,
            channel: channel
        )
        do {
            _ = try await control.dial(body.request, id: id, origin: origin)
        } catch {
            stream.abandon()
            throw error
        }
        var response = Response.events(stream, status: .accepted)
        response.headers[.location] = "/v1/calls/\(name)"
        return response
    }

    private func events(_ request: Request, _ channel: any Channel) throws -> Response {
        let query = request.uri.query
        var position: EventHub.Position?
        if let text = request.headers[named: "Last-Event-ID"] ?? PercentCoding.parameter("after", inQuery: query) {
            position = EventHub.Position(text)
            guard position != nil else { throw Problem(.invalid, "the position is not the id of an event") }
        }
        let call = try PercentCoding.parameter("call", inQuery: query).map { try callID($0) }
        return .events(
            try EventStream(from: position, call: call, hub: control.events, streams: streams, channel: channel)
        )
    }

    // MARK: What comes in

    private func admit(_ request: Request, _ channel: any Channel) async throws -> TokenGate.Right {
        guard let gate else { return .everything }
        let source = RequestSource(channel.remoteAddress)
        switch gate.judge(request.headers[.authorization], from: source, at: .now) {
        case .admitted(let right): return right
        case .refused:
            metrics.tokenRefused()
            try await Task.sleep(for: limits.tokenDelay)
            throw Problem(.unauthorized, "send the header 'Authorization: Bearer TOKEN'")
        case .turnedAway(let seconds):
            metrics.tokenRefused()
            throw Problem(
                .tooMany,
                "too many wrong tokens; try again in \(seconds) seconds",
                retryAfter: seconds
            )
        }
    }

    private func noBody(of request: Request) async throws {
        _ = try await bytes(of: request, upTo: limits.body)
    }

    func content<Body: RequestBodyFormat>(
        _ type: Body.Type,
        of request: Request,
        upTo limit: Int? = nil
    ) async throws -> Body {
        let media = request.headers[.contentType]?.split(separator: ";").first
            .map { part in
                part.trimmed.lowercased()
            }
        guard media == "application/json" else {
            throw Problem(.mediaType, "send JSON with the header 'Content-Type: application/json'")
        }
        let bytes = try await bytes(of: request, upTo: limit ?? limits.body)
        do {
            let value = try JSONValue(parsing: bytes)
            guard let names = value.names else { throw Problem(.invalid, "the body is not a JSON object") }
            if let unknown = names.first(where: { !Body.fields.contains($0) }) {
                throw Problem(
                    .invalid,
                    "the field \(String(unknown.prefix(40))) is not known; known are \(Body.fields.joined(separator: ", "))"
                )
            }
            // Nothing at all is said by leaving the field out.
            if let empty = names.first(where: { value[$0] == .null }) {
                throw Problem(.invalid, "the field \(empty) is null; leave it out")
            }
            return try WireFormat.decode(type, from: bytes)
        } catch is JSONError {
            throw Problem(.invalid, "the body is not JSON, or has a field twice")
        } catch let error as DecodingError {
            throw Problem(.invalid, error.words)
        }
    }

    private func bytes(of request: Request, upTo limit: Int) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Problem(.tooLarge, "the body has more than \(limit) bytes")
        }
        do {
            let buffer = try await request.body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(.tooLarge, "the body has more than \(limit) bytes")
        } catch is HTTPParserError {
            throw Problem(.invalid, "the body does not come as HTTP wants it, such as a chunk of no possible size")
        }
    }
}
