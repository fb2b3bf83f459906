set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER_TARGET aarch64-macos.11.0)
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
