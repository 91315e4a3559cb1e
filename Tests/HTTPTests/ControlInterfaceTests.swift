import Testing

/// Everything that runs a server: one after the other, so that open descriptors can be counted.
@Suite("Control interface", .serialized, .timeLimit(.minutes(10)))
struct ControlInterfaceTests {}
