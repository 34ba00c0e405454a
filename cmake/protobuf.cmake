# C code for the messages of proto/*.proto, made in the build folder by protoc-c.

# add_protobuf_messages(NAME): the static library NAME; its headers are "proto/FILE.pb-c.h".
# The generated code is compiled without our warnings, which it does not meet.
function(add_protobuf_messages name)
    find_packages(libprotobuf-c)
    file(GLOB protos CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/proto/*.proto")
    if(NOT protos)
        add_library(${name} INTERFACE)
        target_link_libraries(${name} INTERFACE PkgConfig::libprotobuf-c)
        return()
    endif()
    find_program(PROTOC_C NAMES protoc-c REQUIRED)
    set(generated "${CMAKE_BINARY_DIR}/generated")
    file(MAKE_DIRECTORY "${generated}/proto")
    foreach(proto IN LISTS protos)
        cmake_path(GET proto STEM stem)
        set(made "${generated}/proto/${stem}.pb-c.c" "${generated}/proto/${stem}.pb-c.h")
        add_custom_command(OUTPUT ${made}
            COMMAND ${PROTOC_C} "--proto_path=${CMAKE_SOURCE_DIR}/proto" "--c_out=${generated}/proto"
                "${stem}.proto"
            DEPENDS ${protos}
            WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
            COMMENT "Generating ${stem}.pb-c.c"
            VERBATIM)
        list(APPEND sources ${made})
    endforeach()
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PRIVATE generated-code PUBLIC PkgConfig::libprotobuf-c)
    target_include_directories(${name} SYSTEM PUBLIC "${generated}" "${generated}/proto")
endfunction()
