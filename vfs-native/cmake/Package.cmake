# META-INF/native/<os-arch>/<library> and, beside it, <library>.sha256 in the format of sha256sum: what the loader
# looks for in its class path and verifies before it loads.

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  set(package_os linux)
elseif(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  set(package_os macos)
elseif(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  set(package_os windows)
else()
  message(FATAL_ERROR "no package name for the system ${CMAKE_SYSTEM_NAME}: Linux, Darwin and Windows have one")
endif()

set(package_cpu "${CMAKE_SYSTEM_PROCESSOR}")
if(package_os STREQUAL "macos" AND CMAKE_OSX_ARCHITECTURES)
  set(package_cpu "${CMAKE_OSX_ARCHITECTURES}")
endif()
string(TOLOWER "${package_cpu}" package_cpu)
if(package_cpu MATCHES "^(x86_64|amd64)$")
  set(package_cpu x86_64)
elseif(package_cpu MATCHES "^(aarch64|arm64)$")
  set(package_cpu aarch64)
else()
  message(FATAL_ERROR "no package name for the processor ${package_cpu}: x86_64 and aarch64 have one")
endif()

add_custom_command(
  TARGET litestream_jdbc POST_BUILD
  COMMAND
    ${CMAKE_COMMAND} -DLIBRARY=$<TARGET_FILE:litestream_jdbc>
    -DDESTINATION=${LS_PACKAGE_DIR}/META-INF/native/${package_os}-${package_cpu}
    -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/PackageLibrary.cmake
  VERBATIM)
