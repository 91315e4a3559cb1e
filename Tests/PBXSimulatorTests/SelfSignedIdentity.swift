import Foundation
import Testing

@testable import PBXSimulator

/// A certificate for 127.0.0.1 that nobody vouches for, made for one test.
struct SelfSignedIdentity {
    let files: PBXServer.Configuration.TLSFiles
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "pbx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        files = PBXServer.Configuration.TLSFiles(
            certificate: directory.appending(path: "cert.pem").path,
            key: directory.appending(path: "key.pem").path
        )
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", files.certificate, "-keyout",
            files.key,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }
}
