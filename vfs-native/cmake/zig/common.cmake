# What all targets share: zig's clang, headers and C libraries, from the environment of zig.sh. No other compiler gives
# the same five libraries on every machine, or a floor as low as glibc 2.17.
if(NOT DEFINED ENV{LS_ZIG})
  message(FATAL_ERROR "LS_ZIG is not set: build with vfs-native/tools/natives.sh, which installs zig and names it")
endif()
set(CMAKE_C_COMPILER "$ENV{LS_ZIG}" cc)
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-s")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-s")
# What the host has installed is no part of the target.
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
# Zig builds the C library of each kind of link anew, which for Windows takes minutes: only what ships is linked.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
