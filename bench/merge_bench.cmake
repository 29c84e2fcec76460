add_executable(merge_bench "${CMAKE_CURRENT_LIST_DIR}/merge_bench.cpp")
target_compile_options(merge_bench PRIVATE ${ROS_WARNINGS})
target_link_libraries(merge_bench PRIVATE ros_sync benchmark::benchmark benchmark::benchmark_main)
