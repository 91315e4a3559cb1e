package import ConfigurationText
internal import FoundationEssentials
internal import SmallFiles

extension Configuration {
    /// Finds and reads the configuration.
    ///
    /// The file is the named one, else that of `$GSMBRIDGE_CONFIG`, else the system's if it exists, else none: then
    /// everything has its default.
    ///
    /// - Parameters:
    ///   - path: the file that the user names, as with `--config`; it must exist.
    ///   - environment: variables, user and host.
    /// - Throws: ``ConfigurationError`` with everything that is wrong; end with ``ConfigurationError/exitStatus``.
    package static func load(
        path: String?,
        environment: ConfigurationEnvironment = .current
    ) throws(ConfigurationError) -> Configuration {
        if let path { return try read(path, environment, hint: "name another file with --config") }
        if let path = environment.variable("GSMBRIDGE_CONFIG") {
            return try read(path, environment, hint: "$GSMBRIDGE_CONFIG names it: correct or unset that")
        }
        guard let bytes = try contents(of: environment.systemFile, hint: nil) else {
            return try Configuration(document: nil, file: nil, environment: environment)
        }
        return try Configuration(contents: bytes, file: environment.systemFile, environment: environment)
    }

    /// Where the running service is asked, and what is wrong with the file that should have said so.
    package struct SocketPlace: Sendable {
        package var path: String
        /// Why the file can't be used; nil where it can, and where there was no need to look.
        package var problem: ConfigurationError?
    }

    /// Finds the service's socket for a command that needs nothing else.
    ///
    /// A mistake in the file must not stand between a person and a live call. Of a file with mistakes only
    /// `gateway.socket` is read; where that can't be either, it is the place where a service is most likely to be.
    ///
    /// - Parameters:
    ///   - option: the socket that the user names, as with `--socket`; then no file is looked at.
    ///   - file: the file that the user names, as with `--config`.
    ///   - environment: variables, user and host.
    package static func socketPlace(
        option: String?,
        file: String?,
        environment: ConfigurationEnvironment = .current
    ) -> SocketPlace {
        if let path = option ?? environment.variable("GSMBRIDGE_SOCKET") { return SocketPlace(path: path) }
        do {
            return SocketPlace(path: try load(path: file, environment: environment).gateway.socket)
        } catch {
            let name = file ?? environment.variable("GSMBRIDGE_CONFIG") ?? environment.systemFile
            return SocketPlace(path: socket(inBroken: name, environment) ?? environment.likelySocket, problem: error)
        }
    }

    /// What a file with mistakes elsewhere says of the socket; nil where it says nothing that can be used.
    private static func socket(inBroken file: String, _ environment: ConfigurationEnvironment) -> String? {
        guard let bytes = try? contents(of: file, hint: nil),
            let document = try? ConfigurationDocument(bytes, file: file),
            var reader = try? ConfigurationReader(file: file, document: document, environment: environment)
        else { return nil }
        reader.takeRoot(keys: [])
        guard let gateway = reader.section("gateway", in: reader.root, keys: []), gateway["socket"] != nil,
            var own = try? ConfigurationReader(file: file, document: document, environment: environment),
            let read = SettingTable.gateway.read(gateway, &own)
        else { return nil }
        return own.problems.contains { $0.key == "gateway.socket" } ? nil : read.socket
    }

    /// The configuration of a box that has none.
    package static func defaults(
        environment: ConfigurationEnvironment = .current
    ) throws(ConfigurationError) -> Configuration {
        try Configuration(document: nil, file: nil, environment: environment)
    }

    /// Reads a configuration from the bytes of a file.
    ///
    /// - Parameters:
    ///   - contents: the bytes, at most 1 MiB.
    ///   - file: what the file is called in problems and origins.
    ///   - environment: variables, user and host.
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    package init(
        contents: [UInt8],
        file: String,
        environment: ConfigurationEnvironment = .current
    ) throws(ConfigurationError) {
        guard contents.count <= ConfigurationDocument.largest else {
            throw Self.tooLarge(file)
        }
        try self.init(document: ConfigurationDocument(contents, file: file), file: file, environment: environment)
    }

    private static func read(
        _ path: String,
        _ environment: ConfigurationEnvironment,
        hint: String
    ) throws(ConfigurationError) -> Configuration {
        guard let bytes = try contents(of: path, hint: hint) else {
            throw failure(path, "there is no such file", "create it with 'gsmbridge config init --output', or \(hint)")
        }
        return try Configuration(contents: bytes, file: path, environment: environment)
    }

    /// The bytes of a file; nil when it does not exist.
    private static func contents(of path: String, hint: String?) throws(ConfigurationError) -> [UInt8]? {
        do throws(FileError) {
            return try SmallFile.read(path, limit: ConfigurationDocument.largest)
        } catch {
            switch error {
            case .absent: return nil
            case .tooLarge: throw tooLarge(path)
            case .notRegular, .foreign, .open, .system:
                let others = hint.map { ", or \($0)" } ?? ""
                throw failure(path, error.words, "see that it is a file that this user can read\(others)")
            }
        }
    }

    private static func tooLarge(_ file: String) -> ConfigurationError {
        failure(file, "the file is larger than 1 MiB", "check that it is the right file, or make it smaller")
    }

    private static func failure(_ file: String, _ message: String, _ remedy: String) -> ConfigurationError {
        ConfigurationError(problems: [ConfigurationProblem(file: file, message: message, remedy: remedy)])
    }

    private init(
        document: ConfigurationDocument?,
        file: String?,
        environment: ConfigurationEnvironment
    ) throws(ConfigurationError) {
        var reader = try ConfigurationReader(file: file, document: document, environment: environment)
        let table = SettingTable<Configuration>.root
        reader.takeRoot(keys: table.keys)
        self = table.read(reader.root, &reader) ?? Configuration(environment, region: reader.region, file: file)
        if let failure = reader.failure() { throw failure }
        take(reader)
    }
}
