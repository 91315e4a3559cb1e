import FoundationEssentials
import Testing

@testable import gsmbridge_manual

@Suite struct ManualPageTests {
    /// What the parser prints for a program with one command.
    private static let dump = #"""
        {"serializationVersion": 0, "command": {
          "commandName": "gsmbridge", "shouldDisplay": true, "abstract": "Calls.", "arguments": [],
          "subcommands": [
            {"superCommands": ["gsmbridge"], "commandName": "at", "shouldDisplay": true,
             "abstract": "Send a command.", "discussion": "One at a time.\n\n.dots and \\ stay.\n\nEXAMPLES\n  gsmbridge at /dev/ttyUSB2 ATI\n\n  gsmbridge at - x",
             "arguments": [
               {"kind": "positional", "shouldDisplay": true, "isOptional": false, "isRepeating": true,
                "valueName": "command", "abstract": "What to send."},
               {"kind": "option", "shouldDisplay": true, "isOptional": true, "isRepeating": false,
                "names": [{"kind": "short", "name": "f"}, {"kind": "long", "name": "format"}], "valueName": "format",
                "allValues": ["text", "json"], "defaultValue": "text", "abstract": "How to report."},
               {"kind": "flag", "shouldDisplay": false, "isOptional": true, "isRepeating": false,
                "names": [{"kind": "long", "name": "secret"}]}
             ]},
            {"superCommands": ["gsmbridge"], "commandName": "hidden", "shouldDisplay": false},
            {"superCommands": ["gsmbridge"], "commandName": "help", "shouldDisplay": true}
          ]}}
        """#

    private static func pages() throws -> [ManualPage] {
        let dump = try JSONDecoder().decode(CommandDescription.Dump.self, from: Data(Self.dump.utf8))
        return ManualPage.pages(of: dump.command, source: "gsmbridge 1.2.3", date: "2026-01-31")
    }

    @Test("every command that is shown has a page, and no other")
    func names() throws {
        #expect(try Self.pages().map(\.fileName) == ["gsmbridge.1", "gsmbridge-at.1"])
    }

    @Test("a page has its name, its use, its options with values and defaults, and its chapters")
    func page() throws {
        let page = try #require(try Self.pages().last)
        let expected = #"""
            .\" Written by the program gsmbridge-manual: change the command instead.
            .TH "GSMBRIDGE-AT" 1 "2026-01-31" "gsmbridge 1.2.3" "gsmbridge"
            .SH NAME
            gsmbridge\-at \- Send a command
            .SH SYNOPSIS
            .B gsmbridge at
            \fIcommand\fR ...
            [\fB\-\-format\fR \fIformat\fR]
            .SH DESCRIPTION
            Send a command.
            .PP
            One at a time.
            .PP
            \&.dots and \e stay.
            .SH OPTIONS
            .TP
            \fIcommand\fR
            What to send.
            .TP
            \fB\-f\fR, \fB\-\-format\fR \fIformat\fR
            How to report. One of: text, json. Default: text.
            .SH "EXAMPLES"
            .RS 2
            .nf
            gsmbridge at /dev/ttyUSB2 ATI

            gsmbridge at \- x
            .fi
            .RE
            .SH SEE ALSO
            .BR gsmbridge (1)

            """#
        #expect(page.text == expected)
    }

    @Test("the first page leads to the others and names the files")
    func top() throws {
        let text = try #require(try Self.pages().first).text
        #expect(text.contains(".TP\n.BR gsmbridge\\-at (1)\nSend a command.\n"))
        #expect(text.contains(".I /etc/gsmbridge/gsmbridge.yaml\n"))
        #expect(!text.contains("hidden"))
    }

    @Test(
        "options stay typeable in running text",
        arguments: [
            ("name another one with --config, or not", "name another one with \\-\\-config, or not"),
            ("(-v) well-known", "(\\-v) well-known"), ("'quoted' first", "\\&'quoted' first"),
            ("in /dev/serial/by-id", "in /dev/serial/by\\-id"), ("a - b", "a - b"),
        ]
    )
    func prose(_ text: String, _ roff: String) {
        #expect(Roff.prose(text) == roff)
    }
}
