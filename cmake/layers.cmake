# A layer is a folder and the static library made of its sources.

# add_layer(NAME [USES layer...] [PACKAGES pkg-config name...])
#
# A folder without sources gives an empty layer.  provider/main.c belongs to the executable.
function(add_layer layer)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;PACKAGES")
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${layer}/*.c")
    list(REMOVE_ITEM sources "${CMAKE_SOURCE_DIR}/provider/main.c")
    find_packages(${arg_PACKAGES})
    list(TRANSFORM arg_PACKAGES PREPEND "PkgConfig::")
    if(sources)
        add_library(${layer} STATIC ${sources})
        target_link_libraries(${layer} PRIVATE compiling PUBLIC ${arg_USES} ${arg_PACKAGES})
    else()
        add_library(${layer} INTERFACE)
        target_link_libraries(${layer} INTERFACE ${arg_USES} ${arg_PACKAGES})
    endif()
endfunction()
