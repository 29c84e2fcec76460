add_executable(join_bench "${CMAKE_CURRENT_LIST_DIR}/join_bench.cpp")
target_compile_options(join_bench PRIVATE ${ROS_WARNINGS})
target_include_directories(join_bench PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(join_bench PRIVATE ros_storage test_support)
