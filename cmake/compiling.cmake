# How every file of ours is compiled and linked: the interface targets `generated-code` (what
# generated files get too) and `compiling` (that, and our warnings as errors).
include(CheckPIESupported)
include(CheckIPOSupported)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
check_pie_supported(LANGUAGES C)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
endif()

# tools/build-static uses it: every library is an archive, and curl one that was built for this.
option(STATIC_PROGRAM "Link one static program" OFF)
if(STATIC_PROGRAM)
    set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
    add_compile_definitions(CURL_STATICLIB)
    add_link_options(-static)
    set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
    set(CMAKE_C_STANDARD_LIBRARIES "-lcurl -lnghttp2 -lssl -lcrypto -lm -lpthread -ldl")
endif()

find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# Every package is an imported target PACKAGE::name, looked up once.
function(find_packages)
    foreach(name IN LISTS ARGN)
        if(NOT TARGET PkgConfig::${name})
            pkg_check_modules(${name} REQUIRED QUIET IMPORTED_TARGET GLOBAL ${name})
        endif()
    endforeach()
endfunction()

add_library(generated-code INTERFACE)
target_compile_definitions(generated-code INTERFACE _GNU_SOURCE)
target_compile_options(generated-code INTERFACE -fstack-protector-strong)
target_link_options(generated-code INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
target_link_libraries(generated-code INTERFACE Threads::Threads)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    # Sections are collected and symbols dropped: the binary is downloaded by every user.
    target_compile_definitions(generated-code INTERFACE _FORTIFY_SOURCE=3)
    target_compile_options(generated-code INTERFACE -ffunction-sections -fdata-sections)
    target_link_options(generated-code INTERFACE -Wl,--gc-sections -Wl,--as-needed -s)
    check_ipo_supported(RESULT LINK_TIME_OPTIMIZATION OUTPUT ignored LANGUAGES C)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${LINK_TIME_OPTIMIZATION})
endif()

if(SANITIZERS)
    target_compile_options(generated-code INTERFACE
        -fsanitize=${SANITIZERS} -fno-sanitize-recover=all)
    target_link_options(generated-code INTERFACE -fsanitize=${SANITIZERS})
endif()

add_library(compiling INTERFACE)
target_link_libraries(compiling INTERFACE generated-code)
target_include_directories(compiling INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(compiling INTERFACE PROVIDER_VERSION="${PROJECT_VERSION}")
target_compile_options(compiling INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wvla
    -Wwrite-strings -Werror)
