"""Files that facts are read from."""

import os


def get_file_content(path, default=None, strip=True):
    """Return what a file has, or `default` where it cannot be read or has nothing."""
    if not os.path.exists(path) or not os.access(path, os.R_OK):
        return default
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            data = file.read()
    except OSError:
        return default
    return (data.strip() if strip else data) or default


def get_file_lines(path, strip=True, line_sep=None):
    """Return a file's lines."""
    data = get_file_content(path, strip=strip)
    if not data:
        return []
    if line_sep is None:
        return data.splitlines()
    return data.rstrip(line_sep).split(line_sep) if len(line_sep) == 1 else data.split(line_sep)


def get_mount_size(mountpoint):
    """Return how large a mounted file system is and how full."""
    try:
        about = os.statvfs(mountpoint)
    except OSError:
        return {}
    return {
        "size_total": about.f_frsize * about.f_blocks,
        "size_available": about.f_frsize * about.f_bavail,
        "block_size": about.f_bsize,
        "block_total": about.f_blocks,
        "block_available": about.f_bavail,
        "block_used": about.f_blocks - about.f_bavail,
        "inode_total": about.f_files,
        "inode_available": about.f_favail,
        "inode_used": about.f_files - about.f_favail,
    }
