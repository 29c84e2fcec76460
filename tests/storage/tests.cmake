# Faults below the store, and a program to be killed while it writes.
file(GLOB crash_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/support/crash/*.cpp")
add_library(crash_support STATIC ${crash_sources})
target_compile_options(crash_support PRIVATE ${ROS_WARNINGS})
target_include_directories(crash_support PUBLIC "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(crash_support PUBLIC ros_storage)
target_link_libraries(storage_tests PRIVATE crash_support)

add_executable(crash_writer "${CMAKE_CURRENT_LIST_DIR}/crash_writer/crash_writer.cpp")
target_compile_options(crash_writer PRIVATE ${ROS_WARNINGS})
target_include_directories(crash_writer PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(crash_writer PRIVATE ros_storage GTest::gtest)
add_dependencies(storage_tests crash_writer)
