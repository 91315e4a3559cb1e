internal import Glibc

/// The owner of the files in a state directory: the directory's own, no matter which user writes there first.
///
/// `sudo gsmbridge dial …` before the first start of the service would lock the service out of its own records
/// otherwise.
package enum DirectoryOwner {
    /// Gives an open file that root has made to the owner of its directory; does nothing for any other file or user.
    ///
    /// A file with a second name is left alone: that may be one from elsewhere. SQLite gives the companions of a
    /// database to the database's owner by itself. Where the file system refuses, root goes on and `doctor` names the
    /// file.
    package static func take(_ descriptor: Int32, at path: String) {
        guard geteuid() == 0, let slash = path.lastIndex(of: "/") else { return }
        var (file, directory) = (stat(), stat())
        guard fstat(descriptor, &file) == 0, stat(String(path[...slash]), &directory) == 0, directory.st_uid != 0,
            file.st_uid == 0, file.st_nlink == 1, file.st_mode & S_IFMT == S_IFREG
        else { return }
        _ = fchown(descriptor, directory.st_uid, directory.st_gid)
    }
}
