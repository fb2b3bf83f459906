# cmake -DNM= -DREADELF= -DLIBRARY= -DHEADER= -DEXPORTS= -P CheckInterface.cmake
# The library exports what the header declares with LS_API and its entry point, nothing else, and needs libc alone (so
# one binary serves glibc and musl: _Thread_local would add the dynamic linker, pthread_create libpthread). The gate of a
# release asks for more, by the list in exports.txt, which must not fall behind.

set(declared sqlite3_litestreamjdbc_init)
file(READ "${HEADER}" header)
# What only the copy with planted defects has.
string(REGEX REPLACE "#ifdef LS_MUTANTS[^#]*#endif" "" header "${header}")
# A list would split at the semicolons of the C text.
string(REPLACE ";" "\n" header "${header}")
string(REGEX MATCHALL "\nLS_API [^(]*[ *\n]ls_[a-z0-9_]+\\(" declarations "${header}")
foreach(declaration IN LISTS declarations)
  string(REGEX REPLACE ".*[ *\n](ls_[a-z0-9_]+)\\($" "\\1" name "${declaration}")
  list(APPEND declared "${name}")
endforeach()

file(STRINGS "${EXPORTS}" listed)
list(SORT declared)
if(NOT listed STREQUAL declared)
  message(FATAL_ERROR "${EXPORTS} must be what the header declares: ${declared}")
endif()

execute_process(COMMAND "${NM}" -D --defined-only --format=posix "${LIBRARY}" OUTPUT_VARIABLE symbols
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${symbols}")
set(exported "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE " .*" "" name "${line}")
  list(APPEND exported "${name}")
endforeach()

set(unexpected ${exported})
list(REMOVE_ITEM unexpected ${declared})
set(missing ${declared})
list(REMOVE_ITEM missing ${exported})
if(unexpected OR missing)
  message(FATAL_ERROR "${LIBRARY}: exported but not declared with LS_API: [${unexpected}]; "
                      "declared but not exported: [${missing}]")
endif()

execute_process(COMMAND "${READELF}" -d "${LIBRARY}" OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\\(NEEDED\\)[^\n]*" needed "${dynamic}")
foreach(line IN LISTS needed)
  if(NOT line MATCHES "\\[libc\\.so[.0-9]*\\]")
    message(FATAL_ERROR "${LIBRARY}: must need libc only, but: ${line}")
  endif()
endforeach()

execute_process(COMMAND "${NM}" -D --undefined-only --format=posix "${LIBRARY}" OUTPUT_VARIABLE undefined
                COMMAND_ERROR_IS_FATAL ANY)
if(undefined MATCHES "_chk[@ ]")
  message(FATAL_ERROR "${LIBRARY}: fortified libc calls, which musl does not have:\n${undefined}")
endif()
