# cmake -DLIBRARY=<file> -DDESTINATION=<dir> -P PackageLibrary.cmake: copies the library and writes its SHA-256.

get_filename_component(name "${LIBRARY}" NAME)
file(COPY "${LIBRARY}" DESTINATION "${DESTINATION}")
file(SHA256 "${LIBRARY}" digest)
file(WRITE "${DESTINATION}/${name}.sha256" "${digest}  ${name}\n")
