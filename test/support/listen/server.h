#pragma once
void answer(int fd);
void by_uring(int listener);
