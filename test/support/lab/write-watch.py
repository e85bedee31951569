"""Watches file systems for writes until it is sent SIGTERM, then prints each written file and the program that wrote it.

fanotify(7) sees every write(2) below a mounted file system, also to /proc and /sys, whose files have no times that tell.
"""

import ctypes
import os
import signal
import struct
import sys
import threading

CLASS_NOTIF, CLOEXEC = 0x0, 0o2000000
MARK_ADD, MARK_FILESYSTEM, MODIFY = 0x1, 0x100, 0x2
AT_FDCWD = -100

libc = ctypes.CDLL(None, use_errno=True)
written = set()


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def program(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return "(ended)"


def listen(watch):
    while True:
        events = os.read(watch, 65536)
        while events:
            length, _, _, _, _, file, pid = struct.unpack("IBBHQii", events[:24])
            events = events[length:]
            if pid != os.getpid():
                written.add(f"{os.readlink(f'/proc/self/fd/{file}')} {program(pid)}")
            os.close(file)


def main(paths):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    watch = checked(libc.fanotify_init(CLASS_NOTIF, os.O_RDONLY | CLOEXEC))
    for path in paths:
        mask = ctypes.c_uint64(MODIFY)
        checked(libc.fanotify_mark(watch, MARK_ADD | MARK_FILESYSTEM, mask, AT_FDCWD, path.encode()))
    threading.Thread(target=listen, args=(watch,), daemon=True).start()
    print("watching", flush=True)
    signal.sigwait({signal.SIGTERM})
    for line in sorted(written):
        print(line)


main(sys.argv[1:])
