import CallFlows
import TestSupport
import Testing

/// The board of held callers: single steps, and random sequences of them.
@Suite struct HoldBoardTests {
    private static let own = CallerMatch(["+491701234567"])

    /// A board that a test changes as it looks at it.
    private final class Board {
        typealias Part = HoldBoard<Int>.Part
        typealias Keyed = HoldBoard<Int>.Keyed

        private var board = HoldBoard<Int>()

        func place(_ call: Int, from number: String?, to called: String? = nil) -> Part {
            let access = CallerMatch(["+4922166966967"])
            return board.place(call, at: "tel", from: number, to: called, access: access, own: own)
        }

        func claim(_ caller: Int, token: String? = nil) -> Bool { board.claim(caller, by: own, token: token) }

        /// What the last of some keys leads to.
        func key(_ keys: String, in call: Int) -> Keyed {
            keys.reduce(.nothing) { _, digit in board.key(digit, in: call) }
        }

        func join(_ caller: Int, with call: Int) -> [Int]? { board.join(caller, with: call) }
        func giveBack(_ caller: Int) -> [Int]? { board.giveBack(caller) }
        func ended(_ call: Int) -> HoldBoard<Int>.Ending { board.ended(call) }
    }

    @Test("our own call finds its caller by its number, else by the access number or its token")
    func arrives() {
        let board = Board()
        #expect(board.place(1, from: "03055512") == .caller)
        #expect(board.place(2, from: "03055513") == .refused("a caller is held already"))
        #expect(board.place(3, from: "01701234567") == .refused("a caller is held already"), "it is not claimed")
        #expect(board.claim(1))
        #expect(!board.claim(1), "it is claimed already")
        #expect(board.place(4, from: nil, to: "022166966960") == .refused("a caller is held already"))
        #expect(board.place(5, from: nil, to: "022166966967") == .arrival(of: 1, keysToken: false))
        #expect(board.place(6, from: "01701234567") == .refused("a caller is held already"), "one has come")
        #expect(board.join(1, with: 6) == nil)
        #expect(board.join(1, with: 5) == [])
        #expect(board.giveBack(1) == nil, "it is joined")
        #expect(board.ended(1) == .callerGone(waiting: []))
        let late = board.place(7, from: "01701234567")
        #expect(late == .refused("a call of this box's own SIM came, and nobody is held for it"))
    }

    @Test("of several that may be ours the one is joined that keys the token, and three wrong ones are enough")
    func token() {
        let board = Board()
        #expect(board.place(1, from: "03055512") == .caller)
        #expect(board.claim(1, token: "12345678"))
        for call in 2...4 { #expect(board.place(call, from: nil) == .arrival(of: 1, keysToken: true)) }
        #expect(board.place(5, from: nil) == .refused("a caller is held already"))
        #expect(board.place(6, from: "+491701234567") == .arrival(of: 1, keysToken: true))
        #expect(board.key("87654321#", in: 2) == .nothing)
        #expect(board.key("#", in: 2) == .nothing)
        #expect(board.key("1#", in: 2) == .wrong)
        // What was keyed before it does not spoil it.
        #expect(board.key("9912345678#", in: 6) == .joins(1))
        #expect(board.key("#", in: 6) == .nothing)
        #expect(board.key("12345678#", in: 7) == .nothing, "it has not arrived")
        #expect(board.join(1, with: 6) == [2, 3, 4])
        #expect(board.key("12345678#", in: 3) == .nothing)
    }

    @Test("whatever comes in which order, a caller is joined with at most one call, which was claimed for it")
    func random() {
        var random = SeededGenerator(seed: 20_261_130)
        for _ in 0..<2_000 {
            let board = Board()
            var next = 0
            var (live, claimed, joined): (Set<Int>, Set<Int>, [Int: Int]) = ([], [], [:])
            var caller: Int?
            for _ in 0..<40 {
                switch Int.random(in: 0..<7, using: &random) {
                case 0, 1:
                    next += 1
                    let number = ["03055512", "01701234567", nil][Int.random(in: 0..<3, using: &random)]
                    switch board.place(next, from: number, to: Bool.random(using: &random) ? "022166966967" : nil)
                    {
                    case .caller:
                        #expect(caller == nil && number != "01701234567")
                        caller = next
                        live.insert(next)
                    case .arrival(let held, _):
                        #expect(held == caller && claimed.contains(held) && joined[held] == nil)
                        live.insert(next)
                    case .refused: break
                    }
                case 2:
                    guard let caller else { continue }
                    let token = Bool.random(using: &random) ? "12" : nil
                    if board.claim(caller, token: token) { #expect(claimed.insert(caller).inserted) }
                case 3:
                    guard let caller, let call = live.randomElement(using: &random) else { continue }
                    guard board.join(caller, with: call) != nil else { continue }
                    #expect(joined[caller] == nil && call != caller && claimed.contains(caller))
                    joined[caller] = call
                case 4:
                    guard let caller, board.giveBack(caller) != nil else { continue }
                    #expect(joined[caller] == nil)
                case 5:
                    guard let call = live.randomElement(using: &random) else { continue }
                    live.remove(call)
                    let ending = board.ended(call)
                    #expect((ending == .nothing) == (call != caller))
                    if call == caller { caller = nil }
                default:
                    guard let call = live.randomElement(using: &random) else { continue }
                    let digit = ["1", "2", "#"].randomElement(using: &random) ?? "1"
                    if case .joins(let held) = board.key(digit, in: call) {
                        #expect(held == caller && joined[held] == nil)
                    }
                }
            }
        }
    }
}
