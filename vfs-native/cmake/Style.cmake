# Format and static checks of the C sources, as tests. Formatting and cppcheck take a second and always run;
# clang-tidy and gcc -fanalyzer take long enough to be asked for: LS_CHECKS, which CI sets. A tool that is missing costs
# one line, in CI the build.

file(GLOB style_files CONFIGURE_DEPENDS include/*.h src/*.[ch] tests/*.[ch] fuzz/*.[ch])

# Usage: find_checker(<variable> <what does not run> <Debian package> <names>...)
function(find_checker variable what package)
  find_program(${variable} NAMES ${ARGN})
  if(NOT ${variable})
    if("$ENV{CI}" STREQUAL "true")
      message(FATAL_ERROR "CI needs ${ARGN} for: ${what} (Debian: apt install ${package})")
    endif()
    message(NOTICE "not run: ${what}; install ${ARGN} (Debian: apt install ${package})")
  endif()
endfunction()

# Other versions of clang-format break some lines elsewhere, so only this one counts.
find_checker(CLANG_FORMAT "C format check" clang-format-19 clang-format-19)
if(CLANG_FORMAT)
  add_test(NAME style_format COMMAND ${CLANG_FORMAT} --dry-run --Werror ${style_files})
  add_custom_target(format COMMAND ${CLANG_FORMAT} -i ${style_files} VERBATIM)
endif()

find_checker(CPPCHECK "cppcheck" cppcheck cppcheck)
if(CPPCHECK)
  add_test(NAME style_cppcheck
           COMMAND ${CPPCHECK} --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr
                   --std=c11 --suppress=missingIncludeSystem -I ${CMAKE_CURRENT_SOURCE_DIR}/include
                   -I ${CMAKE_CURRENT_SOURCE_DIR}/src ${core_sources})
endif()

if(LS_CHECKS OR "$ENV{CI}" STREQUAL "true")
  find_checker(CLANG_TIDY "clang-tidy" clang-tidy-19 clang-tidy-19 clang-tidy)
  find_checker(GCC "gcc -fanalyzer" gcc gcc)
  set(usage -std=c11 -I${CMAKE_CURRENT_SOURCE_DIR}/include -I${CMAKE_CURRENT_SOURCE_DIR}/src
            -isystem ${CMAKE_CURRENT_SOURCE_DIR}/sqlite -D${version_definition})
  foreach(source IN LISTS core_sources)
    get_filename_component(name "${source}" NAME_WE)
    if(CLANG_TIDY)
      add_test(NAME style_clang_tidy_${name}
               COMMAND ${CLANG_TIDY} --quiet --warnings-as-errors=* ${source} -- ${usage})
    endif()
    if(GCC)
      add_test(NAME style_gcc_analyzer_${name}
               COMMAND ${GCC} -O1 -fanalyzer -Werror -S -o /dev/null ${usage} ${source})
    endif()
  endforeach()
endif()
