#include "auth_names.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace ros::actors {

std::optional<std::string> normalise_account_name(std::string_view text) {
  if (text.empty() || text.size() > max_account_name)
    return std::nullopt;
  auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii))
    return std::string{text};
  utf8proc_uint8_t* raw = nullptr;
  auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                           static_cast<utf8proc_ssize_t>(text.size()), &raw,
                           static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> normal{raw, &std::free};
  if (size < 1 || static_cast<std::size_t>(size) > max_account_name)
    return std::nullopt;
  return std::string{reinterpret_cast<const char*>(normal.get()), static_cast<std::size_t>(size)};
}

} // namespace ros::actors
