"""on-terminal.py WAITED-FOR KEYS COMMAND...: runs a command on a terminal of its own, types the keys as soon as it has printed
what is waited for, prints all that it says, and ends with its status. With the keys `hang up` the terminal goes away instead."""

import os
import pty
import sys

waited_for, keys, command = sys.argv[1], sys.argv[2], sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)

said = b""
typed = False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # EIO: the other side is closed
        break
    if not piece:
        break
    said += piece
    if not typed and waited_for.encode() in said:
        typed = True
        if keys == "hang up":
            break
        os.write(terminal, keys.encode())
os.close(terminal)
sys.stdout.write(said.decode("utf-8", "replace"))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
