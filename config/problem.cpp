#include "load.hpp"

namespace ros::config {

std::string problem::text() const {
  std::string out;
  if (!where.file.empty())
    out += where.file + ':';
  if (where.line > 0)
    out += std::to_string(where.line) + ':' + std::to_string(where.column) + ':';
  if (!out.empty())
    out += ' ';
  out += level == severity::error ? "error: " : "warning: ";
  if (!key.empty())
    out += key + ": ";
  out += reason;
  if (!where.excerpt.empty())
    out += '\n' + where.excerpt;
  return out;
}

} // namespace ros::config
