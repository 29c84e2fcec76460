// The permission rows of the ADMIN REALM, small enough for millions: names are kept once,
// a row is 24 bytes and two numbers in the indexes by user and by path. Part of
// admin_state.
#pragma once

#include "rights.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ros::actors {

/// Texts as numbers, each with what is listed under it.
class numbered_names {
public:
  using number = std::uint32_t;

  [[nodiscard]] std::optional<number> find(std::string_view name) const;
  [[nodiscard]] const std::string& name(number x) const { return *slots_[x].name; }
  /// Those listed under it, in no order.
  [[nodiscard]] const std::vector<number>& listed(number x) const { return slots_[x].listed; }

  number add(std::string_view name);
  void list(number under, number what) { slots_[under].listed.push_back(what); }
  /// Takes one away; a name under which nothing is left is forgotten.
  void unlist(number under, number what);

private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view x) const noexcept {
      return std::hash<std::string_view>{}(x);
    }
  };
  struct slot {
    const std::string* name = nullptr; ///< in numbers_
    std::vector<number> listed;
  };
  std::unordered_map<std::string, number, hash, std::equal_to<>> numbers_;
  std::vector<slot> slots_;
  std::vector<number> free_;
};

class permission_table {
public:
  struct row {
    rights allowed;
    std::int64_t updated_ms = 0; ///< Unix milliseconds
    friend bool operator==(const row&, const row&) = default;
  };

  /// The row of a user, or, with an empty user, the default row; nullptr if there is none.
  [[nodiscard]] const row* find(std::string_view user, std::string_view path) const;
  void set(std::string_view user, std::string_view path, const row& x);
  void erase(std::string_view user, std::string_view path);

  /// All with a row on this path; the default row's is empty.
  [[nodiscard]] std::vector<std::string> users_of(std::string_view path) const;
  /// All paths on which the user has a row.
  [[nodiscard]] std::vector<std::string> paths_of(std::string_view user) const;
  /// Whether a row of the path fits.
  [[nodiscard]] bool
  any_of_path(std::string_view path,
              const std::function<bool(const std::string& user, const row&)>& fits) const;

  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

private:
  using number = numbered_names::number;
  static std::uint64_t join(number user, number path) { return std::uint64_t{user} << 32 | path; }

  numbered_names users_;
  numbered_names paths_;
  boost::unordered_flat_map<std::uint64_t, row> rows_;
};

} // namespace ros::actors
