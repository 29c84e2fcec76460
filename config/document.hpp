// YAML text taken apart into settings that know where they were written.
// Internal to config/*.cpp; the only file pair that knows yaml-cpp.
#pragma once

#include "load.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ros::config {

/// One setting as written, before anybody knows which type it should have.
struct entry {
  enum class shape {
    nothing, ///< null, or no value at all
    plain,   ///< a scalar without quotes: may be a number or true/false
    quoted,  ///< a scalar that can only be text
    list,
    mapping, ///< {}: mappings with content are taken apart instead
  };
  std::string key; ///< dotted
  shape what = shape::nothing;
  std::string text;         ///< of a scalar
  std::vector<entry> items; ///< of a list; their keys are empty
  place where;              ///< of the value
  place key_where;
};

struct document {
  std::vector<entry> entries;    ///< in the order of the text
  std::vector<problem> problems; ///< syntax, duplicate keys
};

/// `file` appears in places and problems.
document parse_document(const std::string& yaml, const std::string& file);
/// What "--set KEY=VALUE" says.
document parse_assignment(const std::string& text);
/// A setting given as an option of its own, e.g. "--root".
entry make_option_entry(std::string key, std::string value, std::string option);

} // namespace ros::config
