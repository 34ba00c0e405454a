# Unit tests (libcheck) and fuzz targets (libFuzzer).

# add_unit_tests(LAYER...): every tests/LAYER/test_*.c is one program that links its layer, labelled
# with the layer's name.  Other .c files there are helpers that all tests of the layer link, but for
# codec_lines.c, the program that acceptance/codecs runs.
# Programs run in the source folder, so that they find their data files.
function(add_unit_tests)
    find_packages(check)
    foreach(layer IN LISTS ARGN)
        file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${layer}/test_*.c")
        file(GLOB helpers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${layer}/*.c")
        list(FILTER helpers EXCLUDE REGEX "/((test|fuzz)_[^/]*|codec_lines[.]c)$")
        set(libraries ${layer} PkgConfig::check)
        if(helpers)
            add_library(tests-${layer} STATIC ${helpers})
            target_link_libraries(tests-${layer} PRIVATE compiling PUBLIC ${libraries})
            set(libraries tests-${layer})
        endif()
        foreach(source IN LISTS tests)
            cmake_path(GET source STEM stem)
            set(program ${layer}-${stem})
            add_executable(${program} "${source}")
            target_link_libraries(${program} PRIVATE compiling ${libraries})
            add_test(NAME ${layer}/${stem} COMMAND ${program}
                WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
            set_tests_properties(${layer}/${stem} PROPERTIES LABELS ${layer} TIMEOUT 300
                ENVIRONMENT CK_TIMEOUT_MULTIPLIER=10)
        endforeach()
    endforeach()
endfunction()

# add_codec_lines(): puts values of another implementation through our codecs.
function(add_codec_lines)
    if(EXISTS "${CMAKE_SOURCE_DIR}/tests/schema/codec_lines.c")
        add_executable(codec_lines tests/schema/codec_lines.c)
        target_link_libraries(codec_lines PRIVATE compiling schema)
    endif()
endfunction()

# add_fuzzers(LAYER...): every tests/LAYER/fuzz_*.c is one program that links its layer.
function(add_fuzzers)
    foreach(layer IN LISTS ARGN)
        file(GLOB fuzzers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${layer}/fuzz_*.c")
        foreach(source IN LISTS fuzzers)
            cmake_path(GET source STEM stem)
            add_executable(${stem} "${source}")
            target_link_libraries(${stem} PRIVATE compiling ${layer})
            target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
        endforeach()
    endforeach()
endfunction()
