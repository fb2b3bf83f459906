# fuzz/fuzz_*.c with libFuzzer, ASan and UBSan. See fuzz/README.md.

if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "LS_FUZZ needs clang with libFuzzer (Debian: apt install clang-19 libclang-rt-19-dev), "
                      "found ${CMAKE_C_COMPILER_ID}: set CC=clang")
endif()

set(fuzzing -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -g)
add_library(core_fuzzed OBJECT ${core_sources} tests/stub_api.c)
target_link_libraries(core_fuzzed PUBLIC core_headers)
target_include_directories(core_fuzzed PUBLIC tests)
target_compile_options(core_fuzzed PUBLIC ${fuzzing})

file(GLOB fuzz_mains CONFIGURE_DEPENDS fuzz/fuzz_*.c)
foreach(main IN LISTS fuzz_mains)
  get_filename_component(name "${main}" NAME_WE)
  add_executable(${name} ${main})
  target_link_libraries(${name} PRIVATE core_fuzzed)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
endforeach()
