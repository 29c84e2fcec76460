// Rules between settings and rules about texts. Internal to config/*.cpp.
#pragma once

#include "load.hpp"

namespace ros::config {

/// Appends what is wrong with the values as a whole (operations.md 2.7).
void check_values(load_result& r);
/// The same about providers of others, functions and mail.
void check_provider_values(load_result& r);
/// Appends what is wrong with the files that those name.
void check_provider_files(load_result& r);
/// Appends a problem at the place where `key` was set, if it was.
void complain(load_result& r, severity level, const std::string& key, std::string reason);
/// File order, then what concerns no line, then the command line.
void sort_problems(load_result& r);
/// An error about this key is reported already.
bool is_refused(const load_result& r, const std::string& key);

} // namespace ros::config
