# For tests only: the core under musl. What ships for Linux is the library of cmake/zig/linux-x86_64.cmake.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER musl-gcc)
