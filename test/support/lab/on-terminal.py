"""on-terminal.py [WAITED-FOR KEYS]... -- COMMAND...: runs a command on a terminal of its own and types each of the keys as soon
as the command has printed what is waited for, the one after the other. Prints all that it says, and ends with its status.
With the keys `hang up` the terminal goes away instead."""

import os
import pty
import sys

words = sys.argv[1 : sys.argv.index("--")]
command = sys.argv[sys.argv.index("--") + 1 :]
typing = list(zip(words[::2], words[1::2]))

child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)

said, unanswered = b"", b""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # EIO: the other side is closed
        break
    if not piece:
        break
    said += piece
    unanswered += piece
    if typing and typing[0][0].encode() in unanswered:
        keys = typing.pop(0)[1]
        unanswered = b""
        if keys == "hang up":
            break
        os.write(terminal, keys.encode())
os.close(terminal)
sys.stdout.write(said.decode("utf-8", "replace"))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
