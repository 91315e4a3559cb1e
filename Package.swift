// swift-tools-version: 6.2
import PackageDescription

// GSMBRIDGE_CORE_ONLY=1 leaves out everything that needs a network of packages (NIO, argument parsing), so that sanitizer,
// fuzz and coverage jobs build the pure modules in seconds.
let coreOnly = Context.environment["GSMBRIDGE_CORE_ONLY"] != nil

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

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        resources: resources,
        swiftSettings: swiftSettings,
        linkerSettings: linkerSettings
    )
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let web: [Target.Dependency] = [
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOWebSocket", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let http: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let server: [Target.Dependency] = [
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
]
let client: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto: [Target.Dependency] = [
    .product(name: "Crypto", package: "swift-crypto"),
    .product(name: "CryptoExtras", package: "swift-crypto"),
]

let coreTargets: [Target] = [
    library("ATProtocol", ["CallModel"]),
    .target(name: "CLinux"),
    .systemLibrary(name: "CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"])]),
    .systemLibrary(name: "CUmockdev", pkgConfig: "umockdev-1.0", providers: [.apt(["umockdev", "libumockdev-dev"])]),
    library("DeviceDiscovery", ["CUdev"]),
    // Debian's libphonenumber is C++ only: a few functions in plain C stand before it.
    .target(name: "CPhoneNumber", linkerSettings: [.linkedLibrary("phonenumber")]),
    library("DialPlan", ["CPhoneNumber", "CallModel"]),
    library("CallModel"),
    library("Contacts", ["CallModel", "DialPlan"]),
    library("GatewayAPI", ["CallModel"]),
    library("CallFlows", ["CallModel", "DialPlan"]),
    library("ModemSimulator", ["CLinux"]),
    tests("ATProtocolTests", ["ATProtocol", "CallModel"]),
    tests("DialPlanTests", ["DialPlan", "CallModel", "CPhoneNumber"]),
    tests("ContactsTests", ["Contacts", "CallModel", "DialPlan"]),
    tests("CallFlowsTests", ["CallFlows", "CallModel", "DialPlan"]),
    tests("ModemSimulatorTests", ["ModemSimulator", "ATProtocol"]),
    tests("DeviceDiscoveryTests", ["DeviceDiscovery", "CUmockdev"]),
]

let fullTargets: [Target] = [
    library("SerialPort", nio + [log, "CLinux"]),
    library("Modem", nio + [log, "ATProtocol", "SerialPort", "CallModel"]),
    library(
        "Lines",
        nio + [log, "Modem", "SerialPort", "DeviceDiscovery", "CallModel"]
    ),
    library("CallLog", [log, "GatewayAPI", .product(name: "GRDB", package: "GRDB.swift")]),
    library("PBX", nio + web + crypto + [log, client, "DialPlan"]),
    library(
        "Notify",
        [log, "GatewayAPI", "CallLog", "PBX", lifecycle]
    ),
    library(
        "Gateway",
        nio + [
            log, "GatewayAPI", "Lines", "Notify", "Modem", "SerialPort", "CallFlows", "CallModel", "DialPlan",
            "DeviceDiscovery",
            "CallLog", "PBX",
            "Contacts", lifecycle, .product(name: "Yams", package: "Yams"),
        ]
    ),
    library(
        "HTTP",
        nio + server + [
            log, http, "GatewayAPI", "Gateway", "DialPlan", "CallFlows", "CallModel", "CallLog", "Contacts", "PBX",
            lifecycle,
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
        ]
    ),
    library(
        "PBXSimulator",
        nio + web + crypto + ["ModemSimulator"]
    ),
    .executableTarget(
        name: "gsmbridge",
        dependencies: nio + [
            log, "Gateway", "Lines", "ModemSimulator", "Modem", "SerialPort", "CallFlows", "CallModel", "DialPlan",
            "CLinux",
            "DeviceDiscovery", "CallLog", "PBX", "Contacts", "GatewayAPI", "HTTP", "Notify", "PBXSimulator", lifecycle,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: swiftSettings,
        linkerSettings: linkerSettings
    ),
    .executableTarget(
        name: "gsmbridge-manual",
        dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
        swiftSettings: swiftSettings,
        linkerSettings: linkerSettings
    ),
    tests("ManualTests", ["gsmbridge-manual"]),
    .target(name: "CAllocationCount"),
    .executableTarget(
        name: "gsmbridge-benchmarks",
        dependencies: [
            log, "Modem", "ModemSimulator", "ATProtocol", "CLinux", "CAllocationCount", "CallLog", "ServiceRig",
            "GatewayAPI",
        ],
        swiftSettings: swiftSettings,
        linkerSettings: linkerSettings
    ),
    library("ServiceRig", ["ModemSimulator", "CLinux"]),
    .executableTarget(
        name: "gsmbridge-reliability",
        dependencies: ["ServiceRig", "CallLog", "ModemSimulator", "CLinux", "GatewayAPI"],
        swiftSettings: swiftSettings,
        linkerSettings: linkerSettings
    ),
    tests("SerialPortTests", nio + ["SerialPort", "CLinux"]),
    tests(
        "ModemTests",
        nio + [
            log, "Gateway", "Modem", "CallFlows", "CallModel", "CallLog", "SerialPort", "ATProtocol",
            "ModemSimulator",
        ]
    ),
    tests(
        "GatewayTests",
        nio + [
            log, "Gateway", "GatewayAPI", "Lines", "Notify", "Modem", "CallFlows", "CallModel", "DialPlan", "ATProtocol",
            "ModemSimulator",
            "CLinux",
            "Contacts",
            "CallLog", "SerialPort",
            "DeviceDiscovery", "PBX", "PBXSimulator", .product(name: "Yams", package: "Yams"),
        ]
    ),
    tests("CallLogTests", ["CallLog", "GatewayAPI", .product(name: "GRDB", package: "GRDB.swift")]),
    tests(
        "PBXTests",
        nio + web + crypto + ["PBX", "DialPlan", .product(name: "NIOEmbedded", package: "swift-nio")]
    ),
    tests("PBXSimulatorTests", nio + web + crypto + ["PBXSimulator", "ModemSimulator", "PBX", "DialPlan", client]),
    tests(
        "HTTPTests",
        nio + crypto + [
            log, http, "CallLog", .product(name: "HTTPTypes", package: "swift-http-types"), "HTTP", "GatewayAPI",
            "Gateway",
            "CallFlows", "CallModel", "Contacts", "DialPlan", "PBX", lifecycle,
            .product(name: "Yams", package: "Yams"),
        ]
    ),
    tests(
        "CommandLineTests",
        crypto + [
            "gsmbridge", "gsmbridge-reliability", "Gateway", "GatewayAPI", "Lines", "CallModel", "DeviceDiscovery",
            "Modem", "ModemSimulator", "PBX",
            "PBXSimulator", "CLinux", .product(name: "Yams", package: "Yams"),
        ]
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
    targets: coreTargets + (coreOnly ? [] : fullTargets)
)
