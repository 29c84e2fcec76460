// The admin Realm's rows (column family `admin`): plain keys and values whose
// meaning belongs to actors/admin_state. Same log, same rules as Realms.
#pragma once

#include "database.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::storage {

using admin_row_visitor = std::function<void(std::string_view key, std::string_view value)>;

/// Visits all rows in key order, or only those in front of `end` if it is not empty; the
/// answer is the sequence of the last applied entry.
result<std::uint64_t> visit_admin_rows(const database& db, const admin_row_visitor& visit,
                                       std::string_view end = {});

/// Visits rows with `first` <= key < `end` from the last one backwards, until `visit`
/// answers false.
result<void> visit_admin_rows_backwards(
    const database& db, std::string_view first, std::string_view end,
    const std::function<bool(std::string_view key, std::string_view value)>& visit);

/// An entry of the admin Realm; rows without value are removed.
log_entry
make_admin_entry(std::uint64_t sequence,
                 const std::vector<std::pair<std::string, std::optional<std::string>>>& rows);

} // namespace ros::storage
