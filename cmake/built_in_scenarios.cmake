# Embeds the built-in scenarios, and the files that they name, in the program: PEERBED_BUILT_IN_SOURCE is a source file
# that contains them.

set(PEERBED_BUILT_IN_SOURCE ${PROJECT_BINARY_DIR}/scenarios/built_in_files.cpp)
file(GLOB built_in_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scenarios/*.yaml ${PROJECT_SOURCE_DIR}/scenarios/*.graphml)
set(PEERBED_BUILT_IN_ASSEMBLY "")
set(PEERBED_BUILT_IN_NAMES "")
set(PEERBED_BUILT_IN_TABLE "")
set(number 0)
foreach(file ${built_in_files})
  cmake_path(GET file FILENAME name)
  string(APPEND PEERBED_BUILT_IN_ASSEMBLY
    "peerbed_built_in_${number}:\n    .incbin \"${file}\"\npeerbed_built_in_${number}_end:\n    .byte 0\n")
  string(APPEND PEERBED_BUILT_IN_NAMES
    "extern \"C\" const char peerbed_built_in_${number}[];\nextern \"C\" const char peerbed_built_in_${number}_end[];\n")
  string(APPEND PEERBED_BUILT_IN_TABLE
    "    {\"${name}\", text(peerbed_built_in_${number}, peerbed_built_in_${number}_end)},\n")
  math(EXPR number "${number} + 1")
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/cmake/built_in_files.cpp.in ${PEERBED_BUILT_IN_SOURCE} @ONLY)
set_source_files_properties(${PEERBED_BUILT_IN_SOURCE} PROPERTIES OBJECT_DEPENDS "${built_in_files}")
