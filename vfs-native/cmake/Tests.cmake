# The simulator must find planted defects: this copy has them behind test-only switches, and no jar contains it.
if(NOT CMAKE_CROSSCOMPILING)
  add_library(core_mutants OBJECT ${core_sources})
  target_compile_definitions(core_mutants PRIVATE LS_MUTANTS=1)
  target_link_libraries(core_mutants PUBLIC core_headers)
  add_extension(litestream_jdbc_mutants core_mutants)
endif()

# Every test is built twice: against the objects that ship, and with ASan, UBSan, assertions and LS_DEBUG (which turns
# on the invariant checks). A compiler without sanitizers loses the second half, and says so; in CI that is a failure.
# Cross builds have the first half only: tools/cross-tests.sh runs it.

include(CheckCSourceCompiles)

file(GLOB test_mains CONFIGURE_DEPENDS tests/test_*.c)
file(GLOB test_support CONFIGURE_DEPENDS tests/*.c)
list(REMOVE_ITEM test_support ${test_mains})

# What tests share, once for each way to compile it.
# Usage: add_support(<suffix> [compile options]...)
function(add_support suffix)
  add_library(support${suffix} OBJECT ${test_support})
  target_link_libraries(support${suffix} PRIVATE core_headers)
  target_compile_options(support${suffix} PRIVATE ${ARGN})
endfunction()

# The limit is for a broken test that would wait for ever, not for a slow machine, or qemu on one.
# Usage: add_core_test(<test> <source> <suffix of its support> <object library of the core> <its arguments> [options]...)
function(add_core_test test main suffix objects arguments)
  add_executable(${test} ${main} $<TARGET_OBJECTS:support${suffix}> $<TARGET_OBJECTS:${objects}>)
  target_link_libraries(${test} PRIVATE core_headers)
  target_include_directories(${test} PRIVATE tests)
  target_compile_options(${test} PRIVATE ${ARGN})
  target_link_options(${test} PRIVATE -pthread ${ARGN})
  add_test(NAME ${test} COMMAND ${test} ${arguments})
  set_tests_properties(${test} PROPERTIES TIMEOUT 1800)
endfunction()

# Usage: add_core_tests(<suffix> <object library of the core> [compile and link options]...)
function(add_core_tests suffix objects)
  add_support("${suffix}" ${ARGN})
  foreach(main IN LISTS test_mains)
    get_filename_component(name "${main}" NAME_WE)
    add_core_test(${name}${suffix} ${main} "${suffix}" ${objects} "" ${ARGN})
  endforeach()
endfunction()

add_core_tests("" core)

if(NOT sanitizers AND NOT CMAKE_CROSSCOMPILING)
  set(sanitizing -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g -UNDEBUG
                 -DLS_DEBUG=1)
  set(CMAKE_REQUIRED_FLAGS "-fsanitize=address,undefined")
  check_c_source_compiles("int main(void) { return 0; }" LS_HAS_SANITIZERS)
  unset(CMAKE_REQUIRED_FLAGS)

  if(LS_HAS_SANITIZERS)
    add_library(core_sanitized OBJECT ${core_sources})
    target_link_libraries(core_sanitized PUBLIC core_headers)
    target_compile_options(core_sanitized PRIVATE ${sanitizing})
    add_core_tests("_sanitized" core_sanitized ${sanitizing})
  elseif("$ENV{CI}" STREQUAL "true")
    message(FATAL_ERROR "CI needs a compiler with -fsanitize=address,undefined (Debian: gcc or clang, libclang-rt-dev)")
  else()
    message(NOTICE "not run: C tests under ASan and UBSan; install the sanitizer libraries of your compiler")
  endif()
endif()

# What threads do to the page cache and to page indexes, under ThreadSanitizer too.
if(NOT sanitizers AND NOT CMAKE_CROSSCOMPILING)
  set(CMAKE_REQUIRED_FLAGS "-fsanitize=thread")
  check_c_source_compiles("int main(void) { return 0; }" LS_HAS_TSAN)
  unset(CMAKE_REQUIRED_FLAGS)
  if(LS_HAS_TSAN)
    set(threading -fsanitize=thread -fno-omit-frame-pointer -g)
    add_library(core_threads OBJECT ${core_sources})
    target_link_libraries(core_threads PUBLIC core_headers)
    target_compile_options(core_threads PRIVATE ${threading})
    add_support(_threads ${threading})
    foreach(name test_cache test_parts)
      add_core_test(${name}_threads tests/${name}.c _threads core_threads threads ${threading})
    endforeach()
  elseif("$ENV{CI}" STREQUAL "true")
    message(FATAL_ERROR "CI needs a compiler with -fsanitize=thread (Debian: gcc or clang, libclang-rt-dev)")
  else()
    message(NOTICE "not run: the page cache and page indexes under ThreadSanitizer; install the sanitizer libraries of your compiler")
  endif()
endif()

if(CMAKE_CROSSCOMPILING)
  return()
endif()
find_program(NM nm)
find_program(READELF readelf)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NM AND READELF AND NOT sanitizers)
  add_test(NAME library_interface
           COMMAND ${CMAKE_COMMAND} -DNM=${NM} -DREADELF=${READELF} -DLIBRARY=$<TARGET_FILE:litestream_jdbc>
                   -DHEADER=${CMAKE_CURRENT_SOURCE_DIR}/include/litestream.h
                   -DEXPORTS=${CMAKE_CURRENT_SOURCE_DIR}/exports.txt
                   -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/CheckInterface.cmake)
else()
  message(NOTICE "not run: the check of exported symbols; it needs Linux with binutils and a build without sanitizers")
endif()
