import Glibc
import SmallFiles
import Testing
import gsmbridge

@testable import Doctor
@testable import gsmbridge

@Suite struct SystemdUnitFilesTests {
    /// A directory tree that is gone after the test.
    private final class Tree {
        let root: String

        init(_ files: [String: String]) throws {
            root = "/tmp/gsmbridge-units-\(getpid())-\(UInt64.random(in: 0 ... .max))"
            for (path, text) in files {
                var directory = root
                mkdir(directory, 0o755)
                for part in path.split(separator: "/").dropLast() {
                    directory += "/\(part)"
                    mkdir(directory, 0o755)
                }
                let file = open("\(root)/\(path)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
                try #require(file >= 0)
                let bytes = Array(text.utf8)
                let count = write(file, bytes, bytes.count)
                close(file)
                try #require(count == bytes.count)
            }
        }

        deinit { Self.remove(root) }

        private static func remove(_ path: String) {
            for name in SmallFile.names(in: path) ?? [] { remove("\(path)/\(name)") }
            if unlink(path) != 0 { rmdir(path) }
        }
    }

    @Test("without a unit file there is no service")
    func none() throws {
        let tree = try Tree(["etc/systemd/system/other.service": "LoadCredential=a:/b"])
        #expect(SystemdUnitFiles.find("gsmbridge.service", root: tree.root) == SystemdUnitFiles())
    }

    @Test("credentials come from the unit and from what is added to it, not from comments")
    func credentials() throws {
        let tree = try Tree([
            "lib/systemd/system/gsmbridge.service":
                "[Service]\nUser=x\n#LoadCredential=no:/no\nLoadCredential=pin:/etc/pin\n",
            "etc/systemd/system/gsmbridge.service.d/override.conf":
                "[Service]\n LoadCredentialEncrypted = ari:/etc/a:b\nLoadCredential=inherited\n",
            "etc/systemd/system/gsmbridge.service.d/ignored.txt": "LoadCredential=x:/x",
        ])
        let files = SystemdUnitFiles.find("gsmbridge.service", root: tree.root)
        #expect(files == SystemdUnitFiles(exists: true, credentials: ["pin": "/etc/pin", "ari": "/etc/a:b"]))
    }

    @Test("a unit of the administrator's stands for the packaged one")
    func override() throws {
        let tree = try Tree([
            "lib/systemd/system/gsmbridge.service": "LoadCredential=pin:/packaged",
            "etc/systemd/system/gsmbridge.service": "LoadCredential=pin:/own",
        ])
        let files = SystemdUnitFiles.find("gsmbridge.service", root: tree.root)
        #expect(files.credentials == ["pin": "/own"])
    }

    @Test(
        "the file of a process is the last one that its command line names",
        arguments: [
            (["gsmbridge", "run"], nil), (["gsmbridge", "run", "--config", "/a"], "/a"),
            (["gsmbridge", "run", "--config=/a", "--verbose", "--config", "b"], "b"), (["x", "--config"], ""),
        ] as [([String], String?)]
    )
    func file(words: [String], path: String?) { #expect(RunningProcess.configuration(in: words) == path) }
}
