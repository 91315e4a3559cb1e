// swift-tools-version: 6.2
import PackageDescription

// GSMBRIDGE_CORE_ONLY=1 leaves out everything that needs a network of packages (NIO, argument parsing), so that sanitizer,
// fuzz and coverage jobs build the pure modules in seconds.
let coreOnly = Context.environment["GSMBRIDGE_CORE_ONLY"] != nil

// GSMBRIDGE_BENCHMARKS=1 adds the folder Benchmarks/, which no build of the product needs.
let withBenchmarks = Context.environment["GSMBRIDGE_BENCHMARKS"] != nil

// Warnings are errors where the project is checked, never where it is used: a newer toolchain must not break an install.
let strict = Context.environment["GSMBRIDGE_STRICT"] != nil

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

// lld links this package in about a second where the default linker takes twenty.
let linkerSettings: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"])]

/// The modules of other packages, and the package of each.
let outside = [
    "ArgumentParser": "swift-argument-parser",
    "AsyncHTTPClient": "async-http-client",
    "Crypto": "swift-crypto",
    "CryptoExtras": "swift-crypto",
    "GRDB": "GRDB.swift",
    "HTTPTypes": "swift-http-types",
    "HummingbirdCore": "hummingbird",
    "Logging": "swift-log",
    "NIOCore": "swift-nio",
    "NIOEmbedded": "swift-nio",
    "NIOHTTP1": "swift-nio",
    "NIOPosix": "swift-nio",
    "NIOSSL": "swift-nio-ssl",
    "NIOWebSocket": "swift-nio",
    "ServiceLifecycle": "swift-service-lifecycle",
    "Yams": "Yams",
]

// Each target names the modules that its files import, and no other: ArchitectureTests reads both.

func dependencies(_ modules: [String]) -> [Target.Dependency] {
    modules.map { module in
        outside[module].map { .product(name: module, package: $0) } ?? .byName(name: module)
    }
}

/// Sound is worked on sample by sample, which takes ten times as long where nothing is optimised: too long for a debug build
/// that is to keep a call's time, and for its tests.
let soundSettings = swiftSettings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

func library(_ name: String, _ imports: [String] = [], settings: [SwiftSetting] = swiftSettings) -> Target {
    .target(name: name, dependencies: dependencies(imports), swiftSettings: settings)
}

func executable(_ name: String, _ imports: [String], in folder: String = "Sources") -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies(imports),
        path: "\(folder)/\(name)",
        swiftSettings: swiftSettings,
        linkerSettings: linkerSettings
    )
}

func tests(
    _ name: String,
    _ imports: [String] = [],
    exclude: [String] = [],
    settings: [SwiftSetting] = swiftSettings
) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies(imports),
        exclude: exclude,
        swiftSettings: settings,
        linkerSettings: linkerSettings
    )
}

/// The test targets that are built, separated by commas; absent: all.
let wantedTests = Context.environment["GSMBRIDGE_TESTS"]?.split(separator: ",").map(String.init)

let coreTargets: [Target] = [
    library("ATProtocol", ["CallModel"]),
    .target(name: "CLinux"),
    .systemLibrary(name: "CALSA", pkgConfig: "alsa", providers: [.apt(["libasound2-dev"])]),
    .systemLibrary(name: "CSpeexDSP", pkgConfig: "speexdsp", providers: [.apt(["libspeexdsp-dev"])]),
    .systemLibrary(name: "CSpanDSP", pkgConfig: "spandsp", providers: [.apt(["libspandsp-dev"])]),
    .systemLibrary(name: "COpus", pkgConfig: "opus", providers: [.apt(["libopus-dev"])]),
    .systemLibrary(name: "CSRTP", pkgConfig: "libsrtp2", providers: [.apt(["libsrtp2-dev"])]),
    .systemLibrary(name: "CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"])]),
    .systemLibrary(name: "CUmockdev", pkgConfig: "umockdev-1.0", providers: [.apt(["umockdev", "libumockdev-dev"])]),
    library("DeviceDiscovery", ["CUdev"]),
    // Debian's libphonenumber is C++ only: a few functions in plain C stand before it.
    .target(name: "CPhoneNumber", linkerSettings: [.linkedLibrary("phonenumber")]),
    library("DialPlan", ["CPhoneNumber", "CallModel"]),
    library("Contacts", ["CallModel", "DialPlan"]),
    library("CallModel"),
    library("RTPMedia", ["CallModel"]),
    tests("RTPMediaTests", ["CallModel", "RTPMedia", "TestSupport"]),
    // One thread, real time: everything of it is measured, nothing in it waits.
    library(
        "CallAudio",
        ["CALSA", "CLinux", "COpus", "CSRTP", "CSpanDSP", "CSpeexDSP", "CallModel", "RTPMedia"],
        settings: soundSettings
    ),
    library("GatewayAPI", ["CallModel"]),
    library("TextCoding"),
    library("SmallFiles"),
    library("CallFlows", ["CallModel"]),
    library("ShortMessage"),
    library("NetworkSimulator", settings: soundSettings),
    library("ModemSimulator", ["NetworkSimulator"], settings: soundSettings),
    library("SimulatedTerminals", ["CLinux", "ModemSimulator"]),
    .target(name: "CTestWidth"),
    library("TestSupport", ["CTestWidth"]),
    tests("ArchitectureTests"),
    tests("ATProtocolTests", ["ATProtocol", "CallModel", "TestSupport"]),
    tests("DialPlanTests", ["CPhoneNumber", "CallModel", "DialPlan", "TestSupport"]),
    tests("ContactsTests", ["CallModel", "Contacts", "DialPlan"]),
    tests("CallAudioTests", ["CALSA", "CLinux", "CallAudio", "CallModel", "TestSupport"], settings: soundSettings),
    tests("ShortMessageTests", ["ShortMessage", "TestSupport"]),
    tests("CallFlowsTests", ["CallFlows", "CallModel", "TestSupport"]),
    tests("ModemSimulatorTests", ["ModemSimulator", "NetworkSimulator", "SimulatedTerminals", "TestSupport"]),
    tests("DeviceDiscoveryTests", ["CUmockdev", "DeviceDiscovery", "TestSupport"]),
]

