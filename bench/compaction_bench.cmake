add_executable(compaction_bench "${CMAKE_CURRENT_LIST_DIR}/compaction_bench.cpp")
target_compile_options(compaction_bench PRIVATE ${ROS_WARNINGS})
target_include_directories(compaction_bench PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(compaction_bench PRIVATE ros_sync benchmark::benchmark)
