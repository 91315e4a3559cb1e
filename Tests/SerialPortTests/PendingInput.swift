import Glibc

/// How many bytes a tty has received that nobody has read yet.
func pendingInput(_ descriptor: Int32) -> Int32 {
    var count: Int32 = 0
    guard ioctl(descriptor, UInt(FIONREAD), &count) == 0 else { return -1 }
    return count
}
