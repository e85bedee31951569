"""Binds an AF_XDP socket to queue 0 of the interface named first, and runs the rest of its arguments meanwhile."""
import ctypes
import mmap
import os
import socket
import struct
import subprocess
import sys

AF_XDP, SOL_XDP, XDP_COPY = 44, 283, 2
RX_RING, UMEM_REG, FILL_RING, COMPLETION_RING = 2, 4, 5, 6
CHUNK, CHUNKS = 4096, 16

holder = socket.socket(AF_XDP, socket.SOCK_RAW, 0)
memory = mmap.mmap(-1, CHUNK * CHUNKS)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
holder.setsockopt(SOL_XDP, UMEM_REG, struct.pack("QQIIII", address, CHUNK * CHUNKS, CHUNK, 0, 0, 0))
for ring in (FILL_RING, COMPLETION_RING, RX_RING):
    holder.setsockopt(SOL_XDP, ring, struct.pack("I", CHUNKS))
place = struct.pack("HHIII", AF_XDP, XDP_COPY, socket.if_nametoindex(sys.argv[1]), 0, 0)
if ctypes.CDLL(None, use_errno=True).bind(holder.fileno(), place, len(place)) != 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
sys.exit(subprocess.run(sys.argv[2:]).returncode)
