add_executable(codec_bench "${CMAKE_CURRENT_LIST_DIR}/codec_bench.cpp")
target_compile_options(codec_bench PRIVATE ${ROS_WARNINGS})
target_link_libraries(codec_bench PRIVATE ros_sync benchmark::benchmark)
