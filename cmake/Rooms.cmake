# One target per folder ("room"). A room sees the headers of the rooms it links
# to and of nobody else: each room's include directory holds a single symbolic
# link to its own folder, so `#include "storage/x.hpp"` from sync/ does not
# compile (docs/architecture.md, "Rooms").
#
#   add_room(sync USES Boost::headers)
#   add_room(storage ROOMS sync runtime USES RocksDB::rocksdb-shared)
#
# PRECOMPILED names the headers that nearly every file of the room includes anyway.
function(add_room name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;USES;PRECOMPILED" ${ARGN})
  set(dir "${CMAKE_SOURCE_DIR}/${name}")
  set(view "${CMAKE_BINARY_DIR}/rooms/${name}")
  file(MAKE_DIRECTORY "${view}")
  file(CREATE_LINK "${dir}" "${view}/${name}" SYMBOLIC)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${dir}/*.cpp")
  if(sources)
    add_library(ros_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_compile_options(ros_${name} PRIVATE ${ROS_WARNINGS})
    if(ROOM_PRECOMPILED)
      target_precompile_headers(ros_${name} PRIVATE ${ROOM_PRECOMPILED})
    endif()
  else()
    add_library(ros_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(ros_${name} ${scope} "${view}")
  foreach(room IN LISTS ROOM_ROOMS)
    target_link_libraries(ros_${name} ${scope} ros_${room})
  endforeach()
  target_link_libraries(ros_${name} ${scope} ${ROOM_USES})
endfunction()

# A test program from every .cpp of one folder below tests/.
#   add_room_tests(sync ROOMS sync) -> sync_tests
function(add_room_tests name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;USES;SOURCES;PRECOMPILED" ${ARGN})
  if(ROOM_SOURCES)
    set(sources ${ROOM_SOURCES})
  else()
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${name}/*.cpp")
  endif()
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_tests ${sources})
  target_compile_options(${name}_tests PRIVATE ${ROS_WARNINGS})
  target_include_directories(${name}_tests PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_compile_definitions(${name}_tests PRIVATE
    ROS_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
    ROS_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    ROS_SHARED_DIR="${CMAKE_SOURCE_DIR}/../shared"
    ROS_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  foreach(room IN LISTS ROOM_ROOMS)
    target_link_libraries(${name}_tests PRIVATE ros_${room})
  endforeach()
  target_precompile_headers(${name}_tests PRIVATE <gtest/gtest.h> ${ROOM_PRECOMPILED})
  target_link_libraries(${name}_tests PRIVATE GTest::gtest GTest::gmock GTest::gtest_main ${ROOM_USES})
endfunction()
