internal import DialPlan

/// Turns what was asked for into a route, by the configuration: the same for the command line alone and the service.
public struct RoutePlanner: Sendable {
    private let configuration: Configuration
    private let environment: ConfigurationEnvironment

    /// Creates a planner.
    public init(configuration: Configuration, environment: ConfigurationEnvironment) {
        self.configuration = configuration
        self.environment = environment
    }

    /// Decides how a request will be carried out; the policy's verdict is in the route.
    ///
    /// - Throws: ``ControlError/invalid(_:)`` when the request makes no sense, ``ControlError/configuration(_:)`` when
    ///   the configuration lacks what it needs.
    public func route(for request: DialRequest) throws(ControlError) -> Route {
        let target: PhoneNumber
        do {
            target = try PhoneNumber(typed: request.number, region: configuration.gateway.region)
        } catch {
            throw .invalid("\(request.number): \(error)")
        }
        // Nothing may stand in the way of a call for help, not even a secret that can't be read.
        let access = target.isEmergency ? nil : try access(for: request)
        do {
            return try Route(
                to: target,
                via: request.via ?? .auto,
                access: access,
                policy: configuration.policy.dialPolicy
            )
        } catch {
            throw .invalid("\(error)")
        }
    }

    /// The way into the PBX: the number that was given, else the PBX that was named, else the first that is configured.
    private func access(for request: DialRequest) throws(ControlError) -> Route.Access? {
        if let accessNumber = request.accessNumber {
            guard request.pbx == nil else { throw .invalid("--pbx and --access-number: give one of them") }
            do { return Route.Access(number: try DialString(typed: accessNumber)) } catch {
                throw .invalid("--access-number \(accessNumber): \(error)")
            }
        }
        if request.via == .direct { return nil }
        let entry: Configuration.PBX?
        do { entry = try configuration.pbx(request.pbx) } catch { throw .invalid("--pbx: \(error)") }
        guard let entry else { return nil }
        guard let callthrough = entry.callthrough else {
            throw .configuration("--pbx \(entry.name): it has no `callthrough` in the configuration")
        }
        do { return entry.access(pin: try callthrough.readPIN(in: environment)) } catch {
            throw .configuration("\(error)")
        }
    }
}
