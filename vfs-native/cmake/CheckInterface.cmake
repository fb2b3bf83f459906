# cmake -DNM= -DREADELF= -DLIBRARY= -DEXPECTED= -P CheckInterface.cmake
# The library exports nothing that exports.txt does not list, and needs libc and nothing else (so one binary serves glibc and
# musl: _Thread_local would add the dynamic linker, pthread_create libpthread).

execute_process(COMMAND "${NM}" -D --defined-only --format=posix "${LIBRARY}" OUTPUT_VARIABLE symbols
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${symbols}")
set(found "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE " .*" "" symbol "${line}")
  list(APPEND found "${symbol}")
endforeach()
list(SORT found)

file(STRINGS "${EXPECTED}" expected REGEX "^[a-z]")
list(SORT expected)

set(unexpected ${found})
list(REMOVE_ITEM unexpected ${expected})
if(unexpected)
  message(FATAL_ERROR "${LIBRARY}: exported but not in exports.txt: ${unexpected}")
endif()

execute_process(COMMAND "${READELF}" -d "${LIBRARY}" OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\\(NEEDED\\)[^\n]*\\[[^]]+\\]" needed "${dynamic}")
foreach(line IN LISTS needed)
  if(NOT line MATCHES "\\[libc\\.so[.0-9]*\\]$")
    message(FATAL_ERROR "${LIBRARY}: must need libc only, but: ${line}")
  endif()
endforeach()

execute_process(COMMAND "${NM}" -D --undefined-only --format=posix "${LIBRARY}" OUTPUT_VARIABLE undefined
                COMMAND_ERROR_IS_FATAL ANY)
if(undefined MATCHES "_chk[@ ]")
  message(FATAL_ERROR "${LIBRARY}: fortified libc calls, which musl does not have:\n${undefined}")
endif()
