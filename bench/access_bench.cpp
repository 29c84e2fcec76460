// How fast the ADMIN REALM starts and answers: 100,000 users, 20,000 Realms and 1,000,000
// permission rows in a real database are read as at a start of the server; then random
// users ask for their rights on random Realms.
//   access_bench [DIRECTORY]
#include "actors/admin_state.hpp"
#include "storage/admin_store.hpp"
#include "storage/database.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace ros;
using steady = std::chrono::steady_clock;

constexpr std::size_t users = 100'000, realms = 20'000, rows_per_realm = 50;
constexpr std::size_t rows_per_entry = 20'000;

double seconds_since(steady::time_point begin) {
  return std::chrono::duration<double>(steady::now() - begin).count();
}

std::string user_id(std::size_t i) {
  char text[40];
  std::snprintf(text, sizeof text, "%032zx", i * 2'654'435'761 % 4'294'967'291);
  return text;
}

std::string path_of(std::size_t i) {
  return '/' + user_id(i % users) + "/project" + std::to_string(i);
}

/// The store of such a server, entry by entry.
bool fill(storage::database& db) {
  std::vector<std::pair<std::string, std::optional<std::string>>> rows;
  std::uint64_t sequence = 0;
  auto flush = [&] {
    std::vector<storage::log_entry> entries{storage::make_admin_entry(++sequence, rows)};
    std::vector<bool> refused;
    rows.clear();
    return db.write(entries, refused).has_value();
  };
  auto add = [&](actors::admin_row row) {
    rows.emplace_back(std::move(row.key), std::move(row.value));
    return rows.size() < rows_per_entry || flush();
  };
  bool good = true;
  for (std::size_t i = 0; i < users && good; ++i) {
    const auto name = std::to_string(i);
    good = add(actors::write_user(user_id(i), {.created_ms = 1})) &&
           add(actors::write_account({"password", "user" + name + "@example.com"}, user_id(i),
                                     std::string(97, 'x')));
  }
  std::mt19937_64 random{1};
  for (std::size_t i = 0; i < realms && good; ++i) {
    good = add(actors::write_realm({path_of(i), i + 1, user_id(i % users), 1, ""}));
    for (std::size_t n = 0; n < rows_per_realm && good; ++n)
      good = add({actors::permission_key(path_of(i), user_id(random() % users)),
                  actors::write_permission(actors::read_write, 1)});
  }
  return good && flush();
}

/// Resident memory of this process, in MB.
double resident() {
  std::ifstream file("/proc/self/statm");
  double total = 0, pages = 0;
  file >> total >> pages;
  return pages * 4096 / 1e6;
}

} // namespace

int main(int argc, char** argv) {
  const std::filesystem::path root = argc > 1 ? argv[1] : "access_bench_data";
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root);
  {
    auto db = storage::database::open(root);
    if (!db || !fill(**db)) {
      std::fprintf(stderr, "cannot write to %s\n", root.c_str());
      return 1;
    }
  }
  auto begin = steady::now();
  auto db = storage::database::open(root);
  const auto opened = seconds_since(begin);
  const auto before = resident();
  actors::admin_state state{actors::admin_rules{}};
  begin = steady::now();
  auto read = storage::visit_admin_rows(
      **db,
      [&](std::string_view key, std::string_view value) {
        static_cast<void>(state.apply({std::string{key}, std::string{value}}));
      },
      actors::first_audit_key);
  const auto loaded = seconds_since(begin);
  const auto grown = resident() - before;
  if (!read)
    return 1;

  constexpr std::size_t questions = 1'000'000;
  std::mt19937_64 random{2};
  std::vector<std::pair<actors::caller, std::string>> asked;
  for (std::size_t i = 0; i < 10'000; ++i)
    asked.push_back({{user_id(random() % users), false}, path_of(random() % realms)});
  std::size_t allowed = 0;
  begin = steady::now();
  for (std::size_t i = 0; i < questions; ++i) {
    const auto& [who, path] = asked[i % asked.size()];
    allowed += state.allowed(who, path).any();
  }
  const auto each = seconds_since(begin) / questions;
  const auto totals = state.totals();
  std::printf("{\"users\": %llu, \"permissions\": %llu, \"open_s\": %.3f, \"load_s\": %.3f, "
              "\"memory_mb\": %.0f, \"allowed_us\": %.3f, \"allowed\": %zu}\n",
              static_cast<unsigned long long>(totals.users),
              static_cast<unsigned long long>(totals.permissions), opened, loaded, grown,
              each * 1e6, allowed);
  std::filesystem::remove_all(root);
}