let fullTargets: [Target] = [
    .systemLibrary(name: "CSofia", pkgConfig: "sofia-sip-ua", providers: [.apt(["libsofia-sip-ua-dev"])]),
    // sofia-sip's functions take lists of tags, which Swift can't import: a few functions in plain C stand before them.
    .target(name: "CSofiaSIP", dependencies: ["CSofia"]),
    library("SIP", ["CLinux", "CSofiaSIP", "CallModel", "Crypto", "Logging", "RTPMedia"]),
    library("SerialPort", ["CLinux", "NIOCore", "NIOPosix", "SmallFiles"]),
    library("Modem", ["ATProtocol", "CallModel", "Logging", "NIOCore", "NIOPosix", "SerialPort", "ShortMessage"]),
    library("ConfigurationText", ["TextCoding", "Yams"]),
    library(
        "Settings",
        ["CallModel", "ConfigurationText", "DialPlan", "PBX", "SmallFiles", "TextCoding", "WebRequests", "Yams"]
    ),
    library("Notify", ["CallLog", "Crypto", "GatewayAPI", "Logging", "ServiceLifecycle", "TextCoding", "WebRequests"]),
    library("ModemTestSupport", ["Modem"]),
    library("CallLog", ["CallModel", "Crypto", "GRDB", "GatewayAPI", "SmallFiles"]),
    library(
        "Lines",
        [
            "CallModel", "DeviceDiscovery", "Logging", "Modem", "NIOCore", "SerialPort", "SmallFiles", "TextCoding",
        ]
    ),
    library("WebRequests", ["AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "TextCoding"]),
    library(
        "PBX",
        [
            "Crypto", "CryptoExtras", "DialPlan", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL",
            "NIOWebSocket", "TextCoding", "WebRequests",
        ]
    ),
    library("CallPlanning", ["CallFlows", "CallLog", "CallModel", "DialPlan", "GatewayAPI", "Logging", "Settings"]),
    library(
        "CallRecords",
        ["CallFlows", "CallLog", "CallModel", "CallPlanning", "DialPlan", "GatewayAPI", "Settings", "TextCoding"]
    ),
    library(
        "ContactBook",
        ["CallLog", "CallModel", "Contacts", "DialPlan", "GatewayAPI", "Logging", "Modem", "Settings", "SmallFiles"]
    ),
    library("PBXLinks", ["DialPlan", "GatewayAPI", "Logging", "PBX", "Settings", "TextCoding", "WebRequests"]),
    library("CallEndpoints", ["CallAudio", "CallModel", "DialPlan", "Logging", "Settings"]),
    library(
        "Calls",
        [
            "CallAudio", "CallEndpoints", "CallFlows", "CallLog", "CallModel", "CallPlanning", "CallRecords",
            "ContactBook", "DialPlan", "GatewayAPI", "Lines", "Logging", "Modem", "PBX", "PBXLinks", "Settings",
            "TextCoding",
        ]
    ),
    library(
        "Messages",
        [
            "CallFlows", "CallLog", "CallModel", "DialPlan", "GatewayAPI", "Lines", "Logging", "Modem", "Settings",
            "ShortMessage", "TextCoding",
        ]
    ),
    library(
        "LineStatuses",
        [
            "CallModel", "CallPlanning", "DeviceDiscovery", "DialPlan", "GatewayAPI", "Lines", "Modem",
        ]
    ),
    library(
        "Doctor",
        [
            "CLinux", "CallAudio", "CallLog", "CallModel", "CallPlanning", "CallRecords", "Calls", "ConfigurationText",
            "Console", "DeviceDiscovery", "DialPlan", "Gateway", "GatewayAPI", "HTTP", "Lines", "Logging", "Modem",
            "PBX", "PBXLinks", "SerialPort", "Settings", "SmallFiles", "TextCoding",
        ]
    ),
    library(
        "SIPCalls",
        [
            "CallAudio", "CallModel", "Calls", "DialPlan", "GatewayAPI", "Logging", "Modem", "SIP", "Settings",
            "TextCoding",
        ]
    ),
    library(
        "Gateway",
        [
            "CallAudio", "CallEndpoints", "CallFlows", "CallLog", "CallModel", "CallPlanning", "CallRecords", "Calls",
            "ConfigurationText", "ContactBook", "Contacts", "DeviceDiscovery", "DialPlan", "GatewayAPI", "LineStatuses",
            "Lines", "Logging", "Messages", "Modem", "PBX", "PBXLinks", "SIPCalls", "SerialPort", "ServiceLifecycle",
            "Settings", "Systemd", "TextCoding",
        ]
    ),
    library("Systemd", ["GatewayAPI", "Logging", "ServiceLifecycle", "Settings", "TextCoding"]),
    library("ServiceFigures", ["CallModel", "GatewayAPI", "Settings", "SmallFiles"]),
    library(
        "WebAccess",
        [
            "Crypto", "CryptoExtras", "GatewayAPI", "Logging", "NIOCore", "Settings", "SmallFiles", "TextCoding",
            "WebPage",
        ]
    ),
    library(
        "HTTP",
        [
            "CallModel", "Crypto", "GatewayAPI", "HTTPTypes", "HummingbirdCore", "Logging", "NIOCore", "NIOHTTP1",
            "NIOPosix", "NIOSSL", "NIOWebSocket", "PBX", "ServiceFigures", "ServiceLifecycle", "Settings", "SmallFiles",
            "TextCoding", "WebAccess", "WebRequests",
        ]
    ),
    library(
        "OneCall",
        [
            "CallModel", "CallRecords", "Calls", "DeviceDiscovery", "DialPlan", "Gateway", "GatewayAPI", "Lines",
            "Logging", "PBX", "Settings",
        ]
    ),
    // The page's files, built into the program.
    .target(name: "WebPage", exclude: ["files"]),
    library("Console", ["ArgumentParser", "CLinux", "GatewayAPI", "Logging", "TextCoding"]),
    library(
        "Presenters",
        [
            "ArgumentParser", "CallLog", "CallModel", "Console", "DeviceDiscovery", "GatewayAPI", "Settings",
            "TextCoding",
        ]
    ),
    library(
        "Simulation",
        [
            "ArgumentParser", "CLinux", "CallAudio", "CallFlows", "CallLog", "CallModel", "CallPlanning", "CallRecords",
            "Calls", "Console", "DialPlan", "Gateway", "GatewayAPI", "HTTP", "Logging", "Modem", "ModemSimulator",
            "NetworkSimulator", "OneCall", "PBXSimulator", "SIP", "Settings", "SimulatedTerminals",
        ]
    ),
    executable(
        "gsmbridge",
        [
            "ArgumentParser", "CLinux", "CallFlows", "CallLog", "CallModel", "CallPlanning", "CallRecords", "Calls",
            "ConfigurationText", "Console", "ContactBook", "Contacts", "DeviceDiscovery", "DialPlan", "Doctor",
            "Gateway", "GatewayAPI", "HTTP", "LineStatuses", "Lines", "Logging", "Messages", "Modem", "NIOCore",
            "Notify", "OneCall", "PBX", "PBXLinks", "Presenters", "SerialPort", "ServiceLifecycle", "Settings",
            "Simulation", "SmallFiles", "Systemd", "TextCoding", "WebAccess", "WebRequests",
        ]
    ),
    library(
        "PBXSimulator",
        [
            "Crypto", "ModemSimulator", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "NIOWebSocket", "NetworkSimulator",
            "SimulatedTerminals",
        ]
    ),
    executable("gsmbridge-manual", ["ArgumentParser"]),
    library("ServiceRig", ["CLinux", "ModemSimulator", "SimulatedTerminals"]),
    executable(
        "gsmbridge-reliability",
        [
            "CLinux", "CallLog", "GatewayAPI", "ModemSimulator", "NetworkSimulator", "ServiceRig", "SimulatedTerminals",
        ]
    ),
    tests("ManualTests", ["gsmbridge-manual"]),
    tests("SIPTests", ["CallModel", "Logging", "SIP", "TestSupport"]),
    tests("SerialPortTests", ["CLinux", "NIOCore", "NIOPosix", "SerialPort", "TestSupport"]),
    tests(
        "ModemTests",
        [
            "ATProtocol", "CallFlows", "CallLog", "CallModel", "CallRecords", "Calls", "Logging", "Modem",
            "ModemSimulator", "ModemTestSupport", "NetworkSimulator", "TestSupport",
        ]
    ),
    tests(
        "GatewayTests",
        [
            "ATProtocol", "CLinux", "CallEndpoints", "CallFlows", "CallLog", "CallModel", "CallPlanning", "CallRecords",
            "Calls", "ConfigurationText", "Console", "ContactBook", "Contacts", "DeviceDiscovery", "DialPlan", "Doctor",
            "Gateway", "GatewayAPI", "LineStatuses", "Lines", "Logging", "Messages", "Modem", "ModemSimulator",
            "ModemTestSupport", "NIOPosix", "NetworkSimulator", "Notify", "OneCall", "PBX", "PBXLinks", "PBXSimulator",
            "SIPCalls", "SerialPort", "Settings", "SimulatedTerminals", "Systemd", "TestSupport", "TextCoding",
            "WebRequests", "Yams",
        ]
    ),
    tests("CallLogTests", ["CallLog", "GRDB", "GatewayAPI", "TestSupport"], exclude: ["Old"]),
    tests(
        "PBXTests",
        [
            "Crypto", "CryptoExtras", "DialPlan", "NIOCore", "NIOEmbedded", "NIOHTTP1", "NIOPosix", "NIOSSL",
            "NIOWebSocket", "PBX", "TestSupport", "TextCoding", "WebRequests",
        ]
    ),
    tests(
        "PBXSimulatorTests",
        [
            "AsyncHTTPClient", "Crypto", "DialPlan", "ModemSimulator", "NIOCore", "NIOHTTP1", "NIOPosix",
            "NetworkSimulator", "PBX", "PBXSimulator", "SimulatedTerminals", "TestSupport", "TextCoding", "WebRequests",
        ]
    ),
    tests(
        "HTTPTests",
        [
            "CallFlows", "CallLog", "CallModel", "Console", "Contacts", "Crypto", "DialPlan", "Gateway", "GatewayAPI",
            "HTTP", "HTTPTypes", "Logging", "NIOCore", "NIOPosix", "PBX", "ServiceFigures", "ServiceLifecycle",
            "Settings", "TestSupport", "TextCoding", "WebAccess", "WebRequests", "Yams",
        ]
    ),
    // It also runs gsmbridge-reliability.
    tests(
        "CommandLineTests",
        [
            "CLinux", "CallFlows", "CallModel", "Console", "Crypto", "DeviceDiscovery", "Doctor", "Gateway",
            "GatewayAPI", "LineStatuses", "Lines", "Logging", "Modem", "ModemSimulator", "NetworkSimulator", "Notify",
            "PBX", "PBXSimulator", "SimulatedTerminals", "Simulation", "SmallFiles", "TestSupport", "TextCoding",
            "WebRequests", "Yams", "gsmbridge", "gsmbridge-reliability",
        ],
        exclude: ["Browser"]
    ),
]

let benchmarkTargets: [Target] = [
    .target(name: "CAllocationCount", path: "Benchmarks/CAllocationCount"),
    executable(
        "gsmbridge-benchmarks",
        [
            "ATProtocol", "CAllocationCount", "CLinux", "CallAudio", "CallLog", "GatewayAPI", "Logging", "Modem",
            "ModemSimulator", "NetworkSimulator", "ServiceRig", "SimulatedTerminals",
        ],
        in: "Benchmarks"
    ),
]

let package = Package(
    name: "gsmbridge",
    products: coreOnly ? [] : [.executable(name: "gsmbridge", targets: ["gsmbridge"])],
    dependencies: coreOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
            .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
            .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
            .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
            .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
            .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
            // Without its traits Hummingbird does without Foundation.
            .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0", traits: []),
            .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
            .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
            .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
            .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        ],
    targets: (coreTargets + (coreOnly ? [] : fullTargets + (withBenchmarks ? benchmarkTargets : [])))
        .filter { $0.type != .test || wantedTests?.contains($0.name) ?? true }
)
