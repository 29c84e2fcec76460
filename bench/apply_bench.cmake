add_executable(apply_bench "${CMAKE_CURRENT_LIST_DIR}/apply_bench.cpp")
target_compile_options(apply_bench PRIVATE ${ROS_WARNINGS})
target_include_directories(apply_bench PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(apply_bench PRIVATE ros_sync benchmark::benchmark)
