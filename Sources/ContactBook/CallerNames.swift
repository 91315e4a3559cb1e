package import Contacts
internal import Glibc
package import Logging
package import Settings
internal import Synchronization

/// The names of callers: what the contacts were when they were read last.
///
/// A ring is dealt with on its modem's loop, where no file is read: the contacts are read before, and again when their
/// file has changed.
package final class CallerNames: Sendable {
    /// How a file is known to be the same as before.
    private struct Mark: Equatable {
        var path: String
        var inode: UInt
        var size: Int
        /// The bytes of `st_mtim`: its fields are now and then invisible to the compiler (module SwiftOverlayShims).
        var modified: [UInt8]
    }

    private struct State {
        var mark: Mark?
        var book: ContactBook?
    }

    private let state = Mutex(State())

    /// Knows no names before ``refresh(_:_:)``.
    package init() {}

    /// The contact's name for a number in international format; nil when no contact has it.
    package subscript(number: String) -> String? {
        guard number.hasPrefix("+") else { return nil }
        return state.withLock { $0.book }?.name(for: number)
    }

    /// The groups of the contacts with a number in international format.
    package func groups(of number: String) -> Set<String> {
        guard number.hasPrefix("+") else { return [] }
        return state.withLock { $0.book }?.groups(of: number) ?? []
    }

    /// What a contact's name may mean; nothing where it is nobody's.
    package func numbers(of name: String) -> [ContactBook.Match] {
        state.withLock { $0.book }?.resolve(name) ?? []
    }

    /// Reads the contacts if they are not what they were; to be called on no event loop.
    package func refresh(_ configuration: Configuration, _ log: Logger) {
        let store = ContactStore(directory: configuration.gateway.stateDirectory)
        var status = stat()
        let mark =
            stat(store.path, &status) == 0
            ? Mark(
                path: store.path,
                inode: UInt(status.st_ino),
                size: Int(status.st_size),
                modified: withUnsafeBytes(of: status.st_mtim, Array.init)
            ) : nil
        guard state.withLock({ $0.mark }) != mark else { return }
        do throws(ContactStore.Failure) {
            let book = try mark == nil ? nil : store.book(region: configuration.gateway.region)
            state.withLock { $0 = State(mark: mark, book: book) }
        } catch {
            // Said once for each state of the file; calls go on without names.
            state.withLock { $0 = State(mark: mark, book: nil) }
            log.warning("callers are shown without names: \(error)")
        }
    }
}
